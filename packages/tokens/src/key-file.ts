/** Our key file as it lies on disk: a JWK set (RFC 7517) whose keys and set carry one member of ours, `sallyport`. */
import { err, type Instant, instant, ok, type Result } from '@sallyport/core';
import { type Secret, secret } from '@sallyport/platform';
import { z } from 'zod';
import { hasKindFor, publicMembers } from './key-fit.ts';
import { parseStrictJson } from './strict-json.ts';

const ALGS = ['ES256', 'RS256'] as const;
export type KeyAlg = (typeof ALGS)[number];
export type JwkMembers = Readonly<Record<string, unknown>>;

/** The half that signs: in the clear, or encrypted under the key-encryption key (RFC 7516, compact). */
export type PrivateHalf =
  | { readonly kind: 'plain'; readonly jwk: Secret<JwkMembers> }
  | { readonly kind: 'wrapped'; readonly text: string };

export interface KeyEntry {
  readonly kid: string;
  readonly alg: KeyAlg;
  /** `kty` and the public members of its kind. */
  readonly publicJwk: JwkMembers;
  /** Absent: only a public half, kept to verify what it signed. */
  readonly privateHalf?: PrivateHalf;
  readonly publishedAt?: Instant;
  readonly signingSince?: Instant;
  readonly signedUntil?: Instant;
}

/** A key that was taken back: whoever still has it drops it at once, whatever it may verify. */
export interface RevokedKey {
  readonly kid: string;
  readonly at: Instant;
}

export interface KeyFile {
  /** The first of an algorithm signs; the others are only published. */
  readonly keys: readonly KeyEntry[];
  readonly revoked: readonly RevokedKey[];
}

export const KEY_FILE_BYTES_MAX = 64 * 1_024;
export const KEYS_PER_ALG_MAX = 4;
export const REVOKED_MAX = 32;
const WRAPPED_LENGTH_MAX = 16 * 1_024;

const time = z.iso.datetime().transform((text) => instant(Date.parse(text)));
const kid = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'a text of 1 to 255 visible ASCII characters');
const ourMember = z.strictObject({
  published_at: time.optional(),
  signing_since: time.optional(),
  signed_until: time.optional(),
  wrapped: z.string().max(WRAPPED_LENGTH_MAX).optional(),
});
const keyShape = z.looseObject({
  kty: z.string(),
  kid,
  alg: z.enum(ALGS),
  use: z.literal('sig').optional(),
  d: z.string().optional(),
  sallyport: ourMember.optional(),
});
const setShape = z.strictObject({
  keys: z
    .array(z.unknown())
    .min(1)
    .max(KEYS_PER_ALG_MAX * ALGS.length),
  sallyport: z.strictObject({ revoked: z.array(z.strictObject({ kid, at: time })).max(REVOKED_MAX) }).optional(),
});

/**
 * Reads the text of a key file.
 * @returns its keys, none of them imported yet, or every problem; a problem never quotes the text.
 */
export function parseKeyFile(text: string): Result<KeyFile, readonly string[]> {
  const value = Buffer.byteLength(text) > KEY_FILE_BYTES_MAX ? undefined : parseStrictJson(text);
  if (value === undefined) return err(['not JSON, or too long']);
  const set = setShape.safeParse(value);
  if (!set.success) return err([setProblem(set.error)]);
  const read = set.data.keys.map((raw, index) => readKey(raw, `keys[${index}]`));
  const problems = read.flatMap((key) => (key.ok ? [] : [key.error]));
  if (problems.length > 0) return err(problems);
  const keys = read.flatMap((key) => (key.ok ? [key.value] : []));
  return ok({ keys, revoked: set.data.sallyport?.revoked ?? [] });
}

/** The text of a key file, as `parseKeyFile` reads it. It holds what is secret in it: write it for its owner only. */
export function spellKeyFile({ keys, revoked }: KeyFile): string {
  const sallyport = { revoked: revoked.map((key) => ({ kid: key.kid, at: timeText(key.at) })) };
  const set = { keys: keys.map(spellKey), ...(revoked.length > 0 ? { sallyport } : {}) };
  return `${JSON.stringify(set, null, 2)}\n`;
}

/** The algorithms a file has keys for, in a fixed order. */
export function algsOf({ keys }: KeyFile): readonly KeyAlg[] {
  return ALGS.filter((alg) => keys.some((key) => key.alg === alg));
}

/** RFC 3339, UTC. */
export function timeText(at: Instant): string {
  return new Date(at).toISOString();
}

function readKey(raw: unknown, where: string): Result<KeyEntry, string> {
  const shape = keyShape.safeParse(raw);
  if (!shape.success) return err(`${where}: ${keyProblem(shape.error)}`);
  const { data } = shape;
  if (!hasKindFor(data, data.alg)) return err(`${where}: too weak or of the wrong kind for its alg`);
  if (data.d !== undefined && data.sallyport?.wrapped !== undefined) {
    return err(`${where}: its private half is there twice, plain and encrypted`);
  }
  return ok(entryOf(data));
}

function entryOf(data: z.output<typeof keyShape>): KeyEntry {
  const { sallyport: ours = {}, ...jwk } = data;
  return {
    kid: data.kid,
    alg: data.alg,
    publicJwk: publicMembers(data),
    ...(data.d === undefined ? {} : { privateHalf: { kind: 'plain', jwk: secret(jwk) } }),
    ...(ours.wrapped === undefined ? {} : { privateHalf: { kind: 'wrapped', text: ours.wrapped } }),
    ...(ours.published_at === undefined ? {} : { publishedAt: ours.published_at }),
    ...(ours.signing_since === undefined ? {} : { signingSince: ours.signing_since }),
    ...(ours.signed_until === undefined ? {} : { signedUntil: ours.signed_until }),
  };
}

function spellKey(key: KeyEntry): JwkMembers {
  const { kid: name, alg, publicJwk, privateHalf: half } = key;
  const plain = half?.kind === 'plain' ? half.jwk.reveal() : {};
  const ours = {
    ...(key.publishedAt === undefined ? {} : { published_at: timeText(key.publishedAt) }),
    ...(key.signingSince === undefined ? {} : { signing_since: timeText(key.signingSince) }),
    ...(key.signedUntil === undefined ? {} : { signed_until: timeText(key.signedUntil) }),
    ...(half?.kind === 'wrapped' ? { wrapped: half.text } : {}),
  };
  const named = { kid: name, alg, use: 'sig' };
  return {
    ...named,
    ...plain,
    ...publicJwk,
    ...named,
    ...(Object.keys(ours).length > 0 ? { sallyport: ours } : {}),
  };
}

function setProblem({ issues: [issue] }: z.ZodError): string {
  if (issue?.path[0] === 'sallyport') return `${issue.path.join('.')} is not what sallyport keys writes`;
  return 'not a JWK set: {"keys": [...]} with 1 to 8 keys and nothing else';
}

function keyProblem({ issues: [issue] }: z.ZodError): string {
  const member = issue?.path.join('.') ?? '';
  if (member === 'alg') return 'alg must be ES256 or RS256, and be there';
  if (member === 'kid') return 'kid must be a text of 1 to 255 visible ASCII characters, and be there';
  return member === '' ? 'not a key' : `${member} is missing or not usable`;
}
