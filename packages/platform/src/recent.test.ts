/** Tests of the bounded memory: it knows what was asked for lately, and does not grow. */
import { expect, test } from '@jest/globals';
import { makeRecent } from './recent.ts';

test('the last ones are known, those asked for stay, the rest is forgotten', () => {
  const recent = makeRecent<number>(10);
  recent.keep('asked', -1);
  for (let index = 0; index < 100; index++) {
    recent.keep(`k${index}`, index);
    expect(recent.get('asked')).toBe(-1);
  }
  expect(recent.get('k99')).toBe(99);
  expect(recent.get('k91')).toBe(91);
  const known = Array.from({ length: 100 }, (_, index) => recent.get(`k${index}`)).filter((v) => v !== undefined);
  expect(known.length).toBeLessThanOrEqual(20);
});

test('what was never kept is not known', () => {
  expect(makeRecent<number>(2).get('x')).toBeUndefined();
});
