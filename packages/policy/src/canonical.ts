/** Canonical JSON: members sorted, no spaces, so that equal values are equal bytes (RFC 8785 for what a policy can hold). */
import type { Json } from '@sallyport/core';

/** Writes a value canonically. The value is JSON already; undefined members do not occur. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
