/** Our own keys: the first of an algorithm signs, the others are only published (next ones, and those that have signed). */
import { err, ok, type Result } from '@sallyport/core';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { z } from 'zod';
import { hasKindFor, publicMembers } from './key-fit.ts';
import { parseStrictJson } from './strict-json.ts';

/** What our access tokens are signed with. */
export const ACCESS_TOKEN_ALG = 'ES256';
/** What federation tokens are signed with: every cloud takes it. */
export const FEDERATION_TOKEN_ALG = 'RS256';
const RSA_BITS = 2_048;
const ALGS = ['ES256', 'RS256'] as const;
export type KeyAlg = (typeof ALGS)[number];

export interface SigningKey {
  readonly kid: string;
  readonly alg: KeyAlg;
  readonly privateKey: CryptoKey;
}

export interface PublishedKey {
  readonly kid: string;
  readonly alg: KeyAlg;
  readonly publicKey: CryptoKey;
  /** Public members only, `use: sig`, `alg`, `kid`. */
  readonly jwk: PublicJwk;
}

export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kid: string; readonly alg: KeyAlg };

export interface KeySet {
  /** The key that signs, by algorithm: access tokens, and federation tokens where there is one for them. */
  readonly signing: { readonly ES256: SigningKey; readonly RS256?: SigningKey };
  /** Every key, in the order of the file. */
  readonly published: readonly PublishedKey[];
}

const TEXT_LENGTH_MAX = 64 * 1_024;
const KEYS_PER_ALG_MAX = 4;
const keyShape = z.looseObject({
  kty: z.string(),
  kid: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'a text of 1 to 255 visible ASCII characters'),
  alg: z.enum(ALGS),
  use: z.literal('sig').optional(),
  d: z.string().optional(),
});
const setShape = z.strictObject({
  keys: z
    .array(z.unknown())
    .min(1)
    .max(KEYS_PER_ALG_MAX * ALGS.length),
});
type KeyShape = z.output<typeof keyShape>;

/**
 * Reads the text of SALLYPORT_SIGNING_KEYS: a JWK set (RFC 7517) of ES256 and RS256 keys.
 * @returns the keys, imported and tried out, or every problem; a problem never quotes the text.
 */
export async function parseKeySet(text: string): Promise<Result<KeySet, readonly string[]>> {
  const shapes = readShapes(text);
  if (!shapes.ok) return shapes;
  const problems = [...(await doubled(shapes.value)), ...tooMany(shapes.value), ...signerMissing(shapes.value)];
  if (problems.length > 0) return err(problems);
  const imported = await Promise.all(shapes.value.map(importKey));
  const failed = imported.flatMap((key, index) => (key === undefined ? [`keys[${index}]: not a usable key`] : []));
  if (failed.length > 0) return err(failed);
  const keys = imported.filter((key) => key !== undefined);
  const [access, federation] = [ACCESS_TOKEN_ALG, FEDERATION_TOKEN_ALG].map(
    (alg) => keys.find((key) => key.published.alg === alg)?.signing,
  );
  if (access === undefined) throw new Error('checked before: the first ES256 key is private');
  const signing = { ES256: access, ...(federation === undefined ? {} : { RS256: federation }) };
  return ok({ signing, published: keys.map((key) => key.published) });
}

/** Makes a private key as a JWK, for a key set. Its `kid` is its thumbprint (RFC 7638). */
export async function generateSigningKey(alg: KeyAlg = ACCESS_TOKEN_ALG): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' };
}

function readShapes(text: string): Result<readonly KeyShape[], readonly string[]> {
  const value = text.length > TEXT_LENGTH_MAX ? undefined : parseStrictJson(text);
  if (value === undefined) return err(['not JSON, or too long']);
  const set = setShape.safeParse(value);
  if (!set.success) return err(['not a JWK set: {"keys": [...]} with 1 to 8 keys and nothing else']);
  const shapes: KeyShape[] = [];
  const problems = set.data.keys.flatMap((raw, index) => {
    const shape = keyShape.safeParse(raw);
    if (!shape.success) return [`keys[${index}]: ${firstProblem(shape.error)}`];
    shapes.push(shape.data);
    return hasKindFor(shape.data, shape.data.alg) ? [] : [`keys[${index}]: too weak or of the wrong kind for its alg`];
  });
  return problems.length > 0 ? err(problems) : ok(shapes);
}

function firstProblem({ issues: [issue] }: z.ZodError): string {
  const member = issue?.path.join('.') ?? '';
  if (member === 'alg') return 'alg must be ES256 or RS256, and be there';
  if (member === 'kid') return 'kid must be a text of 1 to 255 visible ASCII characters, and be there';
  return member === '' ? 'not a key' : `${member} is missing or not usable`;
}

/** One name, one key; one key, one algorithm. */
async function doubled(shapes: readonly KeyShape[]): Promise<readonly string[]> {
  const thumbprints = await Promise.all(shapes.map((shape) => thumbprintOf(shape)));
  return shapes.flatMap((shape, index) => [
    ...(shapes.findIndex((other) => other.kid === shape.kid) < index ? [`keys[${index}]: the same kid twice`] : []),
    ...(thumbprints.slice(0, index).includes(thumbprints[index] ?? '') ? [`keys[${index}]: the same key twice`] : []),
  ]);
}

async function thumbprintOf(shape: KeyShape): Promise<string> {
  try {
    return await calculateJwkThumbprint(publicMembers(shape));
  } catch {
    // Members are missing: importing will say so.
    return shape.kid;
  }
}

function tooMany(shapes: readonly KeyShape[]): readonly string[] {
  const over = ALGS.filter((alg) => shapes.filter((shape) => shape.alg === alg).length > KEYS_PER_ALG_MAX);
  return over.map((alg) => `more than ${KEYS_PER_ALG_MAX} keys for ${alg}`);
}

/** The first key of each algorithm must be able to sign; there must be one for access tokens. */
function signerMissing(shapes: readonly KeyShape[]): readonly string[] {
  return ALGS.flatMap((alg) => {
    const first = shapes.find((shape) => shape.alg === alg);
    if (first === undefined) return alg === ACCESS_TOKEN_ALG ? [`no ${alg} key to sign access tokens with`] : [];
    return first.d === undefined ? [`the first ${alg} key is only a public half: it must sign`] : [];
  });
}

interface Imported {
  readonly published: PublishedKey;
  readonly signing?: SigningKey;
}

async function importKey(shape: KeyShape): Promise<Imported | undefined> {
  const { kid, alg } = shape;
  const members = publicMembers(shape);
  try {
    const publicKey = await asymmetric(members, alg);
    const published = { kid, alg, publicKey, jwk: { ...members, kid, alg, use: 'sig' } };
    if (shape.d === undefined) return { published };
    const privateKey = await asymmetric(Object.fromEntries(Object.entries(shape)), alg);
    await tryOut(privateKey, publicKey, alg);
    return { published, signing: { kid, alg, privateKey } };
  } catch {
    return undefined;
  }
}

async function asymmetric(jwk: Record<string, unknown>, alg: KeyAlg): Promise<CryptoKey> {
  const key = await importJWK(jwk, alg, { extractable: false });
  if (key instanceof Uint8Array) throw new Error('a symmetric key');
  return key;
}

/** Both halves of one key? A file pasted together would sign what nobody can verify. */
async function tryOut(privateKey: CryptoKey, publicKey: CryptoKey, alg: KeyAlg): Promise<void> {
  const signed = await new CompactSign(new Uint8Array(8)).setProtectedHeader({ alg }).sign(privateKey);
  await compactVerify(signed, publicKey, { algorithms: [alg] });
}
