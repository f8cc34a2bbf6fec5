/** Owns what people see of a question and its answer: the two forms, the direct messages, the lines in the thread. */
import type { CaseQuestion, Said } from '@sallyport/core';
import { FIELDS, questionValue, requestValue, VIEWS } from '../action-ids.ts';
import { type Block, buttonRow, context, type Message, type ModalView, plain, quote } from './blocks.ts';
import { openCardButton, replyButton } from './case-buttons.ts';
import { TITLES } from './form-words.ts';
import { limits, shown, typed } from './limits.ts';
import { personName, what } from './names.ts';
import { type Drawn, phaseOf } from './phase.ts';
import { asksFor } from './request-card.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';
import { cut, paragraph } from './text.ts';

/** The approver's form. */
export function askFormView(drawn: Drawn): ModalView {
  const { request } = drawn.case;
  return form({
    callback: VIEWS.ask,
    metadata: requestValue(request.id, request.revision),
    title: TITLES.ask,
    about: [sentenceBlock(asksFor(drawn), drawn.at.now)],
    label: 'What do you want to know?',
    hint: 'Whoever asked gets it as a direct message. The approvers see it, and the answer, too.',
  });
}

/** The requester's form. */
export function answerFormView(drawn: Drawn, question: CaseQuestion): ModalView {
  const { request } = drawn.case;
  return form({
    callback: VIEWS.answer,
    metadata: questionValue(request.id, request.revision, question.number),
    title: TITLES.reply,
    about: [sentenceBlock(asksLine(drawn, question), drawn.at.now), words(question.asked)],
    label: 'Your answer',
    hint: "All who may approve see it. Don't paste secrets.",
  });
}

/** To whoever asked for the access: the question, and Reply while it can be answered. */
export function questionMessage(drawn: Drawn, question: CaseQuestion): Message {
  const open = question.answered === undefined && phaseOf(drawn) === 'pending';
  return message(drawn, asksLine(drawn, question), [
    words(question.asked),
    ...(question.answered === undefined
      ? []
      : [sentenceBlock(answerLine(drawn, question.answered), drawn.at.now), words(question.answered)]),
    footer(drawn),
    ...buttonRow(open ? [replyButton(drawn, question.number)] : []),
  ]);
}

/** To whoever asked the question: the answer. */
export function answerMessage(drawn: Drawn, { asked, answered }: CaseQuestion, cardUrl: string | undefined): Message {
  if (answered === undefined) throw new Error('an answer that was not given is shown to nobody');
  const line: Sentence = [`${personName(drawn.at.policy, answered.by)} answered your question.`];
  return message(drawn, line, [
    words(asked),
    sentenceBlock(answerLine(drawn, answered), drawn.at.now),
    words(answered),
    footer(drawn),
    ...buttonRow(cardUrl === undefined ? [] : [openCardButton(drawn, cardUrl)]),
  ]);
}

/** A question as a line of the thread. */
export function askedLine(drawn: Drawn, { asked }: CaseQuestion): Message {
  return message(drawn, [`${personName(drawn.at.policy, asked.by)} asks:`], [words(asked)]);
}

/** An answer as a line of the thread. */
export function answeredLine(drawn: Drawn, answered: Said): Message {
  return message(drawn, answerLine(drawn, answered), [words(answered)]);
}

/** Every question with its answer, for Details. */
export function questionBlocks(drawn: Drawn): readonly Block[] {
  const { now, policy } = drawn.at;
  return (drawn.questions ?? []).flatMap(({ asked, answered }): Block[] => [
    sentenceBlock([`${personName(policy, asked.by)} asked at `, { at: asked.at }, ':'], now),
    words(asked),
    ...(answered === undefined
      ? [context('Not answered yet.')]
      : [
          sentenceBlock([`${personName(policy, answered.by)} answered at `, { at: answered.at }, ':'], now),
          words(answered),
        ]),
  ]);
}

function asksLine({ at: { policy } }: Drawn, { asked }: CaseQuestion): Sentence {
  return [`${personName(policy, asked.by)} has a question about your request:`];
}

function answerLine({ at: { policy } }: Drawn, { by }: Said): Sentence {
  return [`${personName(policy, by)} answers:`];
}

function words({ text }: Said): Block {
  return quote(cut(paragraph(text), shown.quote));
}

function footer({ case: { request }, at: { policy } }: Drawn): Block {
  return context(`${what(policy, request.access)} · ${request.id}`);
}

/** The words themselves stay out of `text`: it is what other apps and lock screens show. */
function message({ case: { request }, at: { now } }: Drawn, line: Sentence, rest: readonly Block[]): Message {
  return { text: messageText([...line, ` ${request.id}`], now), blocks: [sentenceBlock(line, now), ...rest] };
}

interface FormParts {
  readonly callback: string;
  readonly metadata: string;
  readonly title: string;
  readonly about: readonly Block[];
  readonly label: string;
  readonly hint: string;
}

function form({ callback, metadata, title, about, label, hint }: FormParts): ModalView {
  return {
    type: 'modal',
    callback_id: callback,
    private_metadata: metadata,
    title: plain(title, limits.viewTitle),
    submit: plain('Send', limits.viewTitle),
    close: plain('Back', limits.viewTitle),
    blocks: [
      ...about,
      {
        type: 'input',
        block_id: FIELDS.text,
        label: plain(label),
        hint: plain(hint),
        element: {
          type: 'plain_text_input',
          action_id: FIELDS.text,
          multiline: true,
          max_length: typed.question,
          focus_on_load: true,
        },
      },
    ],
  };
}
