/** What an identity provider says of a person. */
import type { JWTPayload } from 'jose';
import { type Framing, framed, type TokenAsk } from './framing.ts';

export interface IdTokenAsk extends TokenAsk {
  readonly sub: string;
}

/** An ID token's claims (OpenID Connect Core, section 2). Like most providers' it has no `jti`. */
export function idTokenClaims(ask: IdTokenAsk, framing: Framing): JWTPayload {
  return framed(ask, framing, { ttlSeconds: 3_600 }, { sub: ask.sub, auth_time: framing.nowSeconds });
}
