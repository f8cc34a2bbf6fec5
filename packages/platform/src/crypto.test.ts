/** Tests the small cryptographic tools against known values. */
import { describe, expect, test } from '@jest/globals';
import { equalBytes, randomToken, secureBytes, sha256Hex } from './crypto.ts';

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

  test('secureBytes gives each byte once: no piece comes again, across refills too, and what is given stays', () => {
    const given = Array.from({ length: 2_000 }, (_, index) => secureBytes(16 + (index % 17)));
    const texts = given.map((bytes) => bytes.toString('hex'));
    expect(new Set(texts.map((text) => text.slice(0, 32))).size).toBe(2_000);
    expect(given.map((bytes) => bytes.length)).toEqual(given.map((_, index) => 16 + (index % 17)));
    expect(given.map((bytes) => bytes.toString('hex'))).toEqual(texts);
    for (const count of [0, -1, 1.5, 65, Number.NaN]) expect(() => secureBytes(count)).toThrow(RangeError);
  });
});
