/** Owns how times are written for the reader: Slack's date tokens, clock times and day headings, in one time zone. */

const MILLISECONDS_PER_DAY = 86_400_000;
const FORMAT_LENGTH_MAX = 300;

/** Where and when somebody reads: an IANA zone, and now in milliseconds since 1970. */
export interface Reader {
  zone: string;
  now: number;
}

/** The zone if this runtime knows it, else UTC. Input comes from a browser and is not trusted. */
export function knownZone(zone: string | null): string {
  if (zone === null || zone.length > 64) return 'UTC';
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

/** "13:04", for a time in milliseconds. */
export function clockTime(at: number, reader: Reader): string {
  return part(at, reader, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** "Today", "Yesterday" or "Tuesday, 3 June 2031": the heading above a day's messages. */
export function dayHeading(at: number, reader: Reader): string {
  const near = nearDay(at, reader);
  if (near !== null) return capital(near);
  return part(at, reader, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** Fills Slack's date tokens (`{date_short_pretty} at {time}`); unknown tokens stay as they are. `at` in seconds. */
export function slackDate(atSeconds: number, format: string, reader: Reader): string {
  const at = atSeconds * 1000;
  if (Number.isNaN(new Date(at).getTime())) return format;
  return format.slice(0, FORMAT_LENGTH_MAX).replace(/\{([a-z_]+)\}/g, (token, name: string, offset: number) => {
    const written = TOKENS[name]?.(at, reader);
    if (written === undefined) return token;
    return offset === 0 ? capital(written) : written;
  });
}

/** The machine-readable time for a `<time>` element. */
export function isoTime(atSeconds: number): string {
  const date = new Date(atSeconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

const short = (at: number, reader: Reader) => part(at, reader, { day: 'numeric', month: 'short', year: 'numeric' });
const medium = (at: number, reader: Reader) => part(at, reader, { day: 'numeric', month: 'long', year: 'numeric' });
const long = (at: number, reader: Reader) =>
  part(at, reader, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

const TOKENS: Record<string, (at: number, reader: Reader) => string> = {
  date_num: (at, reader) => dayKey(at, reader.zone),
  date: medium,
  date_short: short,
  date_long: long,
  date_pretty: (at, reader) => nearDay(at, reader) ?? medium(at, reader),
  date_short_pretty: (at, reader) => nearDay(at, reader) ?? short(at, reader),
  date_long_pretty: (at, reader) => nearDay(at, reader) ?? long(at, reader),
  time: clockTime,
  time_secs: (at, reader) =>
    part(at, reader, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  ago: (at, reader) => ago(at, reader.now),
};

function part(at: number, reader: Reader, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: reader.zone, ...options }).format(at);
}

/** "2031-06-03": the calendar day in that zone. */
function dayKey(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    at,
  );
}

function nearDay(at: number, reader: Reader): string | null {
  const day = dayKey(at, reader.zone);
  if (day === dayKey(reader.now, reader.zone)) return 'today';
  if (day === dayKey(reader.now - MILLISECONDS_PER_DAY, reader.zone)) return 'yesterday';
  if (day === dayKey(reader.now + MILLISECONDS_PER_DAY, reader.zone)) return 'tomorrow';
  return null;
}

function ago(at: number, now: number): string {
  const minutes = Math.round((now - at) / 60_000);
  if (Math.abs(minutes) < 1) return 'now';
  const format = new Intl.RelativeTimeFormat('en-GB');
  if (Math.abs(minutes) < 60) return format.format(-minutes, 'minute');
  if (Math.abs(minutes) < 60 * 24) return format.format(-Math.round(minutes / 60), 'hour');
  return format.format(-Math.round(minutes / (60 * 24)), 'day');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
