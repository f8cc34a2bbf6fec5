/** Owns whether somebody asked at an hour that is theirs: by when they asked before, else by a working day where they are. */
import type { Instant } from '@sallyport/core';

/** A moment on somebody's own clock. */
export interface LocalTime {
  /** "Saturday". */
  readonly day: string;
  /** "03:12". */
  readonly clock: string;
  readonly minuteOfDay: number;
}

const DAY_MINUTES = 24 * 60;
/** From so many earlier asks on they say more about somebody than a working day does. */
const HABIT_MIN = 8;
const NEAR_MINUTES = 120;
const WORKDAY = { days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'], fromHour: 7, toHour: 20 } as const;

/** The moment on the clock of this IANA zone. */
export function localTime(at: Instant, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? '';
  const [hour, minute] = [part('hour'), part('minute')];
  return { day: part('weekday'), clock: `${hour}:${minute}`, minuteOfDay: Number(hour) * 60 + Number(minute) };
}

/** `habit`: unlike when they asked before; `workday`: too little is known, and it is no working hour; else undefined. */
export function unusual(at: Instant, before: readonly Instant[], timeZone: string): 'habit' | 'workday' | undefined {
  const now = localTime(at, timeZone);
  if (before.length < HABIT_MIN) return isWorking(now) ? undefined : 'workday';
  const known = before.some((one) => apart(localTime(one, timeZone).minuteOfDay, now.minuteOfDay) <= NEAR_MINUTES);
  return known ? undefined : 'habit';
}

function isWorking({ day, minuteOfDay }: LocalTime): boolean {
  const hour = minuteOfDay / 60;
  return WORKDAY.days.some((one) => one === day) && hour >= WORKDAY.fromHour && hour < WORKDAY.toHour;
}

/** Minutes between two times of day, the short way round. */
function apart(a: number, b: number): number {
  const direct = Math.abs(a - b);
  return Math.min(direct, DAY_MINUTES - direct);
}
