/** Owns three small cryptographic tools that every program needs and none should write again. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES_MIN = 16;
const TOKEN_BYTES_MAX = 1024;

/**
 * Compares two secrets in constant time. Text is compared as UTF-8.
 * Both sides are hashed first: lengths may differ, and nothing about them shows in the time taken.
 */
export function equalBytes(a: Uint8Array | string, b: Uint8Array | string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/** Lower-case hex SHA-256 of a text (UTF-8) or of bytes: 64 characters. */
export function sha256Hex(input: Uint8Array | string): string {
  return sha256(input).toString('hex');
}

/** A fresh random value of so many bytes (16 to 1024; 32 if not said) as base64url without padding. */
export function randomToken(bytes = 32): string {
  if (!Number.isInteger(bytes) || bytes < TOKEN_BYTES_MIN || bytes > TOKEN_BYTES_MAX) {
    throw new RangeError(`a random token has ${TOKEN_BYTES_MIN} to ${TOKEN_BYTES_MAX} bytes`);
  }
  return randomBytes(bytes).toString('base64url');
}

function sha256(input: Uint8Array | string): Buffer {
  return createHash('sha256').update(input).digest();
}
