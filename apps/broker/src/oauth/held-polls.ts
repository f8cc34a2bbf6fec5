/** Held polls: a poll that finds nothing new is answered when there is more to say than "wait", or after its time; one at a time for each handle. */
import {
  type Attribution,
  type Clock,
  type Hashing,
  type Issued,
  ok,
  type RedeemCommand,
  type RedeemHandle,
  type Refusal,
  type Result,
  type Waiting,
} from '@sallyport/core';
import type { Changes } from '../changes.ts';

export interface HeldPollsDeps {
  readonly redeemHandle: RedeemHandle;
  readonly hashing: Hashing;
  readonly changes: Changes;
  readonly clock: Clock;
  /** Aborted when the program drains: what is held is answered early. */
  readonly draining: AbortSignal;
}

export type HeldPolls = (
  command: RedeemCommand,
  by: Attribution,
  holdMs: number,
  /** Aborted when the client hangs up: nobody is there to be given a token. */
  gone: AbortSignal,
) => Promise<Result<Issued | Waiting, Refusal>>;

/** Per process; who comes above it is answered at once. */
const HELD_MAX = 4_000;
/** Looks of one held poll: each wake-up that says nothing new costs a read. */
const LOOKS_MAX = 100;

/** Builds the polls of one process. Refusals: those of `redeemHandle`. */
export function makeHeldPolls(deps: HeldPollsDeps): HeldPolls {
  const { redeemHandle, hashing, draining } = deps;
  const held = new Set<string>();
  return async (command, by, holdMs, gone) => {
    const first = await redeemHandle(command, by);
    if (!first.ok || first.value.kind !== 'waiting') return first;
    const key = hashing.handleIdOf(command.code);
    if (holdMs === 0 || held.has(key) || held.size >= HELD_MAX || draining.aborted) return first;
    held.add(key);
    try {
      return await hold(deps, command, by, first.value, { holdMs, gone });
    } finally {
      held.delete(key);
    }
  };
}

/**
 * Waits until there is more to say than "wait". A wake-up may come late, for a change the first read saw, and one of two
 * approvals gives no token either: a client that were answered then would be away for an interval, and hear of its token late.
 */
async function hold(
  { redeemHandle, changes, clock, draining }: HeldPollsDeps,
  command: RedeemCommand,
  by: Attribution,
  first: Waiting,
  { holdMs, gone }: { readonly holdMs: number; readonly gone: AbortSignal },
): ReturnType<HeldPolls> {
  const until = clock.now() + holdMs;
  let last = first;
  for (let looks = 1; ; looks++) {
    const { requestId, version, changesAt } = last;
    const waitMs = Math.max(0, Math.min(until, changesAt) - clock.now());
    await changes.wait(requestId, version, waitMs, gone);
    if (gone.aborted) return ok(last);
    const answer = await redeemHandle({ ...command, held: true }, by);
    if (!answer.ok || answer.value.kind !== 'waiting') return answer;
    if (clock.now() >= until || draining.aborted || looks >= LOOKS_MAX) return answer;
    last = answer.value;
  }
}
