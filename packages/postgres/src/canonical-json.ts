/** Owns canonical JSON: one spelling for one value (RFC 8785), for what is hashed and must hash alike for ever. */

/**
 * The canonical text of a JSON value: members sorted by UTF-16 code units, no white space, ECMAScript's numbers and strings.
 * Members that are undefined are left out. Throws on what JSON cannot hold, on text that is not well-formed Unicode, and on
 * member names that look like array indexes, which JavaScript would sort in its own way; nothing of ours is named so.
 */
export function canonicalJson(value: unknown): string {
  const text = spell(value);
  if (ESCAPED_SURROGATE.test(text)) refuseLoneSurrogates(value);
  return text;
}

/** Written member by member: every token and every row of the trail is spelled twice, and a sorted copy of each would cost more. */
function spell(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return spellNumber(value);
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`not a JSON value: ${typeof value}`);
  return spellMembers(value as Readonly<Record<string, unknown>>);
}

function spellNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('JSON has no infinities and no NaN');
  return String(value === 0 ? 0 : value);
}

function spellMembers(members: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of sorted(Object.keys(members))) {
    const member = members[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${spellName(name)}${spell(member)}`;
  }
  return `{${text}}`;
}

const FEW = 40;

/** In place. For few names this beats the general sort by far, which first copies them. */
function sorted(names: string[]): string[] {
  if (names.length > FEW) return names.sort();
  for (let next = 1; next < names.length; next++) {
    const name = names[next] as string;
    let at = next;
    while (at > 0 && (names[at - 1] as string) > name) {
      names[at] = names[at - 1] as string;
      at--;
    }
    names[at] = name;
  }
  return names;
}

/** The names in use are few, and the same every time. */
const spelledNames = new Map<string, string>();
const NAMES_MAX = 1_000;
const NAME_LENGTH_MAX = 64;
const INDEX_LIKE = /^\d+$/;

function spellName(name: string): string {
  const known = spelledNames.get(name);
  if (known !== undefined) return known;
  if (INDEX_LIKE.test(name)) throw new TypeError('member names must not be numbers');
  const spelled = `${JSON.stringify(name)}:`;
  if (spelledNames.size < NAMES_MAX && name.length <= NAME_LENGTH_MAX) spelledNames.set(name, spelled);
  return spelled;
}

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
