/** Bits of the status lists. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitNumber, STATUS_LIST_LENGTH, statusAt } from './token-status.ts';

test('a number is one bit of one list, and back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      const status = statusAt(number);
      expect(status.index).toBeLessThan(STATUS_LIST_LENGTH);
      expect(bitNumber(status)).toBe(number);
    }),
  );
  expect([statusAt(0), statusAt(STATUS_LIST_LENGTH)]).toEqual([
    { list: 0, index: 0 },
    { list: 1, index: 0 },
  ]);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is the number of no bit', (number) => {
  expect(() => statusAt(number)).toThrow('the number of a bit');
});
