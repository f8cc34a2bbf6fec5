/** Owns the lines in a card's thread: one per event, said once, never changed. */
import type { DecisionId } from '@sallyport/core';
import type { Message } from './blocks.ts';
import { lengthText, personName } from './names.ts';
import { type Drawn, phaseOf, statusLine } from './phase.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

export interface ThreadLine {
  /** What happened: a decision's id, `closed` or `ended`. */
  readonly event: DecisionId | 'closed' | 'ended';
  readonly message: Message;
}

/** Every event of a case so far that is worth a line, oldest first. */
export function threadLines(drawn: Drawn): readonly ThreadLine[] {
  const { case: c } = drawn;
  const decisions = c.decisions
    .toSorted((a, b) => a.at - b.at)
    .map((one) => line(drawn, one.id, decisionLine(drawn, one)));
  const phase = phaseOf(drawn);
  const closed = phase === 'canceled' || phase === 'undecided' ? [line(drawn, 'closed', statusLine(drawn))] : [];
  const ended = phase === 'revoked' || phase === 'over' ? [line(drawn, 'ended', statusLine(drawn))] : [];
  return [...decisions, ...closed, ...ended];
}

function decisionLine(drawn: Drawn, one: Drawn['case']['decisions'][number]): Sentence {
  const who = personName(drawn.at.policy, one.person);
  if (one.verdict === 'deny') return [`${who} denied this at `, { at: one.at }, '.'];
  return narrowed(drawn, one.id)
    ? [`${who} approved less, at most ${lengthText(drawn.case.request.duration)}, at `, { at: one.at }, '.']
    : [`${who} approved this at `, { at: one.at }, '.'];
}

/** Whether this decision made a new revision: the first one on it. */
function narrowed({ case: c }: Drawn, id: DecisionId): boolean {
  const own = c.decisions.find((one) => one.id === id);
  if (own === undefined || own.revision === 1) return false;
  const first = c.decisions.filter((one) => one.revision === own.revision).toSorted((a, b) => a.at - b.at)[0];
  return first?.id === id && own.revision === c.request.revision;
}

function line({ at }: Drawn, event: ThreadLine['event'], sentence: Sentence): ThreadLine {
  return { event, message: { text: messageText(sentence, at.now), blocks: [sentenceBlock(sentence, at.now)] } };
}
