/** Owns how a card tells of the way to a decision: line by line, what changed on the way, what was asked. */
import type { PersonId } from '@sallyport/core';
import { anyOf, linesOf, narrowerOf } from './approvals.ts';
import { personName } from './names.ts';
import type { Drawn } from './phase.ts';
import type { Piece, Sentence } from './sentence.ts';

/** One sentence for each approval line: who filled it, or who can. For Details. */
export function progressSentences(drawn: Drawn): readonly Sentence[] {
  const { policy } = drawn.at;
  return linesOf(drawn.at, drawn.case).map(({ needs, places, given, mayAnswer }): Sentence => {
    const said = given.flatMap((one): Piece[] => [
      ` ${personName(policy, one.person)} approved at `,
      { at: one.at },
      '.',
    ]);
    if (given.length === places) return [{ strong: `${needs}: done.` }, ...said];
    return [{ strong: `${needs}: ${toGo(places, given.length)}.` }, ...said, ` ${mayAnswerText(drawn, mayAnswer)}`];
  });
}

/** Who may still answer, for each line that is open; a line that names the one person says so by itself. For the card. */
export function openSentences(drawn: Drawn): readonly Sentence[] {
  const { policy } = drawn.at;
  return linesOf(drawn.at, drawn.case).flatMap(({ needs, places, given, mayAnswer }): Sentence[] => {
    const [only] = mayAnswer;
    const isNamed = mayAnswer.length === 1 && only !== undefined && needs.startsWith(personName(policy, only));
    if (given.length === places || isNamed) return [];
    const rest = given.length === 0 ? '' : `, ${toGo(places, given.length)}`;
    return [[`${needs}${rest}: ${mayAnswerText(drawn, mayAnswer)}`]];
  });
}

function toGo(places: number, given: number): string {
  return given === 0 ? 'open' : `${places - given} to go`;
}

function mayAnswerText({ at: { policy } }: Drawn, people: readonly PersonId[]): string {
  return people.length === 0 ? 'nobody is left who can answer.' : `${anyOf(policy, people)} can answer.`;
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
