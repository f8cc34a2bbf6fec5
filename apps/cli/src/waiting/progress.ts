/** Owns how a wait proceeds: handle, request and interval, from one answer to the next. */
import type { Result } from '@sallyport/core';
import type { TokenAnswer, Waiting } from '../oauth/token-answer.ts';
import type { Trouble } from '../trouble.ts';

/** RFC 8628 section 3.5: five seconds unless told otherwise, and five more at every `slow_down`. */
const INTERVAL_SECONDS = 5;
const SLOW_DOWN_SECONDS = 5;
/** Same section: who gets no answer at all has to ask less often. Doubled each time, up to this. */
const BACKOFF_SECONDS_MAX = 60;
/** Before anything was answered only the broker's `Retry-After` sets the pace. */
const FIRST_PAUSE_SECONDS = 1;

export interface Progress {
  readonly intervalSeconds: number;
  /** Calls in a row that got no answer. */
  readonly unanswered: number;
  readonly requestId?: string;
  readonly handle?: { readonly code: string; readonly endsAtMs: number };
}

export const START: Progress = { intervalSeconds: INTERVAL_SECONDS, unanswered: 0 };

/** Where the wait is after this answer. */
export function follow(before: Progress, answered: Result<TokenAnswer, Trouble>, nowMs: number): Progress {
  if (answered.ok) return answered.value.kind === 'issued' ? before : told(before, answered.value, nowMs);
  if (answered.error.code === 'unreachable') return { ...before, unanswered: before.unanswered + 1 };
  const slower = answered.error.code === 'slow_down' ? SLOW_DOWN_SECONDS : 0;
  return { ...before, unanswered: 0, intervalSeconds: before.intervalSeconds + slower };
}

function told(
  before: Progress,
  { kind, handle, intervalSeconds, requestId = before.requestId }: Waiting,
  nowMs: number,
): Progress {
  const slower = kind === 'slow_down' ? SLOW_DOWN_SECONDS : 0;
  const held = handle === undefined ? before.handle : { code: handle.code, endsAtMs: endOf(handle.secondsLeft, nowMs) };
  return {
    intervalSeconds: intervalSeconds ?? before.intervalSeconds + slower,
    unanswered: 0,
    ...(requestId === undefined ? {} : { requestId }),
    ...(held === undefined ? {} : { handle: held }),
  };
}

function endOf(secondsLeft: number | undefined, nowMs: number): number {
  return secondsLeft === undefined ? Number.POSITIVE_INFINITY : nowMs + secondsLeft * 1_000;
}

/** How long to pause before the next call, in ms. */
export function pauseMs({ handle, intervalSeconds, unanswered }: Progress, trouble: Trouble | undefined): number {
  const own = handle === undefined && trouble !== undefined ? FIRST_PAUSE_SECONDS : intervalSeconds;
  const backedOff = Math.max(own, Math.min(own * 2 ** unanswered, BACKOFF_SECONDS_MAX));
  return Math.max(backedOff, trouble?.retryAfterSeconds ?? 0) * 1_000;
}
