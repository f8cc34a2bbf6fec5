/** Verifies access tokens of ours: signature, issuer, type, time. Whether they are active is the ledger's to say. */
import { type Instant, type OwnVerifier, parseTokenId, type TokenId } from '@sallyport/core';
import { ACCESS_TOKEN_ALG } from './key-set.ts';
import type { KeysInForce } from './live-keys.ts';
import { parseRawJwt } from './raw-jwt.ts';
import { ACCESS_TOKEN_TYPE } from './signer.ts';
import { verifyJwt } from './verify-jwt.ts';

export interface OwnVerifierDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

const REQUIRED = ['sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'grant_id'];

/** Accepts what a key signed that is published at that moment, also one that signs no more; leeway 0. */
export function makeOwnVerifier({ issuer, keys }: OwnVerifierDeps): OwnVerifier {
  const rules = { algorithms: [ACCESS_TOKEN_ALG], issuer, requiredClaims: REQUIRED, leewaySeconds: 0 };
  return {
    async verify(token: string, now: Instant): Promise<TokenId | undefined> {
      const raw = parseRawJwt(token);
      if (!raw.ok || raw.value.typ !== ACCESS_TOKEN_TYPE) return undefined;
      const key = keys.current().published.find(({ kid }) => kid === raw.value.kid);
      if (key === undefined || key.alg !== ACCESS_TOKEN_ALG) return undefined;
      const claims = await verifyJwt(raw.value, key.publicKey, rules, now);
      return claims.ok && typeof claims.value.jti === 'string' ? parseTokenId(claims.value.jti) : undefined;
    },
  };
}
