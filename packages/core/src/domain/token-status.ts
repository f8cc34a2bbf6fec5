/** TokenStatus: the place of a token's bit in the status lists, which say of many tokens at once which are over. */

/** A list, and the bit in it. */
export interface TokenStatus {
  readonly list: number;
  readonly index: number;
}

/** Bits of one list: 16 KiB, of which almost all are alike. */
export const STATUS_LIST_LENGTH = 131_072;

/** The place that comes `place`-th, from 0. Throws unless that is a whole number: a bug. */
export function statusAt(place: number): TokenStatus {
  if (!Number.isSafeInteger(place) || place < 0) throw new Error('a place is a whole number');
  return { list: Math.floor(place / STATUS_LIST_LENGTH), index: place % STATUS_LIST_LENGTH };
}

/** Where a place comes, from 0. */
export function placeOf({ list, index }: TokenStatus): number {
  return list * STATUS_LIST_LENGTH + index;
}
