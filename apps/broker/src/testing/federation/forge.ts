/** Tokens like those of the house, with something changed, by keys that are published in place of the real ones. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Published } from './published.ts';

export interface Forge {
  readonly published: Published;
  /** The claims of a real token with these over them; undefined takes one away. */
  token(real: string, changes: Readonly<Record<string, unknown>>, header?: object): Promise<string>;
}

/** The metadata stays the real one. */
export async function makeForge({ discovery }: Published): Promise<Forge> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'forged', use: 'sig', alg: 'RS256' };
  return {
    published: { discovery, jwks: { keys: [jwk] } },
    token: (real, changes, header = {}) =>
      new SignJWT({ ...claimsOf(real), ...changes })
        .setProtectedHeader({ alg: 'RS256', kid: 'forged', typ: 'JWT', ...header })
        .sign(privateKey),
  };
}

/** The claims of a token; unverified. */
export function claimsOf(
  token: string,
): Readonly<Record<string, unknown>> & { readonly iat: number; readonly exp: number } {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}
