/** Owns a few small cryptographic tools that every program needs and none should write again. */
import { hash, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES_MIN = 16;
const TOKEN_BYTES_MAX = 1024;
const POOLED_BYTES_MAX = 64;

/**
 * Compares two secrets in constant time. Text is compared as UTF-8.
 * Both sides are hashed first: lengths may differ, and nothing about them shows in the time taken.
 */
export function equalBytes(a: Uint8Array | string, b: Uint8Array | string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

/** Lower-case hex SHA-256 of a text (UTF-8) or of bytes: 64 characters. */
export function sha256Hex(input: Uint8Array | string): string {
  return hash('sha256', input, 'hex');
}

const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let unusedFrom = POOL_BYTES;

/** So many fresh bytes (at most 64) of the system's generator, fetched many at a time; each is given once and forgotten. */
export function secureBytes(count: number): Buffer {
  if (!Number.isInteger(count) || count < 1 || count > POOLED_BYTES_MAX)
    throw new RangeError(`at most ${POOLED_BYTES_MAX} bytes at a time`);
  if (unusedFrom + count > POOL_BYTES) {
    randomFillSync(pool);
    unusedFrom = 0;
  }
  const given = Buffer.from(pool.subarray(unusedFrom, unusedFrom + count));
  pool.fill(0, unusedFrom, unusedFrom + count);
  unusedFrom += count;
  return given;
}

/** A fresh random value of so many bytes (16 to 1024; 32 if not said) as base64url without padding. */
export function randomToken(bytes = 32): string {
  if (!Number.isInteger(bytes) || bytes < TOKEN_BYTES_MIN || bytes > TOKEN_BYTES_MAX) {
    throw new RangeError(`a random token has ${TOKEN_BYTES_MIN} to ${TOKEN_BYTES_MAX} bytes`);
  }
  return (bytes <= POOLED_BYTES_MAX ? secureBytes(bytes) : randomBytes(bytes)).toString('base64url');
}

function sha256(input: Uint8Array | string): Buffer {
  return hash('sha256', input, 'buffer');
}
