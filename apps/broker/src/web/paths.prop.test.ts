/** No text leads anybody off our pages. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localPath, loginPath } from './paths.ts';

const OURS = 'https://sallyport.acme.test';
const piece = fc.constantFrom(
  '/',
  '\\',
  '.',
  '..',
  '%2f',
  'evil.test',
  ':',
  '@',
  '?',
  '#',
  '//',
  'https:',
  '\t',
  '\n',
  'device',
  '=',
  '&',
);
const texts = fc.oneof(
  fc.string(),
  fc.webUrl(),
  fc.array(piece, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
);

test('what is taken as a path of ours stays with us, however a browser reads it', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const path = localPath(text);
      if (path === undefined) return;
      expect(new URL(path, OURS).href).toBe(OURS + path);
    }),
    { numRuns: 2_000 },
  );
});

test('pages of ours are taken, and come back from signing in', () => {
  for (const path of ['/device', '/device?user_code=WDJB-MJHT', `/device/${'a'.repeat(64)}`, '/requests/req_1']) {
    expect(localPath(path)).toBe(path);
    expect(new URL(loginPath(path), OURS).searchParams.get('next')).toBe(path);
  }
  for (const other of [undefined, null, 7, ['/device'], '', '/', '//evil.test', `/${'a'.repeat(600)}`])
    expect(localPath(other)).toBeUndefined();
});
