/** Property of log text: the short way for harmless text says what the long way says. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logText } from './log-text.ts';

const pieces = fc.constantFrom(
  'eyJhbGciOiJub25l.canary.x',
  'xoxb-1-canary',
  'xapp-canary',
  'Bearer canary-abcdefgh',
  'bAsIc Y2FuYXJ5OnB3',
  'DPoP canarycanary',
  'postgres://u:canary@db',
  '-----BEGIN KEY-----canary-----END KEY-----',
  'password=canary',
  'Passwd: canary',
  '"client_secret":"canary"',
  'assertion = canary',
  'authorization:canary',
  'token=canary',
  'req_0123',
  '/oauth/token',
  'plain words',
  ' ',
  '\n',
  '\u202e',
  'ü',
);
const texts = fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((all) => all.join(''));

test('I-15: a control character, which needs the long way, changes nothing in the text before it', () => {
  fc.assert(
    fc.property(texts, (text) => {
      // A word between them: what follows `token:` is taken for a secret, whatever it is.
      expect(logText(`${text} word \u0001`, 1_000)).toBe(`${logText(`${text} word `, 1_000)}\\u0001`);
    }),
    { numRuns: 2_000 },
  );
});
