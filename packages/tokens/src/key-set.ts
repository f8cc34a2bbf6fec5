/** Our own keys, ready for use: the first of an algorithm signs, the others are only published (next ones, and those that have signed). */
import { err, type Instant, ok, type Result } from '@sallyport/core';
import { CompactSign, type CryptoKey, calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import {
  algsOf,
  type JwkMembers,
  KEYS_PER_ALG_MAX,
  type KeyAlg,
  type KeyEntry,
  type KeyFile,
  parseKeyFile,
} from './key-file.ts';
import type { KeyWrapping } from './key-wrapping.ts';
import { openHalf } from './private-half.ts';

/** What our access tokens are signed with. */
export const ACCESS_TOKEN_ALG = 'ES256';

export interface SigningKey<A extends KeyAlg = KeyAlg> {
  readonly kid: string;
  readonly alg: A;
  /** Cannot be exported. */
  readonly privateKey: CryptoKey;
}

/** The key that signs, by algorithm. Without an RS256 key nothing is signed that must be RS256. */
export interface SigningKeys {
  readonly ES256: SigningKey<'ES256'>;
  readonly RS256?: SigningKey<'RS256'>;
}

export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kid: string; readonly alg: KeyAlg };

export interface PublishedKey {
  readonly kid: string;
  readonly alg: KeyAlg;
  readonly publicKey: CryptoKey;
  /** Public members only, `use: sig`, `alg`, `kid`. */
  readonly jwk: PublicJwk;
  /** Of the public members (RFC 7638): two keys of one thumbprint are one key. */
  readonly thumbprint: string;
  /** Whether its private half is there too. */
  readonly canSign: boolean;
  readonly publishedAt?: Instant;
  readonly signingSince?: Instant;
  readonly signedUntil?: Instant;
}

export interface KeySet {
  readonly signing: SigningKeys;
  /** Every key, in the order of the file. */
  readonly published: readonly PublishedKey[];
  /** Kids that were taken back. */
  readonly revoked: readonly string[];
}

/**
 * Reads the text of SALLYPORT_SIGNING_KEYS: a JWK set (RFC 7517) of ES256 and RS256 keys.
 * @param wrapping opens private halves that are encrypted
 * @returns the keys, imported and tried out, or every problem; a problem never quotes the text.
 */
export async function parseKeySet(text: string, wrapping?: KeyWrapping): Promise<Result<KeySet, readonly string[]>> {
  const file = parseKeyFile(text);
  return file.ok ? openKeySet(file.value, wrapping) : file;
}

/** Imports a file's keys and judges them together. */
async function openKeySet(
  file: KeyFile,
  wrapping: KeyWrapping | undefined,
): Promise<Result<KeySet, readonly string[]>> {
  const read = await Promise.all(file.keys.map((entry) => importKey(entry, wrapping)));
  const failed = read.flatMap((key, index) => (key.ok ? [] : [`keys[${index}]: ${key.error}`]));
  const problems = [...doubled(file, read), ...tooMany(file), ...signerProblems(file), ...takenBack(file), ...failed];
  if (problems.length > 0) return err(problems);
  const keys = read.flatMap((key) => (key.ok ? [key.value] : []));
  const [ES256, RS256] = [signerOf('ES256', keys), signerOf('RS256', keys)];
  if (ES256 === undefined) throw new Error('checked before: the first ES256 key is private');
  return ok({
    signing: { ES256, ...(RS256 === undefined ? {} : { RS256 }) },
    published: keys.map((key) => key.published),
    revoked: file.revoked.map((key) => key.kid),
  });
}

function signerOf<A extends KeyAlg>(alg: A, keys: readonly Imported[]): SigningKey<A> | undefined {
  const first = keys.find((key) => key.published.alg === alg);
  return first?.privateKey === undefined ? undefined : { kid: first.published.kid, alg, privateKey: first.privateKey };
}

/** One name, one key; one key, one algorithm. */
function doubled({ keys }: KeyFile, read: readonly Result<Imported, string>[]): readonly string[] {
  const thumbprints = read.map((key) => (key.ok ? key.value.published.thumbprint : undefined));
  return keys.flatMap(({ kid }, index) => {
    const print = thumbprints[index];
    const named = keys.findIndex((other) => other.kid === kid) < index;
    const held = print !== undefined && thumbprints.indexOf(print) < index;
    return [
      ...(named ? [`keys[${index}]: the same kid twice`] : []),
      ...(held ? [`keys[${index}]: the same key twice`] : []),
    ];
  });
}

function tooMany(file: KeyFile): readonly string[] {
  const over = algsOf(file).filter((alg) => file.keys.filter((key) => key.alg === alg).length > KEYS_PER_ALG_MAX);
  return over.map((alg) => `more than ${KEYS_PER_ALG_MAX} keys for ${alg}`);
}

/** The first key of each algorithm must be able to sign, and not have stopped; there must be one for access tokens. */
function signerProblems(file: KeyFile): readonly string[] {
  const algs = algsOf(file);
  const none = algs.includes(ACCESS_TOKEN_ALG) ? [] : [`no ${ACCESS_TOKEN_ALG} key to sign access tokens with`];
  return [
    ...none,
    ...algs.flatMap((alg) => {
      const first = file.keys.find((key) => key.alg === alg);
      if (first?.privateHalf === undefined) return [`the first ${alg} key is only a public half: it must sign`];
      return first.signedUntil === undefined
        ? []
        : [`the first ${alg} key has stopped signing: put its next one first`];
    }),
  ];
}

function takenBack({ keys, revoked }: KeyFile): readonly string[] {
  return keys.flatMap(({ kid }, index) =>
    revoked.some((key) => key.kid === kid) ? [`keys[${index}]: was taken back, and does not come again`] : [],
  );
}

interface Imported {
  readonly published: PublishedKey;
  readonly privateKey?: CryptoKey;
}

async function importKey(entry: KeyEntry, wrapping: KeyWrapping | undefined): Promise<Result<Imported, string>> {
  const half = await openHalf(entry, wrapping);
  if (!half.ok) return half;
  try {
    const published = await importPublic(entry);
    if (half.value === undefined) return ok({ published });
    const privateKey = await asymmetric(half.value.reveal(), entry.alg);
    await tryOut(privateKey, published.publicKey, entry.alg);
    return ok({ published, privateKey });
  } catch {
    return err('not a usable key');
  }
}

async function importPublic(entry: KeyEntry): Promise<PublishedKey> {
  const { kid, alg, publicJwk, publishedAt, signingSince, signedUntil } = entry;
  return {
    kid,
    alg,
    publicKey: await asymmetric(publicJwk, alg),
    jwk: { ...publicJwk, kid, alg, use: 'sig' },
    thumbprint: await calculateJwkThumbprint({ ...publicJwk }),
    canSign: entry.privateHalf !== undefined,
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(signingSince === undefined ? {} : { signingSince }),
    ...(signedUntil === undefined ? {} : { signedUntil }),
  };
}

async function asymmetric(jwk: JwkMembers, alg: KeyAlg): Promise<CryptoKey> {
  const key = await importJWK({ ...jwk }, alg, { extractable: false });
  if (key instanceof Uint8Array) throw new Error('a symmetric key');
  return key;
}

/** Both halves of one key? A file pasted together would sign what nobody can verify. */
async function tryOut(privateKey: CryptoKey, publicKey: CryptoKey, alg: KeyAlg): Promise<void> {
  const signed = await new CompactSign(new Uint8Array(8)).setProtectedHeader({ alg }).sign(privateKey);
  await compactVerify(signed, publicKey, { algorithms: [alg] });
}
