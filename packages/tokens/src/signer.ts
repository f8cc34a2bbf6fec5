/** Signs our tokens: at+jwt (RFC 9068) by the ES256 key in force, federation tokens by the RS256 key. */
import type { Signer, TokenFacts } from '@sallyport/core';
import { claimsOf, federationClaimsOf } from './claims.ts';
import type { SigningKey } from './key-set.ts';
import type { KeysInForce } from './live-keys.ts';
import { signJwt } from './sign-jwt.ts';

/** The `typ` of our access tokens, and of nothing else. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
/** Systems that federate look for no other. None of our own doors takes one. */
const FEDERATION_TOKEN_TYPE = 'JWT';

export interface SignerDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

/** A signer that takes the key in force at each signature. Throws only on bugs: what to sign was decided before. */
export function makeSigner({ issuer, keys }: SignerDeps): Signer {
  const keyFor = ({ federation }: Pick<TokenFacts, 'federation'>): SigningKey | undefined => {
    const { ES256, RS256 } = keys.current().signing;
    return federation === undefined ? ES256 : RS256;
  };
  return {
    canSign: (facts) => keyFor(facts) !== undefined,
    sign: (facts) => {
      const key = keyFor(facts);
      if (key === undefined) throw new Error('no key for this kind of token');
      const federated = facts.federation !== undefined;
      const claims = federated ? federationClaimsOf(facts, issuer) : claimsOf(facts, issuer);
      const typ = federated ? FEDERATION_TOKEN_TYPE : ACCESS_TOKEN_TYPE;
      return signJwt(key, typ, claims);
    },
  };
}
