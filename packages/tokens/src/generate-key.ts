/** Makes signing keys. */
import type { Instant } from '@sallyport/core';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { KeyAlg, KeyEntry } from './key-file.ts';
import { publicMembers, RSA_BITS_MIN } from './key-fit.ts';
import type { KeyWrapping } from './key-wrapping.ts';
import { closeHalf } from './private-half.ts';

/**
 * Makes a private key as a JWK, for a key set: P-256 or RSA of 2,048 bits. Its `kid` is its thumbprint (RFC 7638), which
 * never begins with a dash: on a command line that would be an option.
 */
export async function generateSigningKey(alg: KeyAlg = 'ES256'): Promise<JWK> {
  for (;;) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS_MIN });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk);
    if (!kid.startsWith('-')) return { ...jwk, kid, alg, use: 'sig' };
  }
}

/** Makes a key for a key file, published from `at` on; its private half is wrapped if there is what to wrap it with. */
export async function generateEntry(alg: KeyAlg, at: Instant, wrapping?: KeyWrapping): Promise<KeyEntry> {
  const jwk = await generateSigningKey(alg);
  if (jwk.kid === undefined) throw new Error('a generated key has a kid');
  return {
    kid: jwk.kid,
    alg,
    publicJwk: publicMembers(jwk),
    privateHalf: await closeHalf({ ...jwk }, wrapping),
    publishedAt: at,
  };
}
