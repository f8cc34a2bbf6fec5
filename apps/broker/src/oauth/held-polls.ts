/** Held polls: a poll that finds nothing new is answered at the next change, or after its time; one at a time for each handle. */
import type {
  Attribution,
  Clock,
  Hashing,
  Issued,
  RedeemCommand,
  RedeemHandle,
  Refusal,
  Result,
  Waiting,
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
) => Promise<Result<Issued | Waiting, Refusal>>;

/** Per process; who comes above it is answered at once. */
const HELD_MAX = 4_000;

/** Builds the polls of one process. Refusals: those of `redeemHandle`. */
export function makeHeldPolls({ redeemHandle, hashing, changes, clock, draining }: HeldPollsDeps): HeldPolls {
  const held = new Set<string>();
  return async (command, by, holdMs) => {
    const first = await redeemHandle(command, by);
    if (!first.ok || first.value.kind !== 'waiting') return first;
    const key = hashing.handleIdOf(command.code);
    if (holdMs === 0 || held.has(key) || held.size >= HELD_MAX || draining.aborted) return first;
    const { requestId, version, changesAt } = first.value;
    held.add(key);
    try {
      const untilTimeChangesIt = Math.max(0, changesAt - clock.now());
      await changes.wait(requestId, version, Math.min(holdMs, untilTimeChangesIt), draining);
      return await redeemHandle({ ...command, held: true }, by);
    } finally {
      held.delete(key);
    }
  };
}
