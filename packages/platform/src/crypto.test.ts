/** Tests the small cryptographic tools against known values. */
import { describe, expect, test } from '@jest/globals';
import { equalBytes, randomToken, sha256Hex } from './crypto.ts';

describe('crypto', () => {
  test('equalBytes compares text and bytes of any length', () => {
    expect(equalBytes('abc', 'abc')).toBe(true);
    expect(equalBytes('abc', new TextEncoder().encode('abc'))).toBe(true);
    expect(equalBytes('abc', 'abd')).toBe(false);
    expect(equalBytes('abc', 'abcd')).toBe(false);
    expect(equalBytes('', '')).toBe(true);
  });

  test('sha256Hex is the lower-case hex of FIPS 180-2, appendix B.1', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('randomToken is base64url of the asked size, never twice the same', () => {
    expect(randomToken()).toMatch(/^[\w-]{43}$/);
    expect(randomToken(16)).toMatch(/^[\w-]{22}$/);
    expect(randomToken()).not.toBe(randomToken());
    expect(() => randomToken(8)).toThrow(RangeError);
  });
});
