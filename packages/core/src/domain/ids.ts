/** The ids of things: branded strings, `req_` `dec_` `grt_` `tok_` `lnk_` and 128 random bits. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RequestId = Branded<'RequestId'>;
export type DecisionId = Branded<'DecisionId'>;
export type GrantId = Branded<'GrantId'>;
/** The `jti` of a token of ours. */
export type TokenId = Branded<'TokenId'>;
/** Of a link between a Slack account and a person. */
export type LinkId = Branded<'LinkId'>;
/** Lower-case hex SHA-256 of a handle: the handle itself is never stored. */
export type HandleId = Branded<'HandleId'>;
/** Lower-case hex SHA-256 of the canonical text of one revision of a request. */
export type Digest = Branded<'Digest'>;
/** Lower-case hex SHA-256 of a compiled policy. */
export type PolicyVersion = Branded<'PolicyVersion'>;

/** Crockford base32, lower case: no i, l, o, u, so an id survives being read aloud. */
const RANDOM_PART = /^[0-9a-hjkmnp-tv-z]{26}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const parseId =
  <Id extends string>(prefix: string) =>
  (text: string): Id | undefined =>
    text.startsWith(prefix) && RANDOM_PART.test(text.slice(prefix.length)) ? (text as Id) : undefined;

const parseHash =
  <Id extends string>() =>
  (text: string): Id | undefined =>
    SHA256_HEX.test(text) ? (text as Id) : undefined;

export const parseRequestId = parseId<RequestId>('req_');
export const parseDecisionId = parseId<DecisionId>('dec_');
export const parseGrantId = parseId<GrantId>('grt_');
export const parseTokenId = parseId<TokenId>('tok_');
export const parseLinkId = parseId<LinkId>('lnk_');
export const parseHandleId = parseHash<HandleId>();
export const parseDigest = parseHash<Digest>();
export const parsePolicyVersion = parseHash<PolicyVersion>();

const BYTES = 16;
const CHARACTERS = 26;

/** Spells 16 random bytes as the random part of an id: one number of 128 bits, in base 32. Throws unless given exactly 16. */
export function spellId(bytes: Uint8Array): string {
  if (bytes.length !== BYTES) throw new Error('an id needs 16 random bytes');
  let text = '';
  for (let place = CHARACTERS - 1; place >= 0; place--) text += ALPHABET[fiveBitsAt(bytes, place * 5)] ?? '';
  return text;
}

/** The five bits that begin `from` bits above the lowest. */
function fiveBitsAt(bytes: Uint8Array, from: number): number {
  const at = BYTES - 1 - (from >> 3);
  const two = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
  return (two >> (from & 7)) & 31;
}
