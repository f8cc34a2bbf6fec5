/** The strict form parser: what it takes, and what a lenient one would guess. */
import { describe, expect, test } from '@jest/globals';
import { decodeFormText, param, parseForm } from './form.ts';

const FORM = 'application/x-www-form-urlencoded';
const parsed = (body: string | Buffer, type: string | undefined = FORM) => parseForm(type, Buffer.from(body));
const valuesOf = (body: string) => {
  const form = parsed(body);
  if (!form.ok) throw new Error(`refused: ${form.error.code}`);
  return Object.fromEntries(form.value);
};

describe('what it takes', () => {
  test('names and values, with plus and percent decoded', () => {
    expect(valuesOf('a=1&b=x+y&c=%2B%26%3D&d%20e=%C3%A9')).toEqual({
      a: ['1'],
      b: ['x y'],
      c: ['+&='],
      'd e': ['é'],
    });
  });

  test('an equals sign in a value, a name without one, empty pairs', () => {
    expect(valuesOf('a=b=c&&d&=x&')).toEqual({ a: ['b=c'], d: [], '': ['x'] });
  });

  test('empty is absent', () => {
    const form = parsed('a=&b=1');
    expect(form.ok && [param(form.value, 'a'), param(form.value, 'b'), param(form.value, 'c')]).toEqual([
      undefined,
      '1',
      undefined,
    ]);
  });

  test('audience and resource may repeat', () => {
    expect(valuesOf('audience=a&resource=r&audience=b&audience=')).toEqual({ audience: ['a', 'b'], resource: ['r'] });
  });

  test.each([FORM, `${FORM}; charset=UTF-8`, `${FORM};charset=utf-8`, 'Application/X-WWW-Form-URLEncoded'])(
    'media type %s',
    (type) => {
      expect(parsed('a=1', type).ok).toBe(true);
    },
  );

  test('no body is an empty form; names of Object.prototype are names', () => {
    expect(parseForm(FORM, undefined)).toEqual({ ok: true, value: new Map() });
    expect(valuesOf('__proto__=1&constructor=2')).toEqual(
      Object.fromEntries([
        ['__proto__', ['1']],
        ['constructor', ['2']],
      ]),
    );
  });
});

describe('what it refuses as malformed', () => {
  test.each([
    ['a name twice', 'a=1&a=1'],
    ['a name twice, once empty', 'scope=&scope=x'],
    ['a name twice, spelt in two ways', 'scope=a&sc%6fpe=b'],
    ['a lone percent', 'a=%'],
    ['half a percent', 'a=%4'],
    ['a percent of no hex', 'a=%zz'],
    ['an ill-encoded name', '%=1'],
    ['percent-encoded bad UTF-8', 'a=%ff'],
    ['an overlong encoding', 'a=%c0%80'],
    ['a percent-encoded surrogate', 'a=%ed%a0%80'],
    ['NUL', 'a=%00'],
    ['a raw NUL', 'a=\0'],
    ['NUL in a name', 'a%00=1'],
    ['51 parameters', Array.from({ length: 51 }, (_, index) => `p${index}=1`).join('&')],
  ])('%s', (_what, body) => {
    expect(parsed(body)).toMatchObject({ ok: false, error: { code: 'malformed' } });
  });

  test('raw bytes that are not UTF-8', () => {
    expect(parsed(Buffer.from([0x61, 0x3d, 0xff])).ok).toBe(false);
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data', 'application/x-www-form-urlencodedx', ''])(
    'media type %j',
    (type) => {
      expect(parsed('a=1', type).ok).toBe(false);
    },
  );

  test('no media type, or a body that is no bytes', () => {
    expect(parseForm(undefined, Buffer.from('a=1')).ok).toBe(false);
    expect(parseForm(FORM, { a: '1' }).ok).toBe(false);
  });
});

test.each([
  ['ci%2Drunner', 'ci-runner'],
  ['a+b', 'a b'],
  ['%F0%9F%92%BE', '💾'],
  ['%', undefined],
  ['%00', undefined],
])('decodeFormText(%s)', (text, decoded) => {
  expect(decodeFormText(text)).toBe(decoded);
});
