/** Properties of the parsers of short texts: whatever comes, one spelling or none, and no text is two kinds of thing. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isScope, scopeText } from './access.ts';
import { parseDecisionId, parseDigest, parseGrantId, parseRequestId, parseTokenId } from './ids.ts';
import { formatDuration, parseDuration } from './instant.ts';
import { nameOf, parsePrincipal } from './principal.ts';

const RUNS = { numRuns: 2_000 };
const near = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .tuple(
      fc.constantFrom(
        '',
        ' ',
        'req_',
        'grt_',
        'dec_',
        'tok_',
        'person:',
        'workload:',
        'Person:',
        '1h',
        '30m',
        'orders:',
      ),
      fc.oneof(
        fc.stringMatching(/^[0-9a-z]{0,27}$/),
        fc.stringMatching(/^[0-9a-f]{60,66}$/),
        fc.stringMatching(/^[A-Za-z0-9@._+-]{0,130}$/),
        fc.stringMatching(/^(?:\d{1,7}[dhms]){0,5}$/),
        fc.string({ maxLength: 10 }),
      ),
      fc.constantFrom('', ' ', '\n', '\0', '\u202e', 's', ':x'),
    )
    .map((pieces) => pieces.join('')),
);

const IDS = { parseRequestId, parseGrantId, parseDecisionId, parseTokenId, parseDigest };

describe('any text', () => {
  test('an id is the text itself, of one kind, without space or control character', () => {
    fc.assert(
      fc.property(near, (text) => {
        const kinds = Object.values(IDS).flatMap((parse) => parse(text) ?? []);
        expect(kinds.length).toBeLessThanOrEqual(1);
        for (const id of kinds) expect(id).toBe(text);
        if (kinds.length > 0) expect(text).toMatch(/^[0-9a-z_]+$/);
      }),
      RUNS,
    );
  });

  test('a principal is written back as it was read, and fits every reader of `sub`', () => {
    fc.assert(
      fc.property(near, (text) => {
        const principal = parsePrincipal(text);
        if (principal === undefined) return;
        expect(nameOf(principal)).toBe(text);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(127);
      }),
      RUNS,
    );
  });

  test('a duration is longer than zero, a safe number of milliseconds, and reads the same when written again', () => {
    fc.assert(
      fc.property(near, (text) => {
        const length = parseDuration(text);
        if (length === undefined) return;
        expect(length).toBeGreaterThan(0);
        expect(Number.isSafeInteger(length)).toBe(true);
        expect(parseDuration(formatDuration(length))).toBe(length);
        expect(text).toMatch(/^[0-9dhms]+$/);
      }),
      RUNS,
    );
  });

  test('a scope survives being put into a list and taken out of it (RFC 6749 section 3.3)', () => {
    fc.assert(
      fc.property(near, (text) => {
        if (!isScope(text)) return;
        expect(text).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/);
        expect(scopeText([text]).split(' ')).toEqual([text]);
      }),
      RUNS,
    );
  });
});
