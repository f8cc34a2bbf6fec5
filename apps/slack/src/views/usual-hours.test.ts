/** Whose hour it is: on their own clock, by habit where one is known, over midnight and clock changes. */
import { expect, test } from '@jest/globals';
import { type Instant, instant } from '@sallyport/core';
import { localTime, unusual } from './usual-hours.ts';

const utc = (day: number, hour: number, minute = 0): Instant => instant(Date.UTC(2031, 0, day, hour, minute));
const nightly = Array.from({ length: 10 }, (_, index) => utc(index + 1, 23, 40));

test('the clock is that of the zone, with its day', () => {
  expect(localTime(utc(4, 13), 'Pacific/Auckland')).toEqual({ day: 'Sunday', clock: '02:00', minuteOfDay: 120 });
  expect(localTime(utc(4, 13), 'UTC')).toMatchObject({ day: 'Saturday', clock: '13:00' });
  expect(localTime(utc(4, 0), 'UTC').clock).toBe('00:00');
  const summer = instant(Date.UTC(2031, 6, 1, 12));
  expect([localTime(utc(1, 12), 'Europe/Berlin').clock, localTime(summer, 'Europe/Berlin').clock]).toEqual([
    '13:00',
    '14:00',
  ]);
});

test.each([
  ['a weekday morning', utc(6, 9), undefined],
  ['before seven', utc(6, 6, 59), 'workday'],
  ['at eight in the evening', utc(6, 20), 'workday'],
  ['a Saturday noon', utc(4, 12), 'workday'],
] as const)('with little known a working day decides: %s', (_what, at, wanted) => {
  expect(unusual(at, nightly.slice(0, 7), 'UTC')).toBe(wanted);
});

test.each([
  ['just after midnight, as ever', utc(20, 1, 30), undefined],
  ['two hours before', utc(20, 21, 40), undefined],
  ['at noon', utc(20, 12), 'habit'],
  ['two hours and a minute off', utc(20, 21, 39), 'habit'],
] as const)('who always asks at night is not unusual at night: %s', (_what, at, wanted) => {
  expect(unusual(at, nightly, 'UTC')).toBe(wanted);
});
