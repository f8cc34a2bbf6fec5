/** Standing in: for whom a person may speak at a moment beside themselves, and what they could fill. One hop, dated, never for what is their own. */
import type { Moment } from './moment.ts';
import { type ApprovalLine, personById } from './policy.ts';
import type { PersonId } from './principal.ts';
import { type Asking, eligibleLines, everyApproval, isOwn, type Reach, type Voice } from './quorum.ts';

/**
 * Those who named this person to decide in their place now, in the policy's order. A delegate's delegate is nobody: what
 * is looked up of them is only what they are themselves.
 */
export function standsInFor({ policy, now }: Moment, id: PersonId): readonly PersonId[] {
  const named = policy.delegations.filter(
    (one) => one.to === id && one.from !== id && one.starts <= now && now < one.ends,
  );
  return [...new Set(named.map((one) => one.from))].filter((from) => personById(policy, from) !== undefined);
}

/** What a person could fill at this moment. Who asks, is asked for, acts or started the run: nothing, in nobody's place. */
export function reachOf(at: Moment, asking: Asking, lines: readonly ApprovalLine[], id: PersonId): Reach {
  const { policy } = at;
  if (personById(policy, id) === undefined || isOwn(asking, id)) return { lines: [] };
  const voices = standsInFor(at, id)
    .map((from): Voice => ({ person: from, lines: eligibleLines(policy, asking, lines, from) }))
    .filter((voice) => voice.lines.length > 0);
  return {
    lines: eligibleLines(policy, asking, lines, id),
    ...(voices.length === 0 ? {} : { onBehalfOf: voices }),
  };
}

/** Whether somebody with this reach may decide at all. */
export function reachesAny({ lines, onBehalfOf }: Reach): boolean {
  return lines.length > 0 || onBehalfOf !== undefined;
}

/**
 * Everybody who may decide on these lines at this moment: those the lines mean, then those who stand in for them.
 * (Whether the lines can be met at all does not depend on it: whoever is stood in for could speak themselves.)
 */
export function decidersOf(at: Moment, asking: Asking, lines: readonly ApprovalLine[]): readonly PersonId[] {
  const meant = everyApproval(at.policy, asking, lines).map((approval) => approval.person);
  const known = new Set(meant);
  const standing = at.policy.delegations
    .filter((one) => known.has(one.from) && !known.has(one.to))
    .map((one) => one.to);
  return [...meant, ...new Set(standing)].filter((id) => known.has(id) || reachesAny(reachOf(at, asking, lines, id)));
}
