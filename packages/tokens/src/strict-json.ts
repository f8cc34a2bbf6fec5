/** JSON without doubled members: where two readers could disagree about a value, there is no value (RFC 8259 section 4). */
import type { Json } from '@sallyport/core';

/** Parses a text; undefined when it is not JSON or names one member of an object twice, at any depth. */
export function parseStrictJson(text: string): Json | undefined {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return hasDoubledMembers(text, value) ? undefined : value;
}

/** Whether some object has two members of one name: then the text, which is JSON already, names more than the value has. */
function hasDoubledMembers(text: string, value: Json): boolean {
  return namesIn(text) !== membersOf(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Outside of strings a colon stands after each name, and nowhere else. */
function namesIn(text: string): number {
  let names = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (code === BACKSLASH) at += 1;
    else if (code === COLON && !inString) names += 1;
  }
  return names;
}

/** Without recursion: how deep a text is nested is up to its writer. */
function membersOf(value: Json): number {
  const left: Json[] = [value];
  let members = 0;
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    const inside = Object.values(one);
    if (!Array.isArray(one)) members += inside.length;
    for (const part of inside) if (typeof part === 'object') left.push(part);
  }
  return members;
}
