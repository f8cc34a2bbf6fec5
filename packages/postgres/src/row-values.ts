/** Owns typed reading of stored values: what does not fit is a fault, never a guess. */
import { type Instant, instant, type Principal, parsePrincipal } from '@sallyport/core';
import { RowUnreadable } from './faults.ts';

/** A row as the server gives it, by column or as a JSON object. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** A text column. */
export function text(row: StoredRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new RowUnreadable(`${column} is not text`);
  return value;
}

/** A text column that may be null. */
export function maybeText(row: StoredRow, column: string): string | undefined {
  return isNull(row, column) ? undefined : text(row, column);
}

/** A whole number. */
export function whole(row: StoredRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new RowUnreadable(`${column} is not a whole number`);
  return value;
}

/** A time, read as epoch milliseconds or, inside JSON, as RFC 3339. */
export function time(row: StoredRow, column: string): Instant {
  const value = row[column];
  const epochMs = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof epochMs !== 'number' || !Number.isSafeInteger(epochMs)) throw new RowUnreadable(`${column} is not a time`);
  return instant(epochMs);
}

/** A time that may be null. */
export function maybeTime(row: StoredRow, column: string): Instant | undefined {
  return isNull(row, column) ? undefined : time(row, column);
}

/** True or false. */
export function flag(row: StoredRow, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw new RowUnreadable(`${column} is not a boolean`);
  return value;
}

/** A list of texts. */
export function texts(row: StoredRow, column: string): readonly string[] {
  return list(row, column).map((value) => {
    if (typeof value !== 'string') throw new RowUnreadable(`${column} holds something other than text`);
    return value;
  });
}

/** A list of whole numbers. */
export function wholes(row: StoredRow, column: string): readonly number[] {
  return list(row, column).map((value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw new RowUnreadable(`${column} is not whole numbers`);
    return value;
  });
}

/** A list of anything. */
export function list(row: StoredRow, column: string): readonly unknown[] {
  const value = row[column];
  if (!Array.isArray(value)) throw new RowUnreadable(`${column} is not a list`);
  return value;
}

/** One of a few words. */
export function word<const Word extends string>(row: StoredRow, column: string, words: readonly Word[]): Word {
  const value = text(row, column);
  const found = words.find((one) => one === value);
  if (found === undefined) throw new RowUnreadable(`${column} is none of ${words.join(', ')}`);
  return found;
}

/** A text that a domain parser takes: ids, digests. */
export function parsed<T>(row: StoredRow, column: string, parse: (text: string) => T | undefined): T {
  const value = parse(text(row, column));
  if (value === undefined) throw new RowUnreadable(`${column} does not parse`);
  return value;
}

/** `person:ID` or `workload:ID`. */
export function principal(row: StoredRow, column: string): Principal {
  return parsed(row, column, parsePrincipal);
}

/** A JSON object, for instance a row inside a row. */
export function object(value: unknown, what: string): StoredRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RowUnreadable(`${what} is not an object`);
  return value as StoredRow;
}

/** Whether a column is null or not there. */
export function isNull(row: StoredRow, column: string): boolean {
  return row[column] === null || row[column] === undefined;
}
