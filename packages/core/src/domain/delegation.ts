/** Delegation: who acts for a subject (`act`, `may_act`; RFC 8693 section 4), and whether they may. */
import { nameOf, type Principal } from './principal.ts';

/** A party that acts or acted: `iss` and `sub` of its token. Without `iss`: one of ours, `person:ID` or `workload:ID`. */
export interface ActingParty {
  readonly iss?: string;
  readonly sub: string;
}

/** Who may act for the subject, as its own token says. */
export interface MayAct {
  readonly iss?: string;
  readonly sub: string;
}

/** The chain of a token, the current actor first. Older ones are told and decide nothing. */
export type Actors = readonly [ActingParty, ...ActingParty[]];

/** One current actor and three before it. */
export const ACTORS_MAX = 4;

/** The chain with this principal as the current actor, or undefined when it would be too long. */
export function actingNow(actor: Principal, before: readonly ActingParty[]): Actors | undefined {
  return before.length < ACTORS_MAX ? [{ sub: nameOf(actor) }, ...before] : undefined;
}

/** Whether `may_act` names the party that shows this token: its `sub`, and its `iss`, which is the subject token's unless said. */
export function namesActor(mayAct: MayAct, subjectIssuer: string, actor: Required<ActingParty>): boolean {
  return mayAct.sub === actor.sub && (mayAct.iss ?? subjectIssuer) === actor.iss;
}
