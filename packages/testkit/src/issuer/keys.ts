/** An issuer's signing keys: made, kept as private JWKs, published as public ones. */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export type IssuerAlgorithm = 'ES256' | 'RS256' | 'PS256' | 'EdDSA';

/** A private JWK that names its `kid` and `alg`: what a file of keys holds. */
export type IssuerJwk = JWK & { readonly kid: string; readonly alg: string };

export interface IssuerKey {
  readonly kid: string;
  readonly alg: IssuerAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: IssuerJwk;
}

/** Makes a private key as a JWK. `kid` is random unless given. */
export async function generateIssuerJwk(
  alg: IssuerAlgorithm,
  kid = randomBytes(6).toString('hex'),
): Promise<IssuerJwk> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** The key behind a private JWK. */
export function issuerKey(jwk: IssuerJwk): IssuerKey {
  const privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return { kid: jwk.kid, alg: algorithm(jwk.alg), privateKey, publicKey: createPublicKey(privateKey), jwk };
}

function algorithm(alg: string): IssuerAlgorithm {
  if (alg === 'ES256' || alg === 'RS256' || alg === 'PS256' || alg === 'EdDSA') return alg;
  throw new Error(`an issuer key of this kit cannot be for ${alg}`);
}

/** What a JWKS shows of a key. */
export function publicJwk(key: IssuerKey): JWK {
  return { ...(key.publicKey.export({ format: 'jwk' }) as JWK), kid: key.kid, alg: key.alg, use: 'sig' };
}
