/** Owns when a person is not to be disturbed: their quiet hours by the clock of their own place, summer time and all. */
import { after, type Instant, instant, minutes, type PersonEntry } from '@sallyport/core';

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const clocks = new Map<string, Intl.DateTimeFormat>();
const CLOCKS_MAX = 600;

/** When the quiet hours this moment lies in are over; undefined: it lies in none. */
export function quietUntil({ quietHours, timeZone = 'UTC' }: PersonEntry, at: Instant): Instant | undefined {
  if (quietHours === undefined) return undefined;
  const { fromMinute, toMinute } = quietHours;
  const now = minuteOfDay(at, timeZone);
  const quiet = fromMinute < toMinute ? now >= fromMinute && now < toMinute : now >= fromMinute || now < toMinute;
  if (!quiet) return undefined;
  const end = after(wholeMinute(at), minutes((toMinute - now + DAY_MINUTES) % DAY_MINUTES));
  // Where the clocks change in between, the count of minutes is off by as much.
  const off = minuteOfDay(end, timeZone) - toMinute;
  const missed = off > DAY_MINUTES / 2 ? off - DAY_MINUTES : off < -DAY_MINUTES / 2 ? off + DAY_MINUTES : off;
  return instant(end - missed * MINUTE_MS);
}

/**
 * When to say something that is due then: after the quiet hours, if it is still of use then (before `uselessAt`); else at
 * once. What comes too late is worse than what comes at night.
 */
export function heldBack(entry: PersonEntry | undefined, dueAt: Instant, uselessAt: Instant): Instant {
  const until = entry === undefined ? undefined : quietUntil(entry, dueAt);
  return until === undefined || until >= uselessAt ? dueAt : until;
}

function minuteOfDay(at: Instant, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return part('hour') * 60 + part('minute');
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  if (clocks.size >= CLOCKS_MAX) clocks.clear();
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timeZone, made);
  return made;
}

function wholeMinute(at: Instant): Instant {
  return instant(at - (at % MINUTE_MS));
}
