/** Owns how the rarer parts of a row are read: acting parties and authorization_details, kept as JSON, absent where null. */
import type { ActingParty, Actors, Detail, Json } from '@sallyport/core';
import { isJsonObject } from '@sallyport/core';
import { RowUnreadable } from './faults.ts';
import { isNull, list, maybeText, object, type StoredRow, text } from './row-values.ts';

/** The chain of those who act. */
export function actorsIn(row: StoredRow): { readonly actors?: Actors } {
  if (isNull(row, 'actors')) return {};
  const [current, ...before] = list(row, 'actors').map((value) => actingParty(object(value, 'an acting party')));
  if (current === undefined) throw new RowUnreadable('actors is empty');
  return { actors: [current, ...before] };
}

function actingParty(row: StoredRow): ActingParty {
  return { ...optionalText('iss', maybeText(row, 'iss')), sub: text(row, 'sub') };
}

/** The details of an access. */
export function detailsIn(row: StoredRow): { readonly details?: readonly Detail[] } {
  return isNull(row, 'details') ? {} : { details: list(row, 'details').map(detail) };
}

function detail(value: unknown): Detail {
  const found = value as Json;
  if (!isDetail(found)) throw new RowUnreadable('details holds something else');
  return found;
}

function isDetail(value: Json): value is Detail {
  return isJsonObject(value) && typeof value.type === 'string';
}

/** A member that is left out where the column is null. */
export function optionalText<Name extends string, T extends string>(
  name: Name,
  value: T | undefined,
): { readonly [key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: T });
}

/** A value as a JSON parameter; null where it is absent. */
export function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
