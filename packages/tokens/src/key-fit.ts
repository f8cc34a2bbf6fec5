/** Which key may be used with which algorithm: kind, curve, size. One key, one algorithm. */

/** A JSON Web Key as it comes: nothing about it is believed yet. */
export interface UntrustedJwk {
  readonly kty?: unknown;
  readonly kid?: unknown;
  readonly alg?: unknown;
  readonly use?: unknown;
  readonly key_ops?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
  readonly y?: unknown;
  readonly n?: unknown;
  readonly e?: unknown;
}

/** RSA keys below this are guessable soon (NIST SP 800-131A). */
export const RSA_BITS_MIN = 2_048;
/** Above this, verifying is a way to keep us busy. */
const RSA_BITS_MAX = 8_192;
/** Odd and at least this (FIPS 186-5, A.1.1): with 1 everybody signs. */
const RSA_EXPONENT_MIN = 65_537;
const RSA_EXPONENT_BYTES_MAX = 4;

const CURVES: Readonly<Record<string, readonly [kty: string, crv: string]>> = {
  ES256: ['EC', 'P-256'],
  ES384: ['EC', 'P-384'],
  ES512: ['EC', 'P-521'],
  EdDSA: ['OKP', 'Ed25519'],
  Ed25519: ['OKP', 'Ed25519'],
};

/** Whether a public key verifies signatures of this algorithm, and may. */
export function fitsAlgorithm(jwk: UntrustedJwk, alg: string): boolean {
  if (jwk.use !== undefined && jwk.use !== 'sig') return false;
  if (jwk.alg !== undefined && jwk.alg !== alg) return false;
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) return false;
  return hasKindFor(jwk, alg);
}

/** Whether kind, curve and size are right for an asymmetric algorithm we know. */
export function hasKindFor(jwk: UntrustedJwk, alg: string): boolean {
  if (/^[RP]S(?:256|384|512)$/.test(alg)) {
    const bits = bitsOf(numberIn(jwk.n));
    return jwk.kty === 'RSA' && isExponent(numberIn(jwk.e)) && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
  }
  const curve = Object.hasOwn(CURVES, alg) ? CURVES[alg] : undefined;
  return curve !== undefined && jwk.kty === curve[0] && jwk.crv === curve[1];
}

/** The public members alone, of a key that fits. */
export function publicMembers({ kty, crv, x, y, n, e }: UntrustedJwk): Record<string, unknown> {
  const members = { kty, crv, x, y, n, e };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** A number as RFC 7518 section 2 writes it, without leading zeros; empty if it is none. */
function numberIn(text: unknown): Buffer {
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
}

function bitsOf(number: Buffer): number {
  const [top] = number;
  return top === undefined ? 0 : number.length * 8 - Math.clz32(top) + 24;
}

function isExponent(number: Buffer): boolean {
  if (number.length === 0 || number.length > RSA_EXPONENT_BYTES_MAX) return false;
  const value = number.readUIntBE(0, number.length);
  return value % 2 === 1 && value >= RSA_EXPONENT_MIN;
}
