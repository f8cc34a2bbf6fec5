/** Owns how a card tells of the way to a decision: line by line, what changed on the way, what was asked. */
import { anyOf, type LineProgress, linesOf, narrowerOf } from './approvals.ts';
import { personName } from './names.ts';
import type { Drawn } from './phase.ts';
import type { Piece, Sentence } from './sentence.ts';

/** One sentence for each approval line: who filled it, or who can. */
export function progressSentences(drawn: Drawn): readonly Sentence[] {
  return linesOf(drawn.at.policy, drawn.case).map((line) => lineSentence(drawn, line));
}

function lineSentence({ at: { policy } }: Drawn, { needs, places, given, mayAnswer }: LineProgress): Sentence {
  const said = given.flatMap((one): Piece[] => [
    ` ${personName(policy, one.person)} approved at `,
    { at: one.at },
    '.',
  ]);
  if (given.length === places) return [{ strong: `${needs}: done.` }, ...said];
  const missing = places === 1 ? '' : ` ${places - given.length} of ${places} to go.`;
  const free = mayAnswer.length === 0 ? ' Nobody is left who can.' : ` ${anyOf(policy, mayAnswer)} can answer.`;
  return [{ strong: `${needs}: open.` }, ...said, `${missing}${free}`];
}

/** "Bob Berg approved less than was asked. Earlier approvals no longer count." */
export function changedText({ case: c, at: { policy } }: Drawn): string | undefined {
  const narrower = narrowerOf(c);
  if (narrower === undefined) return undefined;
  const voided = c.decisions.some((one) => one.revision < c.request.revision);
  const rest = voided ? ' Approvals from before no longer count.' : '';
  return `${personName(policy, narrower.person)} approved less than was asked; what is left stands here.${rest}`;
}

/** "2 questions, 1 not answered yet. Press Details to read them." */
export function questionsText({ questions = [] }: Drawn): string | undefined {
  if (questions.length === 0) return undefined;
  const open = questions.filter((one) => one.answered === undefined).length;
  const state = open === 0 ? 'all answered' : `${open} not answered yet`;
  return `${questions.length} question${questions.length === 1 ? '' : 's'}, ${state}. Press Details to read.`;
}
