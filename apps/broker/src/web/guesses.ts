/** How many codes may be tried (RFC 8628 section 5.1): by one person, in whatever sessions, and by all together. */
import { err, ok, type Refusal, type Result } from '@sallyport/core';
import type { BrokerDeps } from '../deps.ts';
import type { SignedIn } from './session.ts';

const WINDOW_MS = 10 * 60_000;
const BY_ONE_MAX = 20;
/** While twenty codes wait at any time, guessing at this rate finds one in forty years. */
const BY_ALL_MAX = 600;

/** Counts one try: of a device's user code, or of the code that confirms a link. Refusal: too_many, with a row in the trail. */
export async function mayGuess(
  { limiter, ledger }: BrokerDeps,
  { person, by }: SignedIn,
  what: 'device' | 'link',
): Promise<Result<void, Refusal>> {
  const own = await limiter.hit(`${what}-code ${person.id}`, BY_ONE_MAX, WINDOW_MS);
  const all = own.allowed ? await limiter.hit(`${what}-code`, BY_ALL_MAX, WINDOW_MS) : own;
  if (all.allowed) return ok(undefined);
  const refusal = { code: 'too_many', retryAfterSeconds: all.retryAfterSeconds } as const;
  await ledger.note({ refusal, by, attempted: what });
  return err(refusal);
}
