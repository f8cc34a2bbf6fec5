/** Tests of sound text: what Postgres and UTF-8 keep as it is. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSoundText } from './text.ts';

test.each(['', 'plain', 'naïve 🙂', '👩‍👩‍👧', '\u202e', 'line\nbreak', '\ufffd'])('%j is sound', (text) => {
  expect(isSoundText(text)).toBe(true);
});

test.each(['a\0b', '\0', '\ud800', 'a\udc00', '\udc00\ud800', '🙂'.slice(0, 1)])('%j is not', (text) => {
  expect(isSoundText(text)).toBe(false);
});

test('I-25: sound text survives UTF-8 unchanged, so what is hashed is what is stored', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const kept = Buffer.from(text, 'utf8').toString('utf8') === text;
      expect(isSoundText(text)).toBe(kept && !text.includes('\0'));
    }),
  );
});
