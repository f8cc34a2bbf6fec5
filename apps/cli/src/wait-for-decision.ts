/** Owns the waiting for people: long polls a request until it is decided, through outages, until the end of the time. */
import { ok, type RequestId, type Result } from '@sallyport/core';
import type { BrokerClient, ReadRequest } from './broker-client.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';
import type { Trouble } from './trouble.ts';
import type { RequestView } from './views.ts';

const HELD_SECONDS_MAX = 20;
const PAUSE_MS = 1_000;

export interface DecisionWait {
  readonly broker: BrokerClient;
  readonly id: RequestId;
  readonly waitMs: number;
  readonly clock: Pick<Surroundings, 'now' | 'sleep'>;
  /** Told where it stands at every look, or why there was none, and how much time is left. */
  readonly onLook: (seen: RequestView | Trouble, leftMs: number) => void;
}

/** @returns the request once it is decided, or still pending when the time is over; or what no waiting will mend */
export async function waitForDecision(wait: DecisionWait): Promise<Result<RequestView, Trouble>> {
  const { broker, id, clock, waitMs } = wait;
  const endMs = clock.now() + waitMs;
  let seen: ReadRequest | undefined;
  for (;;) {
    const leftMs = Math.max(0, endMs - clock.now());
    const heldSeconds = seen === undefined ? 0 : Math.min(HELD_SECONDS_MAX, Math.ceil(leftMs / 1_000));
    const beganMs = clock.now();
    const read = await broker.awaitChange(id, seen?.etag, heldSeconds);
    if (!read.ok && read.error.retryAfterSeconds === undefined) return read;
    if (read.ok) seen = read.value ?? seen;
    if (seen !== undefined && (seen.view.state !== 'pending' || leftMs === 0)) return ok(seen.view);
    if (!read.ok && leftMs === 0) return read;
    const shown = read.ok ? seen?.view : read.error;
    if (shown !== undefined) wait.onLook(shown, leftMs);
    await clock.sleep(Math.min(pauseAfter(read, heldSeconds, clock.now() - beganMs), leftMs));
  }
}

/** None after an answer that was held or is news; a second after one that came at once with nothing new, or after an outage. */
function pauseAfter(read: Result<ReadRequest | undefined, Trouble>, heldSeconds: number, tookMs: number): number {
  if (!read.ok) return Math.max(PAUSE_MS, (read.error.retryAfterSeconds ?? 0) * 1_000);
  return heldSeconds > 0 && tookMs < PAUSE_MS ? PAUSE_MS - tookMs : 0;
}

const EXIT_OF: Readonly<Record<RequestView['state'], ExitCode>> = {
  approved: EXIT.done,
  pending: EXIT.pending,
  denied: EXIT.denied,
  canceled: EXIT.denied,
  expired: EXIT.expired,
};

/** What a request that was waited for means for whoever waited. */
export function exitOf(view: RequestView): ExitCode {
  return EXIT_OF[view.state];
}
