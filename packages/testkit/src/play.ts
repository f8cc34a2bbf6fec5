/** Owns the replay of commands on one case in tests: the pure decisions one after the other, and what each did. */
import {
  type AccessCase,
  after,
  decideGrant,
  decideRequest,
  duration,
  expireDue,
  type GrantCommand,
  type Instant,
  type Moment,
  type Outcome,
  ok,
  type Policy,
  type Refusal,
  type RequestCommand,
  type Result,
} from '@sallyport/core';
import fc from 'fast-check';
import { principals, requestCommands } from './arbitraries.ts';
import { sha256Hashing } from './fixed-clock.ts';

export type Move = {
  readonly command: RequestCommand | GrantCommand | { readonly kind: 'expire' };
  /** How long after the move before. */
  readonly waitMs: number;
};

export interface Played {
  readonly before: AccessCase;
  readonly move: Move;
  readonly at: Moment;
  readonly result: Result<Outcome, Refusal>;
  readonly after: AccessCase;
}

/** Moves of people, of time and of the sweep, up to some hours apart. */
export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    command: fc.oneof(
      { weight: 8, arbitrary: requestCommands },
      { weight: 1, arbitrary: principals.map((by) => ({ kind: 'revoke' as const, by })) },
      { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
    ),
    waitMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
      fc.integer({ min: 0, max: 6 * 3_600_000 }),
    ),
  }),
  { maxLength: 12 },
);

/** One move on a case. */
export function move(c: AccessCase, command: Move['command'], at: Moment): Result<Outcome, Refusal> {
  if (command.kind === 'expire') return ok(expireDue(c, at.now));
  if (command.kind === 'revoke') return decideGrant(c, command, at);
  return decideRequest(c, command, at, sha256Hashing.digestOf);
}

/** Plays all moves, from when the request was opened on, by one policy. */
export function play(opened: AccessCase, policy: Policy, all: readonly Move[]): readonly Played[] {
  let c = opened;
  let now: Instant = opened.request.openedAt;
  return all.map((one) => {
    now = after(now, duration(one.waitMs));
    const before = c;
    const at = { now, policy };
    const result = move(c, one.command, at);
    if (result.ok && result.value !== 'unchanged') c = result.value.next;
    return { before, move: one, at, result, after: c };
  });
}

/** How the case stood after all of it. */
export function endOfPlay(opened: AccessCase, played: readonly Played[]): AccessCase {
  return played.at(-1)?.after ?? opened;
}
