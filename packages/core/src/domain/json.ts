/** JSON: values as texts of others carry them, read-only. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Whether a value is a map: not a list, not null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One spelling for one value: members sorted by UTF-16 code units, no white space. For comparing, not for what is stored. */
export function spellJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spellJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${spellJson(member)}`).join(',')}}`;
}
