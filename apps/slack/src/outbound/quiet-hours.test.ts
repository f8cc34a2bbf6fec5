/** Tests of quiet hours: by the clock of the person's own place, over midnight and over changes of the clock, never past what is of use. */
import { describe, expect, test } from '@jest/globals';
import { type Instant, instant, type PersonEntry } from '@sallyport/core';
import { aPerson, BOB } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { heldBack, quietUntil } from './quiet-hours.ts';

const NIGHT = { fromMinute: 22 * 60, toMinute: 7 * 60 };
const bob = (change: Partial<PersonEntry> = {}): PersonEntry => aPerson(BOB.id, { quietHours: NIGHT, ...change });
const at = (text: string): Instant => instant(Date.parse(text));
const berlin = { timeZone: 'Europe/Berlin' };

describe('quiet hours', () => {
  test.each([
    ['before midnight', '2026-01-10T22:30:00Z', 'UTC', '2026-01-11T07:00:00Z'],
    ['after midnight', '2026-01-10T03:00:30Z', 'UTC', '2026-01-10T07:00:00Z'],
    ['at their very beginning', '2026-01-10T22:00:00Z', 'UTC', '2026-01-11T07:00:00Z'],
    ['in another place', '2026-01-10T21:30:00Z', 'Europe/Berlin', '2026-01-11T06:00:00Z'],
    ['half an hour off', '2026-01-10T17:00:00Z', 'Asia/Kolkata', '2026-01-11T01:30:00Z'],
    ['the night the clocks go forward', '2026-03-28T23:00:00Z', 'Europe/Berlin', '2026-03-29T05:00:00Z'],
    ['the night the clocks go back', '2026-10-24T22:00:00Z', 'Europe/Berlin', '2026-10-25T06:00:00Z'],
  ])('%s: until their end', (_when, now, timeZone, end) => {
    expect(quietUntil(bob({ timeZone }), at(now))).toBe(at(end));
  });

  test.each([
    ['at their end', '2026-01-10T07:00:00Z'],
    ['at noon', '2026-01-10T12:00:00Z'],
  ])('%s: none', (_when, now) => {
    expect(quietUntil(bob(), at(now))).toBeUndefined();
  });

  test('within one day, and for somebody who has none', () => {
    const lunch = bob({ quietHours: { fromMinute: 720, toMinute: 780 } });
    expect(quietUntil(lunch, at('2026-01-10T12:15:00Z'))).toBe(at('2026-01-10T13:00:00Z'));
    expect(quietUntil(lunch, at('2026-01-10T13:00:00Z'))).toBeUndefined();
    expect(quietUntil(aPerson(BOB.id), at('2026-01-10T03:00:00Z'))).toBeUndefined();
  });

  test('nothing waits past its use, and nobody for whom no quiet hours are known', () => {
    const due = at('2026-01-10T23:00:00Z');
    expect(heldBack(bob(berlin), due, at('2026-01-11T09:00:00Z'))).toBe(at('2026-01-11T06:00:00Z'));
    expect(heldBack(bob(berlin), due, at('2026-01-11T06:00:00Z'))).toBe(due);
    expect(heldBack(undefined, due, at('2026-01-12T06:00:00Z'))).toBe(due);
  });

  test('whenever and wherever: the end is ahead, within a day and an hour, and the clock there shows it', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney');
    const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(zones, times, (timeZone, now) => {
        const end = quietUntil(bob({ timeZone }), instant(now));
        if (end === undefined) return;
        expect(end).toBeGreaterThan(now);
        expect(end - now).toBeLessThanOrEqual(25 * 3_600_000);
        const shown = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(end);
        expect(shown).toBe('07:00');
        expect(quietUntil(bob({ timeZone }), end)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
