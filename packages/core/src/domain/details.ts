/** Details: what an access says beyond scopes (`authorization_details`, RFC 9396). Compared whole; never merged, never trimmed. */
import { type JsonObject, spellJson } from './json.ts';

/** One rich part of an access; its type is one the resource declares, its other members fit that type's JSON Schema. */
export type Detail = JsonObject & { readonly type: string };

/** Sorts and de-duplicates details, so that equal sets are equal lists. */
export function detailSet(details: readonly Detail[]): readonly Detail[] {
  const spelled = new Map(details.map((detail) => [spellJson(detail), detail]));
  return [...spelled].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, detail]) => detail);
}

/**
 * Whether every wanted detail is among the held ones, to the letter. An access with details is narrower than one without:
 * who wants none is not served from one that has some, nor the other way round.
 */
export function coversDetails(held: readonly Detail[] = [], wanted: readonly Detail[] = []): boolean {
  if ((held.length === 0) !== (wanted.length === 0)) return false;
  const known = new Set(held.map(spellJson));
  return wanted.every((detail) => known.has(spellJson(detail)));
}

/** Whether two sets of details are the same. */
export function sameDetails(a: readonly Detail[] = [], b: readonly Detail[] = []): boolean {
  return a.length === b.length && coversDetails(a, b);
}
