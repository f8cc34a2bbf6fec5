/** Which pipelines of the policy play which part, so that no scenario finds another's grants. */
import type { BenchOptions } from './options.ts';

export interface Jobs {
  /** With a live grant each, for exchanges and introspections. */
  readonly granted: number;
  /** From here on: one for each revocation of each round. */
  readonly revokedFrom: number;
  /** From here on: those who wait for a click of their own; enough that every round finds as many. */
  readonly waitingFrom: number;
  readonly waiting: number;
  /** From here on: one for each round, whose many runs wait for one click. */
  readonly crowdFrom: number;
  readonly count: number;
}

/** Deals the pipelines out. */
export function jobsFor({ grants, revocations, rounds, waiters, singleClicks }: BenchOptions): Jobs {
  const revokedFrom = grants;
  const waitingFrom = revokedFrom + revocations * rounds;
  const waiting = waiters + singleClicks * rounds;
  const crowdFrom = waitingFrom + waiting;
  return { granted: grants, revokedFrom, waitingFrom, waiting, crowdFrom, count: crowdFrom + rounds };
}
