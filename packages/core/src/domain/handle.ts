/** Handle: what a waiting client polls with. Bound to client, subject and request; redeemed at most once; paced. */
import type { Extent } from './access.ts';
import type { AccessCase } from './case.ts';
import type { Actors } from './delegation.ts';
import type { HandleId, RequestId } from './ids.ts';
import { after, between, type Duration, earlier, hours, type Instant, inSeconds, later, seconds } from './instant.ts';
import type { ClientId } from './policy.ts';
import type { Principal } from './principal.ts';

/** The three names under which clients know the one thing they poll with: deferred exchange, CIBA, RFC 8628. */
export const HANDLE_KINDS = ['deferral_code', 'auth_req_id', 'device_code'] as const;
export type HandleKind = (typeof HANDLE_KINDS)[number];

/** Scopes and details are frozen at the handing out. */
export interface Handle extends Extent {
  readonly id: HandleId;
  readonly kind: HandleKind;
  readonly clientId: ClientId;
  readonly subject: Principal;
  readonly actors?: Actors;
  /** Thumbprint of the key its polls must prove; its token is bound to it. */
  readonly jkt?: string;
  readonly requestId: RequestId;
  /** Whether this handle's own exchange made the request: revoking such a handle cancels it. */
  readonly madeRequest: boolean;
  /** What the exchange that got it would have used up; its token uses it up too. */
  readonly uses: readonly string[];
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly revoked: boolean;
}

/** A keyless client's handle lives at most this long: nothing but its secrecy protects it. */
const KEYLESS_LIFE_MAX: Duration = hours(1);
/** An approval in the last minute can still be collected. */
const COLLECT_GRACE: Duration = seconds(60);
const INTERVAL_SECONDS = 5;
const SLOW_DOWN_STEP_SECONDS = 5;
const GRACE_MS = 500;
/** Ten polls too soon in a row are forgiven, the next burns the handle. */
const TOO_SOON_MAX = 10;

/** When a handle given out now ends: with the pending time, or with the grant that is there; for a keyless client within the hour. */
export function handleEnd({ request, grant }: Asked, keyless: boolean, now: Instant): Instant {
  const rest = request.notBefore === undefined ? request.expiresAt : after(request.notBefore, COLLECT_GRACE);
  const end = grant?.expiresAt ?? later(rest, request.expiresAt);
  return keyless ? earlier(end, after(now, KEYLESS_LIFE_MAX)) : end;
}

type Asked = Pick<AccessCase, 'request' | 'grant'>;

/** Whether a handle can still be polled; one whose request was approved in its time (`approvedAt`) can be collected a little longer. */
export function isHandleAlive(handle: Handle, approvedAt: Instant | undefined, now: Instant): boolean {
  if (now < handle.expiresAt) return true;
  return approvedAt !== undefined && approvedAt < handle.expiresAt && now < after(handle.expiresAt, COLLECT_GRACE);
}

/** How often a waiting client may ask. Kept per handle, else per client, request and subject token. */
export interface Pace {
  readonly intervalSeconds: number;
  readonly lastAnswerAt: Instant;
  readonly tooSoonInARow: number;
}

export type Poll =
  | { readonly kind: 'in_time'; readonly pace: Pace }
  | { readonly kind: 'too_soon'; readonly pace: Pace }
  /** More than ten too soon in a row. */
  | { readonly kind: 'burned'; readonly pace: Pace };

/** The pace of somebody who was just told to wait. */
export function firstPace(now: Instant): Pace {
  return { intervalSeconds: INTERVAL_SECONDS, lastAnswerAt: now, tooSoonInARow: 0 };
}

/**
 * Judges the next poll: from our last answer to this arrival, with half a second of grace. Too soon: the interval
 * grows by five seconds for good (RFC 8628 section 3.5).
 */
export function nextPoll(pace: Pace | undefined, now: Instant): Poll {
  if (pace === undefined) return { kind: 'in_time', pace: firstPace(now) };
  if (now - pace.lastAnswerAt >= pace.intervalSeconds * 1_000 - GRACE_MS) {
    return { kind: 'in_time', pace: { ...pace, lastAnswerAt: now, tooSoonInARow: 0 } };
  }
  const slower: Pace = {
    intervalSeconds: pace.intervalSeconds + SLOW_DOWN_STEP_SECONDS,
    lastAnswerAt: now,
    tooSoonInARow: pace.tooSoonInARow + 1,
  };
  return { kind: slower.tooSoonInARow > TOO_SOON_MAX ? 'burned' : 'too_soon', pace: slower };
}

/** The pace after an answer that was held back: the interval runs from now. */
export function answeredNow(pace: Pace | undefined, now: Instant): Poll {
  return { kind: 'in_time', pace: { ...(pace ?? firstPace(now)), lastAnswerAt: now } };
}

/** `expires_in`: whole seconds a handle has left. */
export function handleSecondsLeft(handle: Handle, now: Instant): number {
  return inSeconds(between(now, handle.expiresAt));
}
