/** Owns the memory of cases already checked: the same stored text is the same case, and its MACs were compared before. */
import type { AccessCase } from '@sallyport/core';
import type { RowMac } from './row-mac.ts';
import { readCase } from './rows.ts';

/** Reads a case as the server wrote it (CASE, as text). Throws what `readCase` throws. */
export type ReadCaseText = (text: string) => AccessCase;

/** Cases of one generation; twice as many are remembered, those not asked for go first. */
const CASES_MAX = 1_000;
const TEXT_LENGTH_MAX = 16_384;

/**
 * Makes a reader with a memory. Every read still comes from the server, whole: a row that changed by one character is
 * another text, and is parsed, checked against its MACs and asserted anew. What is kept is frozen, for it is shared.
 */
export function makeReadCaseText(mac: RowMac): ReadCaseText {
  let younger = new Map<string, AccessCase>();
  let older = new Map<string, AccessCase>();

  function remember(text: string, c: AccessCase): AccessCase {
    if (younger.size >= CASES_MAX) {
      older = younger;
      younger = new Map();
    }
    younger.set(text, c);
    return c;
  }

  return (text) => {
    const known = younger.get(text);
    if (known !== undefined) return known;
    const before = older.get(text);
    if (before !== undefined) return remember(text, before);
    const read = frozen(readCase(JSON.parse(text), mac));
    return text.length > TEXT_LENGTH_MAX ? read : remember(text, read);
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
