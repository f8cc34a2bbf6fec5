/** S19: whatever text comes, it is one well-spelled JWT or none; nothing in it is believed, and nothing of it throws. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRawJwt, TOKEN_LENGTH_MAX } from './raw-jwt.ts';

const RUNS = { numRuns: 1_000 };
const part = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');
const jsonPart = (value: unknown) => part(JSON.stringify(value));

const header = fc.dictionary(
  fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'cty', 'zip', '__proto__'),
  fc.oneof(
    fc.constantFrom('ES256', 'none', 'k', 'JWT', ''),
    fc.string({ maxLength: 300 }),
    fc.jsonValue({ maxDepth: 2 }),
  ),
  { noNullPrototype: true },
);
const goodHeader = header.map((members) => ({ ...members, alg: 'ES256', kid: 'k' }));
const claims = fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
const anyPart = fc.oneof(
  header.map(jsonPart),
  goodHeader.map(jsonPart),
  claims.map(jsonPart),
  fc.jsonValue().map(jsonPart),
  fc.uint8Array({ maxLength: 60 }).map(part),
  fc.string({ maxLength: 30 }),
  fc.constantFrom('', 'e30', 'e30=', 'e31', '!', 'bnVsbA', 'W10'),
);
const jwtLike = fc.array(anyPart, { maxLength: 6 }).map((parts) => parts.join('.'));
const anyText = fc.oneof(jwtLike, fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));

describe('parseRawJwt', () => {
  test('never throws; what it takes is three parts that spell themselves, and asks for nothing', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.tuple(goodHeader, claims).map(([a, b]) => `${jsonPart(a)}.${jsonPart(b)}.AAAA`),
        ),
        (text) => {
          const read = parseRawJwt(text);
          if (!read.ok) return;
          taken += 1;
          const parts = text.split('.');
          expect(parts).toHaveLength(3);
          for (const one of parts) expect(Buffer.from(one, 'base64url').toString('base64url')).toBe(one);
          const head = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
          for (const member of ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c'])
            expect(Object.hasOwn(head, member)).toBe(false);
          expect([read.value.alg, read.value.kid]).toEqual([head.alg, head.kid]);
          expect(read.value.kid.length).toBeGreaterThan(0);
          expect(read.value.signingInput).toBe(`${parts[0]}.${parts[1]}`);
        },
      ),
      RUNS,
    );
    expect(taken).toBeGreaterThan(10);
  });

  test('one text more, anywhere, is another token or none: never the same one spelled twice', () => {
    fc.assert(
      fc.property(
        goodHeader,
        claims,
        fc.nat(2_000),
        fc.constantFrom('=', ' ', '\n', '\t', '\0', '\ufeff', '.'),
        (a, b, at, piece) => {
          const text = `${jsonPart({ alg: a.alg, kid: a.kid })}.${jsonPart(b)}.AAAA`;
          expect(parseRawJwt(text).ok).toBe(true);
          const start = at % (text.length + 1);
          expect(parseRawJwt(text.slice(0, start) + piece + text.slice(start)).ok).toBe(false);
        },
      ),
      RUNS,
    );
  });

  test('texts of any length end at once: what is too long is not looked into', () => {
    for (const piece of ['.', 'A', 'eyJ', '{', '"', '\\']) {
      expect(parseRawJwt(piece.repeat(TOKEN_LENGTH_MAX + 1))).toEqual({ ok: false, error: 'too_long' });
      expect(parseRawJwt(piece.repeat(Math.floor(TOKEN_LENGTH_MAX / piece.length))).ok).toBe(false);
    }
    const deep = part(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    expect(parseRawJwt(`${deep}.e30.AAAA`).ok).toBe(false);
  });
});
