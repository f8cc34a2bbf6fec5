/** Signs what is a JWT and no token: revocations, status lists, introspection answers. */
import { type JWTPayload, SignJWT } from 'jose';
import type { SigningKey } from './key-set.ts';

/** A compact JWS of these claims; `typ` says what it is, so that it never passes for a token. Rejects only on bugs. */
export function signDocument({ alg, kid, privateKey }: SigningKey, typ: string, claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, typ, kid }).sign(privateKey);
}
