/** Lost answer: what gives one token answers the same exchange once more, for 30 seconds, with the same token. */
import type { Instant } from './instant.ts';
import type { TokenFacts } from './issuance.ts';
import type { Refusal } from './refusal.ts';
import { err, ok, type Result } from './result.ts';

/** An earlier issuance by the same single-use thing. */
export interface EarlierUse {
  readonly token: TokenFacts;
  /** Hash of client, grant type and every parameter of that exchange. */
  readonly fingerprint: string;
  readonly at: Instant;
}

const LOST_ANSWER_MS = 30_000;

/** The same exchange within 30 s: its token again. Later, or with anything changed: `spent` says which refusal. */
export function repeatOf(
  earlier: EarlierUse,
  fingerprint: string,
  now: Instant,
  spent: Refusal,
): Result<TokenFacts, Refusal> {
  const same = earlier.fingerprint === fingerprint && now - earlier.at <= LOST_ANSWER_MS;
  return same ? ok(earlier.token) : err(spent);
}
