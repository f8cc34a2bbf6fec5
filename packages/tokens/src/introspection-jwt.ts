/** Introspection answers as JWTs (RFC 9701), for callers that have to prove later what they were told. */
import { type Instant, numericDate } from '@sallyport/core';
import type { KeysInForce } from './live-keys.ts';
import { signJwt } from './sign-jwt.ts';

/** RFC 9701 section 5: also the media type, under application/. */
export const INTROSPECTION_JWT_TYPE = 'token-introspection+jwt';
/** What a caller gets that registered nothing else (section 6). */
export const INTROSPECTION_ALG = 'RS256';

export interface IntrospectionSignerDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

export interface IntrospectionSigner {
  /** Whether there is a key for it. */
  canSign(): boolean;
  /** Signs the members of an answer for one caller. Nothing of the token is at the top, or this would pass for it. Throws without a key. */
  sign(members: object, clientId: string, now: Instant): Promise<string>;
}

/** Signs with the RS256 key. */
export function makeIntrospectionSigner({ issuer, keys }: IntrospectionSignerDeps): IntrospectionSigner {
  return {
    canSign: () => keys.current().signing[INTROSPECTION_ALG] !== undefined,
    sign: (members, clientId, now) => {
      const key = keys.current().signing[INTROSPECTION_ALG];
      if (key === undefined) throw new Error('no key for introspection answers');
      const claims = { iss: issuer, aud: clientId, iat: numericDate(now), token_introspection: members };
      return signJwt(key, INTROSPECTION_JWT_TYPE, claims);
    },
  };
}
