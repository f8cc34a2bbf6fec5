/** Tests of Instant and Duration: the one spelling, and arithmetic that never leaves whole milliseconds. */
import { describe, expect, test } from '@jest/globals';
import {
  after,
  between,
  duration,
  earlier,
  formatDuration,
  hours,
  inSeconds,
  instant,
  later,
  minutes,
  numericDate,
  parseDuration,
  seconds,
  shorter,
  wholeSecond,
} from './instant.ts';

describe('parseDuration', () => {
  test.each([
    ['8h', hours(8)],
    ['1h30m', minutes(90)],
    ['45s', seconds(45)],
    ['1d2h3m4s', seconds(93_784)],
    ['90m', minutes(90)],
    ['0h5m', minutes(5)],
    ['01h', hours(1)],
  ])('%s is one', (text, length) => {
    expect(parseDuration(text)).toBe(length);
  });

  test.each([
    '',
    '0s',
    '0h0m',
    'h',
    '8',
    '8H',
    '1m1h',
    '1h1h',
    '1.5h',
    '-1h',
    '+1h',
    ' 1h',
    '1h ',
    '1h\n',
    '1 h',
    '1h 30m',
    '1h,30m',
    '1w',
    '1e3s',
    '٣h',
    '9999999999s',
    'PT1H',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('the longest it reads is a safe integer of milliseconds', () => {
    expect(Number.isSafeInteger(parseDuration('999999d999999h999999m99999999s'))).toBe(true);
  });
});

describe('arithmetic', () => {
  const t = instant(1_000_500);

  test('NaN and infinities are bugs', () => {
    expect(() => instant(Number.NaN)).toThrow();
    expect(() => instant(Number.POSITIVE_INFINITY)).toThrow();
    expect(() => duration(-1)).toThrow();
    expect(() => duration(Number.NaN)).toThrow();
  });

  test('fractions of a millisecond are dropped', () => {
    expect(instant(1.9)).toBe(1);
    expect(duration(1.9)).toBe(1);
  });

  test('after, between, earlier, later, shorter', () => {
    expect(after(t, seconds(1))).toBe(1_001_500);
    expect(between(t, after(t, minutes(1)))).toBe(60_000);
    expect(between(after(t, minutes(1)), t)).toBe(0);
    expect([earlier(t, instant(1)), later(t, instant(1))]).toEqual([1, t]);
    expect(shorter(seconds(1), minutes(1))).toBe(1_000);
  });

  test('RFC 7519: a NumericDate is rounded down, and so is a whole second', () => {
    expect(numericDate(instant(1_999))).toBe(1);
    expect(wholeSecond(instant(1_999))).toBe(1_000);
    expect(wholeSecond(instant(2_000))).toBe(2_000);
    expect(inSeconds(duration(1_999))).toBe(1);
  });

  test('nothing is 0s', () => {
    expect(formatDuration(duration(0))).toBe('0s');
    expect(formatDuration(duration(999))).toBe('0s');
  });
});
