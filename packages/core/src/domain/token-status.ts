/** TokenStatus: where a token's bit is in the status lists, which say of many tokens at once which are over. */

/** A list, and the bit in it. */
export interface TokenStatus {
  readonly list: number;
  readonly index: number;
}

/** Bits of one list: 16 KiB, of which almost all are alike. */
export const STATUS_LIST_LENGTH = 131_072;

/** The bit with this number, counted through all lists from 0. Throws unless that is a whole number: a bug. */
export function statusAt(number: number): TokenStatus {
  if (!Number.isSafeInteger(number) || number < 0) throw new Error('the number of a bit is a whole one');
  return { list: Math.floor(number / STATUS_LIST_LENGTH), index: number % STATUS_LIST_LENGTH };
}

/** The number of a bit, counted through all lists from 0. */
export function bitNumber({ list, index }: TokenStatus): number {
  return list * STATUS_LIST_LENGTH + index;
}
