/** Verifies access tokens of ours: signature, issuer, type, time. Whether they are active is the ledger's to say. */
import { type Instant, type OwnVerifier, parseTokenId, type TokenId } from '@sallyport/core';
import { type JWTPayload, jwtVerify } from 'jose';
import { ACCESS_TOKEN_ALG, type PublishedKey } from './key-set.ts';
import type { KeysInForce } from './live-keys.ts';
import { parseRawJwt } from './raw-jwt.ts';
import { ACCESS_TOKEN_TYPE } from './signer.ts';

export interface OwnVerifierDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

const REQUIRED = ['sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'grant_id'];

/** Accepts what a key signed that is published at that moment, also one that signs no more; leeway 0. */
export function makeOwnVerifier({ issuer, keys }: OwnVerifierDeps): OwnVerifier {
  return {
    async verify(token: string, now: Instant): Promise<TokenId | undefined> {
      const raw = parseRawJwt(token);
      if (!raw.ok || raw.value.typ !== ACCESS_TOKEN_TYPE) return undefined;
      const key = keys.current().published.find(({ kid }) => kid === raw.value.kid);
      if (key === undefined || key.alg !== ACCESS_TOKEN_ALG) return undefined;
      const claims = await claimsIn(token, key, now);
      return typeof claims?.jti === 'string' ? parseTokenId(claims.jti) : undefined;
    },
  };

  async function claimsIn(token: string, key: PublishedKey, now: Instant): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, key.publicKey, {
        algorithms: [ACCESS_TOKEN_ALG],
        issuer,
        typ: ACCESS_TOKEN_TYPE,
        requiredClaims: REQUIRED,
        clockTolerance: 0,
        currentDate: new Date(now),
      });
      return payload;
    } catch {
      return undefined;
    }
  }
}
