/** Sealed texts: what a browser keeps for us and brings back, unread and unchanged. JWE (RFC 7516), `dir` with A256GCM, with an end. */
import { hkdfSync } from 'node:crypto';
import type { Instant, JsonObject } from '@sallyport/core';
import { EncryptJWT, jwtDecrypt } from 'jose';

export interface SealedBox {
  /** Seals a value until then, to the second. The value must not use the names of registered claims. */
  seal(value: JsonObject, until: Instant): Promise<string>;
  /** What was sealed here and is still in time; undefined for anything else, whatever is wrong with it. */
  open(text: string, now: Instant): Promise<JsonObject | undefined>;
}

export interface SealedBoxDeps {
  /** 32 or more random bytes; only a key derived from them (HKDF-SHA-256) is kept. */
  readonly secret: Uint8Array;
  /** What the box is for: a text sealed for one purpose opens for no other. */
  readonly purpose: string;
}

const KEY = { management: 'dir', content: 'A256GCM', bytes: 32 } as const;
const SECRET_BYTES_MIN = 32;
/** A cookie holds about 4 kB. */
const TEXT_LENGTH_MAX = 4_096;

/** Makes a box. Every program with the same secret opens what any of them sealed. */
export function makeSealedBox({ secret, purpose }: SealedBoxDeps): SealedBox {
  if (secret.length < SECRET_BYTES_MIN) throw new RangeError(`a sealed box needs at least ${SECRET_BYTES_MIN} bytes`);
  const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `sallyport ${purpose} v1`, KEY.bytes));
  return {
    seal: (value, until) =>
      new EncryptJWT({ value })
        .setProtectedHeader({ alg: KEY.management, enc: KEY.content })
        .setExpirationTime(new Date(until))
        .encrypt(key),
    open: async (text, now) => {
      if (text.length > TEXT_LENGTH_MAX) return undefined;
      try {
        const { payload } = await jwtDecrypt<{ value?: JsonObject }>(text, key, {
          keyManagementAlgorithms: [KEY.management],
          contentEncryptionAlgorithms: [KEY.content],
          requiredClaims: ['exp'],
          currentDate: new Date(now),
        });
        return payload.value;
      } catch {
        return undefined;
      }
    },
  };
}
