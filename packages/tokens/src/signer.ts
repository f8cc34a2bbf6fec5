/** Signs access tokens: at+jwt (RFC 9068), by the first ES256 key. */
import type { Signer } from '@sallyport/core';
import { SignJWT } from 'jose';
import { claimsOf } from './claims.ts';
import type { KeySet } from './key-set.ts';

/** The `typ` of our access tokens, and of nothing else. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

export interface SignerDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeySet;
}

/** A signer whose key was imported once. Throws only on bugs: what to sign was decided before. */
export function makeSigner({ issuer, keys }: SignerDeps): Signer {
  const { kid, alg, privateKey } = keys.signing;
  const header = { alg, typ: ACCESS_TOKEN_TYPE, kid };
  return {
    sign: (facts) => new SignJWT({ ...claimsOf(facts, issuer) }).setProtectedHeader(header).sign(privateKey),
  };
}
