/** Places in the status lists. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { placeOf, STATUS_LIST_LENGTH, statusAt } from './token-status.ts';

test('a place is one bit of one list, and back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (place) => {
      const status = statusAt(place);
      expect(status.index).toBeLessThan(STATUS_LIST_LENGTH);
      expect(placeOf(status)).toBe(place);
    }),
  );
  expect([statusAt(0), statusAt(STATUS_LIST_LENGTH)]).toEqual([
    { list: 0, index: 0 },
    { list: 1, index: 0 },
  ]);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is no place', (place) => {
  expect(() => statusAt(place)).toThrow('a place');
});
