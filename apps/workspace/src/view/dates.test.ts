/** Checks that times are the reader's. */
import { expect, test } from '@jest/globals';
import { clockTime, dayHeading, knownZone, slackDate } from './dates.ts';

const now = Date.UTC(2031, 5, 3, 22, 30);
const berlin = { zone: 'Europe/Berlin', now };
const utc = { zone: 'UTC', now };

test('the same moment is another hour and another day elsewhere', () => {
  expect(clockTime(now, utc)).toBe('22:30');
  expect(clockTime(now, berlin)).toBe('00:30');
  expect(dayHeading(Date.UTC(2031, 5, 3, 12), utc)).toBe('Today');
  expect(dayHeading(Date.UTC(2031, 5, 3, 12), berlin)).toBe('Yesterday');
  // With a comma or without: that is the runtime's locale data.
  expect(dayHeading(Date.UTC(2031, 4, 1), utc)).toMatch(/^Thursday,? 1 May 2031$/);
});

test('Slack’s tokens are filled, unknown ones stay, near days are words', () => {
  const at = now / 1000;
  expect(slackDate(at, '{date_num} {time_secs}', utc)).toBe('2031-06-03 22:30:00');
  expect(slackDate(at, '{date_short_pretty} at {time}', utc)).toBe('Today at 22:30');
  expect(slackDate(at, 'until {date_pretty}, {time}', berlin)).toBe('until today, 00:30');
  expect(slackDate(at, '{date_short} {nonsense}', utc)).toBe('3 Jun 2031 {nonsense}');
  expect(slackDate(at - 7200, '{ago}', utc)).toBe('2 hours ago');
});

test('a zone this runtime does not know is UTC, a time that is none leaves the format', () => {
  expect(knownZone('Europe/Berlin')).toBe('Europe/Berlin');
  expect(knownZone('Mars/Olympus')).toBe('UTC');
  expect(knownZone(null)).toBe('UTC');
  expect(slackDate(Number.MAX_SAFE_INTEGER, '{time}', utc)).toBe('{time}');
});
