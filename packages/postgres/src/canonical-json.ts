/** Owns canonical JSON: one spelling for one value (RFC 8785), for what is hashed and must hash alike for ever. */

/**
 * The canonical text of a JSON value: members sorted by UTF-16 code units, no white space, ECMAScript's numbers and strings.
 * Members that are undefined are left out. Throws on what JSON cannot hold, on text that is not well-formed Unicode, and on
 * member names that look like array indexes, which JavaScript would sort in its own way; nothing of ours is named so.
 */
export function canonicalJson(value: unknown): string {
  const text = JSON.stringify(sorted(value));
  if (ESCAPED_SURROGATE.test(text)) refuseLoneSurrogates(value);
  return text;
}

/** A copy whose members were added in canonical order, which is the order JSON.stringify writes them in. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('JSON has no infinities and no NaN');
    return value;
  }
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object') throw new TypeError(`not a JSON value: ${typeof value}`);
  const members = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(members).sort()) {
    if (INDEX_LIKE.test(name)) throw new TypeError('member names must not be numbers');
    if (members[name] !== undefined) copy[name] = sorted(members[name]);
  }
  return copy;
}

const INDEX_LIKE = /^\d+$/;
/** JSON.stringify escapes lone surrogates; the same characters may also stand in text that shows a backslash. */
const ESCAPED_SURROGATE = /\\ud[89a-f]/;
/** A high surrogate without its low one, or a low one without its high one. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function refuseLoneSurrogates(value: unknown): void {
  if (typeof value === 'string' && LONE_SURROGATE.test(value)) throw new TypeError('text must be well-formed Unicode');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    refuseLoneSurrogates(name);
    refuseLoneSurrogates(member);
  }
}
