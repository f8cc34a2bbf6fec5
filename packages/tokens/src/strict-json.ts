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
  return hasDoubledMembers(text) ? undefined : value;
}

/** Names seen so far in an object, and whether the next text is a name; undefined inside a list. */
type Frame = { readonly names: Set<string>; nameNext: boolean } | undefined;

const STRING_OR_MARK = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs;

/** Whether some object has two members of one name. The text is JSON already. */
function hasDoubledMembers(text: string): boolean {
  const frames: Frame[] = [];
  for (const [mark] of text.matchAll(STRING_OR_MARK)) {
    const frame = frames.at(-1);
    if (mark === '{') frames.push({ names: new Set(), nameNext: true });
    else if (mark === '[') frames.push(undefined);
    else if (mark === '}' || mark === ']') frames.pop();
    else if (mark === ',' && frame !== undefined) frame.nameNext = true;
    else if (mark !== ',' && frame?.nameNext === true) {
      const name: string = JSON.parse(mark);
      if (frame.names.has(name)) return true;
      frame.names.add(name);
      frame.nameNext = false;
    }
  }
  return false;
}
