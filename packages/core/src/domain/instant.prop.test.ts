/** Properties of durations: what is written is read back, and the spelling is the shortest in order. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { duration, formatDuration, instant, numericDate, parseDuration, wholeSecond } from './instant.ts';

test('every duration of whole seconds survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (count) => {
      const length = duration(count * 1_000);
      expect(parseDuration(formatDuration(length))).toBe(length);
    }),
  );
});

test('whatever text comes, the answer is a positive whole number of seconds or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9dhms]{0,12}$/)), (text) => {
      const read = parseDuration(text);
      expect(read === undefined || (read > 0 && read % 1_000 === 0)).toBe(true);
    }),
  );
});

test('I-2: the whole second of an instant is never after it, and is its NumericDate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      const at = instant(ms);
      expect(wholeSecond(at)).toBeLessThanOrEqual(at);
      expect(at - wholeSecond(at)).toBeLessThan(1_000);
      expect(wholeSecond(at)).toBe(numericDate(at) * 1_000);
    }),
  );
});
