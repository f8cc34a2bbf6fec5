/** Tests of ids: one spelling each, and 128 bits that never collapse. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  parseDecisionId,
  parseDigest,
  parseGrantId,
  parseHandleId,
  parsePolicyVersion,
  parseRequestId,
  parseTokenId,
  spellId,
} from './ids.ts';

const random = `${'0'.repeat(25)}z`;

test('each id parses under its own prefix only', () => {
  const parsers = { req_: parseRequestId, dec_: parseDecisionId, grt_: parseGrantId, tok_: parseTokenId };
  for (const [prefix, parse] of Object.entries(parsers)) {
    const accepted = Object.keys(parsers).filter((other) => parse(other + random) !== undefined);
    expect(accepted).toEqual([prefix]);
  }
});

test.each([
  '',
  'req_',
  `req_${random}0`,
  `req_${random.slice(1)}`,
  `req_${random.toUpperCase()}`,
  `req_${'i'.repeat(26)}`,
  ` req_${random}`,
  `req_${random}\n`,
])('%j is no request id', (text) => {
  expect(parseRequestId(text)).toBeUndefined();
});

test('a hash is 64 lower-case hex digits, whatever it is of', () => {
  for (const parse of [parseHandleId, parseDigest, parsePolicyVersion]) {
    expect(parse('a1'.repeat(32))).toBe('a1'.repeat(32));
    for (const bad of ['', 'A1'.repeat(32), 'a1'.repeat(31), `${'a1'.repeat(32)}0`, 'g1'.repeat(32)]) {
      expect(parse(bad)).toBeUndefined();
    }
  }
});

test('every 16 bytes spell an id that parses, and different bytes spell different ids', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(parseGrantId(`grt_${spellId(a)}`)).toBeDefined();
      expect(spellId(a) === spellId(b)).toBe(Buffer.compare(a, b) === 0);
    }),
  );
});

test('one bit of difference at either end shows', () => {
  const zero = new Uint8Array(16);
  const low = Uint8Array.from(zero, (_, index) => (index === 15 ? 1 : 0));
  const high = Uint8Array.from(zero, (_, index) => (index === 0 ? 128 : 0));
  expect(new Set([spellId(zero), spellId(low), spellId(high)]).size).toBe(3);
});

test('any other number of bytes is a bug', () => {
  expect(() => spellId(new Uint8Array(15))).toThrow();
  expect(() => spellId(new Uint8Array(17))).toThrow();
});
