/** SALLYPORT_SIGNING_KEYS: what it may hold, and what is served of it. */
import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { generateSigningKey } from './generate-key.ts';
import { jwksDocument } from './jwks-document.ts';
import { parseKeySet } from './key-set.ts';

let first: JWK;
let second: JWK;
let rsa: JWK;
let weak: JWK;

beforeAll(async () => {
  [first, second] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  const strong = await generateKeyPair('RS256', { extractable: true });
  rsa = { ...(await exportJWK(strong.privateKey)), kid: 'rsa', alg: 'RS256', use: 'sig' };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  weak = { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: 'weak', alg: 'RS256' };
});

const parse = (...keys: readonly object[]) => parseKeySet(JSON.stringify({ keys }));
const problems = async (...keys: readonly object[]) => {
  const out = await parse(...keys);
  return out.ok ? [] : out.error;
};
const publicHalf = ({ d: _, p: __, q: ___, dp: ____, dq: _____, qi: ______, ...rest }: JWK) => rest;

describe('a key set', () => {
  test('the first key of an algorithm signs, all are published, in order', async () => {
    const out = await parse(first, rsa, second);
    expect(out.ok && out.value.signing.ES256.kid).toBe(first.kid);
    expect(out.ok && out.value.published.map((key) => key.kid)).toEqual([first.kid, 'rsa', second.kid]);
  });

  test('an old key may be there as its public half, but not first', async () => {
    expect((await parse(first, publicHalf(second))).ok).toBe(true);
    expect(await problems(publicHalf(first), second)).toEqual([
      'the first ES256 key is only a public half: it must sign',
    ]);
  });

  test.each([
    ['no key', () => [], /not a JWK set/],
    ['no ES256 key', () => [rsa], /^no ES256 key/],
    ['a weak RSA key', () => [first, weak], /^keys\[1\]: too weak/],
    [
      'a symmetric key',
      () => [first, { kty: 'oct', k: 'c2VjcmV0', kid: 'x', alg: 'HS256' }],
      /^keys\[1\]: alg must be/,
    ],
    ['a symmetric key in disguise', () => [{ kty: 'oct', k: 'c2VjcmV0', kid: 'x', alg: 'ES256' }], /wrong kind/],
    ['no alg', () => [{ ...first, alg: undefined }], /alg must be/],
    ['no kid', () => [{ ...first, kid: undefined }], /kid must be/],
    ['one kid twice', () => [first, { ...second, kid: first.kid }], /^keys\[1\]: the same kid twice/],
    ['K4: one key under two names', () => [first, { ...first, kid: 'other' }], /^keys\[1\]: the same key twice/],
    ['a key for encryption', () => [{ ...first, use: 'enc' }], /^keys\[0\]: use/],
    ['halves of two keys', () => [{ ...first, d: second.d }], /^keys\[0\]: not a usable key/],
    ['a wrong curve', () => [{ ...first, crv: 'P-384' }], /wrong kind/],
    ['no key at all', () => [null], /not a key/],
  ])('%s', async (_, keys, words) => {
    const found = await problems(...(keys() as object[]));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatch(words);
  });

  test('all problems at once, and none of them quotes the key', async () => {
    const found = await problems({ ...first, alg: 'none' }, { ...second, kid: '' }, weak);
    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain(first.d);
  });

  test('at most four keys of an algorithm', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => generateSigningKey()));
    expect(await problems(...keys)).toEqual(['more than 4 keys for ES256']);
  });

  test.each([[''], ['x'], ['[]'], ['{"keys":[],"keys":[]}'], [' '.repeat(70_000)]])(
    '%j is no key set',
    async (text) => {
      expect((await parseKeySet(text)).ok).toBe(false);
    },
  );
});

test('K1: the published document has no private member, and kid, use and alg on each key', async () => {
  const out = await parse(first, rsa, publicHalf(second));
  if (!out.ok) throw new Error(out.error.join());
  const { keys } = jwksDocument(out.value);
  expect(new Set(keys.map((key) => key.kid)).size).toBe(3);
  for (const key of keys) {
    expect(key).toMatchObject({ use: 'sig', alg: expect.stringMatching(/^[ER]S256$/) });
    expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name))).toEqual([]);
  }
  expect(JSON.stringify(keys).length).toBeLessThan(64 * 1_024);
});

test('DB-5: the private half cannot be taken out of a parsed set again', async () => {
  const out = await parse(first);
  if (!out.ok) throw new Error(out.error.join());
  expect(out.value.signing.ES256.privateKey.extractable).toBe(false);
  expect(JSON.stringify(out.value)).not.toContain(first.d);
});
