/** Verifies access tokens of ours: signature, issuer, type, time. Whether they are active is the ledger's to say. */
import { type Instant, type JsonObject, type OwnVerifier, parseTokenId, type TokenId } from '@sallyport/core';
import { makeRecent, sha256Hex } from '@sallyport/platform';
import { holdsSignature } from './jws-signature.ts';
import { ACCESS_TOKEN_ALG, type KeySet } from './key-set.ts';
import type { KeysInForce } from './live-keys.ts';
import { parseRawJwt, TOKEN_LENGTH_MAX } from './raw-jwt.ts';
import { ACCESS_TOKEN_TYPE } from './signer.ts';
import { checkClaims } from './verify-jwt.ts';

export interface OwnVerifierDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

const REQUIRED = ['sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'grant_id'];
const SIGNED_MAX = 2_000;

/** What a key of ours was seen to have signed. */
interface Signed {
  readonly claims: JsonObject;
  readonly kid: string;
  readonly thumbprint: string;
}

/**
 * Accepts what a key signed that is published at that moment, also one that signs no more; leeway 0. Who accepts tokens asks
 * about the same ones again and again: a signature is checked once; whether its key is published, and the claims, every
 * time. No token is kept, only its SHA-256.
 */
export function makeOwnVerifier({ issuer, keys }: OwnVerifierDeps): OwnVerifier {
  const rules = { issuer, requiredClaims: REQUIRED, leewaySeconds: 0 };
  const seen = makeRecent<Signed>(SIGNED_MAX);

  async function checkSignature(token: string): Promise<Signed | undefined> {
    const raw = parseRawJwt(token);
    if (!raw.ok || raw.value.typ !== ACCESS_TOKEN_TYPE) return undefined;
    const { alg, kid, claims, signingInput, signature } = raw.value;
    const key = keys.current().published.find((one) => one.kid === kid);
    if (key === undefined || key.alg !== ACCESS_TOKEN_ALG || alg !== ACCESS_TOKEN_ALG) return undefined;
    const holds = await holdsSignature(alg, key.publicKey, signingInput, signature);
    return holds ? { claims, kid, thumbprint: key.thumbprint } : undefined;
  }

  return {
    async verify(token: string, now: Instant): Promise<TokenId | undefined> {
      if (token.length > TOKEN_LENGTH_MAX) return undefined;
      const hash = sha256Hex(token);
      const known = seen.get(hash);
      const signed = known ?? (await checkSignature(token));
      if (signed === undefined || !isPublished(keys.current(), signed)) return undefined;
      if (known === undefined) seen.keep(hash, signed);
      const claims = checkClaims(signed.claims, rules, now);
      return claims.ok && typeof claims.value.jti === 'string' ? parseTokenId(claims.value.jti) : undefined;
    },
  };
}

/** The very key: a kid that stands for another key now vouches for nothing that the one before signed. */
function isPublished({ published }: KeySet, { kid, thumbprint }: Signed): boolean {
  return published.some((key) => key.kid === kid && key.thumbprint === thumbprint);
}
