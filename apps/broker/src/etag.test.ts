/** What If-None-Match may look like. */
import { describe, expect, test } from '@jest/globals';
import { namesEtag } from './etag.ts';

describe('namesEtag', () => {
  test.each([['"a"'], ['W/"a"'], ['"b", "a"'], ['"b",W/"a"'], ['*'], [' * ']])('%s names "a"', (header) => {
    expect(namesEtag(header, '"a"')).toBe(true);
  });

  test.each([['"b"'], ['a'], [''], ['"A"'], ['"aa"'], ['W/"b", "c"'], ['**'], ['"a']])(
    '%s does not name "a"',
    (header) => {
      expect(namesEtag(header, '"a"')).toBe(false);
    },
  );

  test('a header made to be slow is cut, not chewed', () => {
    expect(namesEtag('"'.repeat(16_000), '"a"')).toBe(false);
    expect(namesEtag(`${'W/'.repeat(8_000)}"a"`, '"a"')).toBe(false);
  });
});
