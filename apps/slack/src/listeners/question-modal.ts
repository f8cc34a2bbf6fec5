/** A question, and an answer, sent. Committed first, then acknowledged. */

import type { Questioned, Refusal, Result } from '@sallyport/core';
import { FIELDS } from '../action-ids.ts';
import { attribution, type Desk, submissionOnce } from '../desk.ts';
import { fieldOf, readSubmission, type SeenSubmission } from '../payload.ts';
import { AT_FIELD, atMostCharacters, TITLES } from '../views/form-words.ts';
import { typed } from '../views/limits.ts';
import { SAY } from '../views/sentences.ts';
import { type FormAbout, formAbout, isAnswered, no, refusedIn } from './deciding-form.ts';
import { type Answered, inTime, type Submitted } from './submitted.ts';

/** The question of an approver. */
export async function questionSubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  const work = () =>
    written(desk, sent, 'ask', ({ person, value }, text) =>
      desk.questionRequest.ask(
        { requestId: value.request, by: person, text },
        attribution(sent.actor, person),
        submissionOnce(sent.actor, sent.view),
      ),
    );
  await inTime(desk, sent, ack, work, { title: TITLES.ask, block: FIELDS.text });
}

/** The answer of whoever asked for the access. */
export async function answerSubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  const work = () =>
    written(desk, sent, 'answer', ({ person, value }, text) =>
      desk.questionRequest.answer(
        { requestId: value.request, number: value.question ?? 0, by: person, text },
        attribution(sent.actor, person),
        submissionOnce(sent.actor, sent.view),
      ),
    );
  await inTime(desk, sent, ack, work, { title: TITLES.reply, block: FIELDS.text });
}

type Write = (about: FormAbout, text: string) => Promise<Result<Questioned, Refusal>>;

async function written(desk: Desk, sent: SeenSubmission, attempted: string, write: Write): Promise<Answered> {
  const text = fieldOf(sent.view, FIELDS.text)?.trim() ?? '';
  if (text === '') return no(FIELDS.text, AT_FIELD.fewWords);
  if (text.length > typed.question) return no(FIELDS.text, atMostCharacters(typed.question));
  const about = await formAbout(desk, sent, { attempted, block: FIELDS.text });
  if (isAnswered(about)) return about;
  const done = await write(about, text);
  const { request } = about.value;
  if (!done.ok) {
    if (done.error.code === 'too_many') return no(FIELDS.text, SAY.tooManyQuestions);
    return refusedIn(desk, request, done.error, FIELDS.text);
  }
  // The case did not change, yet what is shown of it did.
  desk.redraw(request, { force: true });
  return { kind: 'close' };
}
