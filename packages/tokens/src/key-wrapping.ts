/** The seam for secrets at rest: encrypts the private half of a signing key, or another secret, under a key-encryption key. */
import { createHash, hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';

/**
 * What wraps and unwraps. The one here holds the key-encryption key in memory; a key management service takes its
 * place by keeping these promises.
 */
export interface KeyWrapping {
  /** Names the key-encryption key; not secret. */
  readonly id: string;
  /**
   * Encrypts and authenticates; the text is self-contained and of visible ASCII.
   * @param about whose secret it is, not secret itself; what is wrapped about one opens about no other. Absent: a signing key
   */
  wrap(plain: Uint8Array, about?: string): Promise<string>;
  /** What was wrapped; undefined when this key did not wrap it, about this, or it was changed. Throws when the service is away. */
  unwrap(wrapped: string, about?: string): Promise<Uint8Array | undefined>;
}

/** SALLYPORT_KEY_ENCRYPTION_KEY has so many bytes. */
export const KEY_ENCRYPTION_KEY_BYTES = 32;
const ALG = 'A256GCMKW';
const ENC = 'A256GCM';

/**
 * Wraps as a JWE (RFC 7516) with A256GCMKW and A256GCM: each secret under a content key of its own, that under ours.
 * What it is about stands in the protected header, which is the additional authenticated data.
 * @param key 32 random bytes; anything else is a bug of the caller
 */
export function makeKeyWrapping(key: Uint8Array): KeyWrapping {
  if (key.length !== KEY_ENCRYPTION_KEY_BYTES) throw new RangeError('a key-encryption key has 32 bytes');
  const id = idOf(key);
  return {
    id,
    wrap: (plain, about) =>
      new CompactEncrypt(plain)
        .setProtectedHeader({ alg: ALG, enc: ENC, kid: id, ...(about === undefined ? { cty: 'jwk+json' } : { about }) })
        .encrypt(key),
    async unwrap(wrapped, about) {
      const header = headerOf(wrapped);
      if (header?.kid !== id || header.about !== about) return undefined;
      const options = { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] };
      return compactDecrypt(wrapped, key, options).then(
        ({ plaintext }) => plaintext,
        () => undefined,
      );
    },
  };
}

/** A short name that tells nothing about the key: the hash of a value derived from it. */
function idOf(key: Uint8Array): string {
  const derived = hkdfSync('sha256', key, new Uint8Array(), 'sallyport key-encryption key id v1', 32);
  return `k${createHash('sha256').update(new Uint8Array(derived)).digest('hex').slice(0, 12)}`;
}

function headerOf(wrapped: string): ReturnType<typeof decodeProtectedHeader> | undefined {
  try {
    return decodeProtectedHeader(wrapped);
  } catch {
    return undefined;
  }
}
