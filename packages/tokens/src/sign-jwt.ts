/** Signs the JWTs of ours: compact JWS (RFC 7515 section 7.1) over the claims as they are. */
import { makeSignature } from './jws-signature.ts';
import type { SigningKey } from './key-set.ts';

/** Signs claims with one key, as a token of this `typ`. Rejects only on bugs. */
export async function signJwt({ kid, alg, privateKey }: SigningKey, typ: string, claims: object): Promise<string> {
  const signingInput = `${encode({ alg, typ, kid })}.${encode(claims)}`;
  return `${signingInput}.${await makeSignature(alg, privateKey, signingInput)}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
