/** Owns the waiting for a token: polls at the pace the broker asks for, through outages, until an answer or the end of the time. */
import type { Result } from '@sallyport/core';
import { HOLD_SECONDS_MAX } from '../oauth/forms.ts';
import type { IssuedToken, TokenAnswer } from '../oauth/token-answer.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Trouble } from '../trouble.ts';
import type { Way } from '../ways/way.ts';
import { follow, type Progress, pauseMs, START } from './progress.ts';

/** A handle that ended within this of its announced end ended by its own time, not with its request. */
const HANDLE_END_MS = 2_000;

export interface Wait {
  readonly way: Way;
  /** How long in all, in ms; 0: asks once. */
  readonly waitMs: number;
  readonly clock: Pick<Surroundings, 'now' | 'sleep'>;
  /** Ends the waiting at once. */
  readonly interrupted: AbortSignal;
  /** Told before every pause where it stands, and what is in the way just now. */
  readonly onPause: (progress: Progress, trouble: Trouble | undefined) => Promise<void>;
}

export type Waited =
  | { readonly kind: 'issued'; readonly token: IssuedToken }
  | { readonly kind: 'refused'; readonly trouble: Trouble }
  /** Nobody has decided yet, and the waiting is over; `trouble`: what was in the way at the last look. */
  | {
      readonly kind: 'open';
      readonly why: 'time' | 'interrupted';
      readonly progress: Progress;
      readonly trouble?: Trouble;
    };

/** Asks, and waits if it must. */
export async function waitForToken(wait: Wait): Promise<Waited> {
  const { clock, interrupted, waitMs } = wait;
  const endMs = clock.now() + waitMs;
  let progress = START;
  for (;;) {
    const answered = await ask(wait, progress, Math.max(0, endMs - clock.now()));
    if (answered.ok && answered.value.kind === 'issued') return { kind: 'issued', token: answered.value.token };
    progress = follow(progress, answered, clock.now());
    if (interrupted.aborted) return { kind: 'open', why: 'interrupted', progress };
    const trouble = answered.ok ? undefined : answered.error;
    if (trouble !== undefined && !isPassing(trouble, progress, waitMs)) return { kind: 'refused', trouble };
    if (clock.now() >= endMs)
      return { kind: 'open', why: 'time', progress, ...(trouble === undefined ? {} : { trouble }) };
    await wait.onPause(progress, trouble);
    // The last poll comes at the end of the time: a decision beats `slow_down`.
    await clock.sleep(Math.min(pauseMs(progress, trouble), Math.max(0, endMs - clock.now())), interrupted);
    if (interrupted.aborted) return { kind: 'open', why: 'interrupted', progress };
  }
}

/** With a handle: polls. Without one, or when its own time is over: begins. */
async function ask(
  { way, clock }: Wait,
  { handle, requestId }: Progress,
  leftMs: number,
): Promise<Result<TokenAnswer, Trouble>> {
  if (handle === undefined) return way.begin(requestId);
  const polled = await way.poll(handle.code, Math.min(HOLD_SECONDS_MAX, Math.ceil(leftMs / 1_000)));
  const ranOut = !polled.ok && polled.error.code === 'expired_token' && clock.now() >= handle.endsAtMs - HANDLE_END_MS;
  if (!ranOut || !way.joins) return polled;
  // The handle is over, its request perhaps not: ask for another one while there is a credential for it.
  const again = await way.begin(requestId);
  return again.ok || again.error.code !== 'token_rejected' ? again : polled;
}

/** Whether to go on after this trouble: an outage passes. Before anything was answered only a "not now" does. */
function isPassing(trouble: Trouble, { handle }: Progress, waitMs: number): boolean {
  if (waitMs === 0 || trouble.retryAfterSeconds === undefined) return false;
  return trouble.code !== 'unreachable' || handle !== undefined;
}
