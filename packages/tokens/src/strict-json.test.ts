/** JSON in which no value can be read in two ways. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.ts';

describe('parseStrictJson', () => {
  test.each([
    ['{"a":1,"a":1}'],
    ['{"a":1,"\\u0061":2}'],
    ['[{"b":{"c":[{"d":1,"e":2,"d":3}]}}]'],
    ['{"a":{},"b":[],"a":[]}'],
    ['{"\\"":1,"\\"":2}'],
    ['{"__proto__":1,"__proto__":2}'],
  ])('refuses the doubled member in %s', (text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(parseStrictJson(text)).toBeUndefined();
  });

  test.each([
    ['{"a":"a","b":"a,a","c":["a","a"],"d":{"a":1},"e":{"a":1}}'],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}'],
    ['[1,1,"x","x",[],[],{},{}]'],
    ['"x"'],
    ['{ "a" : "\\\\" , "b" : "\\\\\\"" }'],
  ])('reads %s', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  test.each([[''], ['{a:1}'], ["{'a':1}"], ['{"a":1,}'], ['\ufeff{}'], ['NaN'], ['{"a":1}x']])('refuses %j', (text) => {
    expect(parseStrictJson(text)).toBeUndefined();
  });

  test('reads whatever JSON.stringify writes, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  test('finds a doubled member wherever it is put', () => {
    const member = fc.string({ maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 }),
        member,
        fc.jsonValue(),
        (around, name, value) => {
          const entry = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
          const inside = around.map((one) => JSON.stringify(one)).join(',');
          const text = `[${inside}${around.length > 0 ? ',' : ''}{${entry},"${'long'.repeat(3)}":[${inside}],${entry}}]`;
          expect(parseStrictJson(text)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});
