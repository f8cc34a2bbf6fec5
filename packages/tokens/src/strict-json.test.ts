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

  test('however deep a text is nested, it is read or refused, and nothing overflows', () => {
    const deep = (inside: string): string => `${'[{"a":'.repeat(4_000)}${inside}${'}]'.repeat(4_000)}`;
    expect(parseStrictJson(deep('1'))).toBeDefined();
    expect(parseStrictJson(deep('{"b":1,"b":2}'))).toBeUndefined();
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

  test('whatever text comes, it is what JSON.parse reads if each member stands once, and nothing else', () => {
    const piece = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '1',
        'null',
        '""',
        '"a"',
        '"\\u0061"',
        '"b"',
        '"{"',
        '"a,"',
        '"\\""',
        '"__proto__"',
      ],
    );
    const pair = fc.tuple(fc.constantFrom('"a"', '"\\u0061"', '"b"', '""', '"\\\\"'), fc.jsonValue({ maxDepth: 2 }));
    const object = fc
      .array(pair, { maxLength: 4 })
      .map((pairs) => `{${pairs.map(([name, value]) => `${name}:${JSON.stringify(value)}`).join(',')}}`);
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      object,
      fc.array(object, { maxLength: 3 }).map((objects) => `[${objects.join(',')}]`),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (any) => {
        const plain = plainly(any);
        const once = plain !== undefined && membersIn(plain.value) === namesIn(any);
        expect(parseStrictJson(any)).toEqual(once ? plain?.value : undefined);
      }),
      { numRuns: 2_000 },
    );
  });
});

function plainly(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** How many members its objects have, at all depths. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value).reduce((sum: number, one) => sum + membersIn(one), 0);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}

/** How many members a JSON text names: its colons outside texts. */
function namesIn(text: string): number {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '').split(':').length - 1;
}
