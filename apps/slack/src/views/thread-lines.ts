/** Owns the lines in a card's thread: one per event, said once, never changed. */
import type { CaseQuestion, Decision } from '@sallyport/core';
import { deciderName } from './approvals.ts';
import type { Message } from './blocks.ts';
import { type Drawn, phaseOf, statusLine } from './phase.ts';
import { answeredLine, askedLine } from './question-views.ts';
import { lessLine } from './revised-message.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

export interface ThreadLine {
  /** What happened: a decision's id, a question or its answer by number, `closed`, `ended`, `remind-1`, `nudge-1`. */
  readonly event: string;
  readonly message: Message;
}

/** Every event of a case so far that is worth a line, oldest first. */
export function threadLines(drawn: Drawn): readonly ThreadLine[] {
  const { case: c } = drawn;
  const said = [
    ...c.decisions.map((one) => ({ at: one.at, ...line(drawn, one.id, decisionLine(drawn, one)) })),
    ...(drawn.questions ?? []).flatMap((one) => questionLines(drawn, one)),
  ].toSorted((a, b) => a.at - b.at);
  const phase = phaseOf(drawn);
  const closed = phase === 'canceled' || phase === 'undecided' ? [line(drawn, 'closed', statusLine(drawn))] : [];
  const ended = phase === 'revoked' || phase === 'over' ? [line(drawn, 'ended', statusLine(drawn))] : [];
  return [...said.map(({ event, message }) => ({ event, message })), ...closed, ...ended];
}

function questionLines(drawn: Drawn, question: CaseQuestion) {
  const { number, asked, answered } = question;
  const first = { at: asked.at, event: `q${number}` as const, message: askedLine(drawn, question) };
  if (answered === undefined) return [first];
  return [first, { at: answered.at, event: `a${number}` as const, message: answeredLine(drawn, answered) }];
}

/** Said in the thread instead of to each, where there are many approvers. */
export function reminderLine(drawn: Drawn, event: string): ThreadLine {
  return line(drawn, event, statusLine(drawn));
}

function decisionLine(drawn: Drawn, one: Drawn['case']['decisions'][number]): Sentence {
  const who = deciderName(drawn.at.policy, drawn.case, one);
  if (one.verdict === 'deny') return [`${who} denied this at `, { at: one.at }, '.'];
  return narrowed(drawn, one.id)
    ? [...lessLine(drawn, true), voids(drawn) ? ' Approvals from before no longer count.' : '']
    : [`${who} approved this at `, { at: one.at }, '.'];
}

function voids({ case: c }: Drawn): boolean {
  return c.decisions.some((one) => one.revision < c.request.revision);
}

/** Whether this decision made a new revision: the first one on it. */
function narrowed({ case: c }: Drawn, id: Decision['id']): boolean {
  const own = c.decisions.find((one) => one.id === id);
  if (own === undefined || own.revision === 1) return false;
  const first = c.decisions.filter((one) => one.revision === own.revision).toSorted((a, b) => a.at - b.at)[0];
  return first?.id === id && own.revision === c.request.revision;
}

function line({ at }: Drawn, event: string, sentence: Sentence): ThreadLine {
  return { event, message: { text: messageText(sentence, at.now), blocks: [sentenceBlock(sentence, at.now)] } };
}
