/** Crowd: how much one requester may ask of people at once, so that nobody drowns those who approve. */
import type { Step } from './case.ts';
import { type Duration, minutes } from './instant.ts';
import type { Refusal } from './refusal.ts';
import { err, ok, type Result } from './result.ts';

/** What a requester has asked of people; what a rule approves by itself does not count. Each number may stop at its bound. */
export interface Crowd {
  /** Pending and in time. */
  readonly pending: number;
  /** Opened within the last `RECENT`. */
  readonly recent: number;
}

/** Above so many pending ones a channel shows them on one card. */
export const DIGEST_OVER = 20;
export const PENDING_MAX = 200;
export const RECENT_MAX = 600;
export const RECENT: Duration = minutes(10);
const RETRY_SECONDS = 60;

/** Lets a new request in, or refuses it: too_many. */
export function admit(step: Step, { pending, recent }: Crowd): Result<Step, Refusal> {
  const asksPeople = step.next.request.effect === 'require_approval';
  if (!asksPeople || (pending < PENDING_MAX && recent < RECENT_MAX)) return ok(step);
  return err({ code: 'too_many', retryAfterSeconds: RETRY_SECONDS });
}
