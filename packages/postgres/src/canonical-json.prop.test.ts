/** Shows that canonical JSON is one spelling: for equal values the same, for different ones different, and still JSON. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

const name = fc.string({ unit: 'grapheme' }).filter((text) => !/^\d+$/.test(text) && text !== '__proto__');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}));

describe('canonical JSON', () => {
  test('reads back as the same value', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  test('is a fixed point: spelling what was read gives the same bytes', () => {
    fc.assert(
      fc.property(value, (one) => {
        const text = canonicalJson(one);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('is what JSON.stringify makes of a copy whose members were added in order', () => {
    const inOrder = (one: unknown): unknown => {
      if (typeof one !== 'object' || one === null) return one;
      if (Array.isArray(one)) return one.map(inOrder);
      const names = Object.keys(one).sort();
      return Object.fromEntries(names.map((key) => [key, inOrder((one as Record<string, unknown>)[key])]));
    };
    const many = fc.dictionary(name, fc.integer(), { minKeys: 30, maxKeys: 60 });
    fc.assert(
      fc.property(fc.oneof(value, many), (one) => {
        expect(canonicalJson(one)).toBe(JSON.stringify(inOrder(one)));
      }),
    );
  });

  test('does not depend on the order members were added in', () => {
    expect(canonicalJson({ b: 1, a: { d: 2, c: undefined, A: 3 } })).toBe('{"a":{"A":3,"d":2},"b":1}');
    expect(canonicalJson({ a: { A: 3, d: 2 }, b: 1 })).toBe('{"a":{"A":3,"d":2},"b":1}');
  });

  test('RFC 8785: numbers and strings as ECMAScript writes them, members by UTF-16 code units', () => {
    expect(canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
    expect(canonicalJson('€$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ud83d\ude00': 3, a: 4 })).toBe('{"\\r":2,"a":4,"€":1,"😀":3}');
  });

  test('refuses what has no one spelling', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n, '\ud800', { a: '\udc00x' }, { 1: 2 }]) {
      expect(() => canonicalJson(bad)).toThrow(TypeError);
    }
    expect(canonicalJson('shown: \\ud800')).toBe('"shown: \\\\ud800"');
  });
});
