/** Keys and what is signed with them, for tests: DPoP proofs and client assertions, honest unless told otherwise. */
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { ISSUER } from './broker-house.ts';
import { CLIENT_KEY } from './policy-text.ts';

export interface ProofKey {
  readonly jwk: JWK;
  readonly jkt: string;
  /** A proof for the token endpoint; members of header and claims replace the honest ones, `undefined` leaves one out. */
  proof(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** A key to prove. `now`: the house's clock, in milliseconds. */
export async function proofKey(now: () => number, alg = 'ES256'): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jwk,
    jkt: await calculateJwkThumbprint(jwk),
    proof: (claims = {}, header = {}) =>
      new SignJWT({
        htm: 'POST',
        htu: `${ISSUER}/oauth/token`,
        jti: randomUUID(),
        iat: Math.floor(now() / 1_000),
        ...claims,
      })
        .setProtectedHeader({ typ: 'dpop+jwt', jwk, ...header, alg: String(header.alg ?? alg) })
        .sign(privateKey),
  };
}

/** An assertion of client `keyed`, as parameters of a form. */
export async function assertion(
  now: () => number,
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, string>>> {
  const at = Math.floor(now() / 1_000);
  const text = await new SignJWT({
    iss: 'keyed',
    sub: 'keyed',
    aud: ISSUER,
    jti: randomUUID(),
    iat: at,
    exp: at + 60,
    ...claims,
  })
    .setProtectedHeader({ kid: 'client-1', ...header, alg: String(header.alg ?? 'ES256') })
    .sign(CLIENT_KEY.privateKey);
  return {
    client_assertion: text,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
}
