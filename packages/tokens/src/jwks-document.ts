/** The public keys, as served at /oauth/jwks (RFC 7517 section 5). */
import type { KeySet, PublicJwk } from './key-set.ts';

export interface JwksDocument {
  readonly keys: readonly PublicJwk[];
}

/** Every key we sign with, will sign with, or have signed with: public members, `kid`, `alg` and `use` on each. */
export function jwksDocument(keys: KeySet): JwksDocument {
  return { keys: keys.published.map((key) => key.jwk) };
}
