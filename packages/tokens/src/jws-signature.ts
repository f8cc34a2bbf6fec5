/** JWS signatures by node:crypto: made and checked off the main thread, at a third of what Web Crypto costs it. */
import { constants, KeyObject, sign, verify } from 'node:crypto';
import type { CryptoKey } from 'jose';

/** How node:crypto is asked for one algorithm of RFC 7518 section 3.1 or RFC 8037. */
interface Scheme {
  readonly hash: string | null;
  readonly dsaEncoding?: 'ieee-p1363';
  readonly padding?: number;
  readonly saltLength?: number;
  /** ECDSA: R and S, each as long as the curve's order; nothing else is a signature. */
  readonly bytes?: number;
}

const ecdsa = (hash: string, bytes: number): Scheme => ({ hash, bytes, dsaEncoding: 'ieee-p1363' });
const pkcs1 = (hash: string): Scheme => ({ hash, padding: constants.RSA_PKCS1_PADDING });
const pss = (hash: string, saltLength: number): Scheme => ({
  hash,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength,
});

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['ES256', ecdsa('sha256', 64)],
  ['ES384', ecdsa('sha384', 96)],
  ['ES512', ecdsa('sha512', 132)],
  ['RS256', pkcs1('sha256')],
  ['RS384', pkcs1('sha384')],
  ['RS512', pkcs1('sha512')],
  ['PS256', pss('sha256', 32)],
  ['PS384', pss('sha384', 48)],
  ['PS512', pss('sha512', 64)],
  ['EdDSA', { hash: null }],
  ['Ed25519', { hash: null }],
]);

/**
 * Checks a signature over ASCII text. False for whatever is wrong with it, and for a key that was imported for another
 * algorithm: one key, one algorithm.
 * @param signature base64url
 */
export async function holdsSignature(
  alg: string,
  key: CryptoKey,
  signingInput: string,
  signature: string,
): Promise<boolean> {
  const scheme = SCHEMES.get(alg);
  if (scheme === undefined || !isFor(key, alg) || !key.usages.includes('verify')) return false;
  const bytes = Buffer.from(signature, 'base64url');
  if (scheme.bytes !== undefined && bytes.length !== scheme.bytes) return false;
  const { hash, bytes: _, ...how } = scheme;
  return new Promise((resolve) => {
    verify(hash, Buffer.from(signingInput, 'latin1'), { key: keyObject(key), ...how }, bytes, (error, holds) =>
      resolve(error === null && holds),
    );
  });
}

/** Signs ASCII text. Returns base64url; rejects only on bugs: the key was tried out when it was read. */
export async function makeSignature(alg: string, key: CryptoKey, signingInput: string): Promise<string> {
  const scheme = SCHEMES.get(alg);
  if (scheme === undefined || !isFor(key, alg)) throw new Error('a key signs by its own algorithm only');
  const { hash, bytes: _, ...how } = scheme;
  return new Promise((resolve, reject) => {
    sign(hash, Buffer.from(signingInput, 'latin1'), { key: keyObject(key), ...how }, (error, signature) =>
      error === null ? resolve(signature.toString('base64url')) : reject(error),
    );
  });
}

const keyObjects = new WeakMap<CryptoKey, KeyObject>();

/** The same key for node:crypto; made once. */
function keyObject(key: CryptoKey): KeyObject {
  const made = keyObjects.get(key) ?? KeyObject.from(key);
  keyObjects.set(key, made);
  return made;
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
const RSA_BITS_MIN = 2_048;

/** Whether Web Crypto was told that this key is for this algorithm. */
function isFor({ algorithm }: CryptoKey, alg: string): boolean {
  const { name } = algorithm;
  const { namedCurve, hash, modulusLength } = algorithm as Partial<{
    readonly namedCurve: string;
    readonly hash: { readonly name: string };
    readonly modulusLength: number;
  }>;
  if (name === 'ECDSA') return namedCurve !== undefined && CURVES[alg] === namedCurve;
  if (name === 'Ed25519') return alg === 'EdDSA' || alg === 'Ed25519';
  const family = name === 'RSASSA-PKCS1-v1_5' ? 'RS' : name === 'RSA-PSS' ? 'PS' : undefined;
  return family !== undefined && (modulusLength ?? 0) >= RSA_BITS_MIN && hash?.name.replace('SHA-', family) === alg;
}
