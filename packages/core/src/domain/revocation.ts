/** Revocation: that a token, or every token of a grant, ended before its time; and until when that matters to anybody. */
import type { ResourceId } from './access.ts';
import type { AccessCase } from './case.ts';
import type { GrantId, TokenId } from './ids.ts';
import { after, earlier, hours, type Instant, instant, minutes } from './instant.ts';
import { isTokenLive, type TokenFacts } from './issuance.ts';
import type { Policy } from './policy.ts';

export interface Revocation {
  /** Tells it from every other, by whichever broker it is told. */
  readonly id: string;
  readonly what:
    | { readonly kind: 'token'; readonly jti: TokenId }
    | { readonly kind: 'grant'; readonly grantId: GrantId };
  readonly resource: ResourceId;
  readonly audience: string;
  /** From then on no token it ends can be alive. */
  readonly endsAt: Instant;
}

/** No policy lets a token live longer. */
export const TOKEN_LIFE_MAX = hours(1);
/** Who verifies may give a token a little more time than it has: so long a revocation is told after its end. */
export const VERIFIERS_LEEWAY_MAX = minutes(2);

/** When the last token of a grant that ended at `endedAt` is over: each was issued before. */
export function lastTokenEnd(grantExpiresAt: Instant, endedAt: Instant): Instant {
  return earlier(grantExpiresAt, after(endedAt, TOKEN_LIFE_MAX));
}

/**
 * Whether the policy bars a token that neither time nor anybody has ended: it no longer allows what the token says, or not
 * for as long as it says. (A role whose maximum shrank ends its grants sooner; the token does not know.)
 */
export function isBarred(token: TokenFacts, c: AccessCase, policy: Policy): boolean {
  if (c.grant?.status.state !== 'active') return false;
  const lastMoment = { now: instant(token.expiresAt - 1), policy };
  return !isTokenLive({ ...token, revoked: false }, c, lastMoment);
}
