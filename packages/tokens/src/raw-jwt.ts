/** The outside of a JWT, before anything in it is believed: one spelling, one meaning, and a header that asks for nothing. */
import { isUtf8 } from 'node:buffer';
import { err, isJsonObject, type JsonObject, ok, type Result } from '@sallyport/core';
import { parseStrictJson } from './strict-json.ts';

export interface RawJwt {
  readonly alg: string;
  readonly kid: string;
  readonly typ: string | undefined;
  /** Not verified. */
  readonly claims: JsonObject;
  /** What is signed: header and payload as they came. */
  readonly signingInput: string;
  /** base64url. */
  readonly signature: string;
}

/** Header and payload of a compact JWS, not verified. */
export interface CompactJws {
  readonly head: JsonObject;
  readonly claims: JsonObject;
  readonly signingInput: string;
  /** base64url. */
  readonly signature: string;
}

/** For the log only. */
export type RawProblem = 'too_long' | 'not_compact' | 'not_canonical' | 'not_json' | 'header_member' | 'kid';

export const TOKEN_LENGTH_MAX = 16 * 1_024;
const KID_LENGTH_MAX = 255;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
/** Members by which a token would choose its own key, or change what is signed. */
export const REFUSED_MEMBERS = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c'];

/**
 * Takes a compact JWS apart (RFC 7515 section 7.1): three parts, each of which re-encodes to itself, holding JSON
 * objects without doubled members. The signature is not looked at.
 */
export function parseCompactJws(token: string): Result<CompactJws, RawProblem> {
  if (token.length > TOKEN_LENGTH_MAX) return err('too_long');
  const parts = COMPACT.exec(token);
  if (parts === null) return err('not_compact');
  const [, header = '', payload = '', signature = ''] = parts;
  if (![header, payload, signature].every(isCanonical)) return err('not_canonical');
  const head = objectIn(header);
  const claims = objectIn(payload);
  if (head === undefined || claims === undefined) return err('not_json');
  return ok({ head, claims, signingInput: `${header}.${payload}`, signature });
}

/** A compact JWS whose header has texts for `alg` and `kid` and asks for nothing of its own. */
export function parseRawJwt(token: string): Result<RawJwt, RawProblem> {
  const jws = parseCompactJws(token);
  if (!jws.ok) return jws;
  const { head, claims, signingInput, signature } = jws.value;
  if (REFUSED_MEMBERS.some((member) => Object.hasOwn(head, member))) return err('header_member');
  const { alg, kid, typ } = head;
  if (typeof alg !== 'string' || (typ !== undefined && typeof typ !== 'string')) return err('header_member');
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > KID_LENGTH_MAX) return err('kid');
  return ok({ alg, kid, typ, claims, signingInput, signature });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Bits of the last character that stand for nothing, by how many characters are over after fours; one over is no base64. */
const SPARE_BITS: readonly (number | undefined)[] = [0, undefined, 0b1111, 0b11];

/** No spare bits set: Node's decoder forgives them, and then one signature has several spellings. */
function isCanonical(part: string): boolean {
  const spare = SPARE_BITS[part.length % 4];
  return spare !== undefined && (ALPHABET.indexOf(part.charAt(part.length - 1)) & spare) === 0;
}

function objectIn(part: string): JsonObject | undefined {
  const bytes = Buffer.from(part, 'base64url');
  const value = isUtf8(bytes) ? parseStrictJson(bytes.toString('utf8')) : undefined;
  return isJsonObject(value) ? value : undefined;
}
