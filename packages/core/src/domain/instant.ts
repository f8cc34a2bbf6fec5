/** Instant and Duration: branded milliseconds, and the one spelling of durations ("1h30m"). */

declare const instantBrand: unique symbol;
declare const durationBrand: unique symbol;

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number & { readonly [instantBrand]: true };
/** A length of time in milliseconds, never negative. */
export type Duration = number & { readonly [durationBrand]: true };

const SECOND_MS = 1_000;
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', SECOND_MS],
] as const;
const DURATION_TEXT = /^(?=\d)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/** Brands a number of epoch milliseconds. Throws on NaN and infinities: those are bugs, not input. */
export function instant(epochMs: number): Instant {
  if (!Number.isFinite(epochMs)) throw new Error('an instant must be finite');
  return Math.trunc(epochMs) as Instant;
}

/** Brands a number of milliseconds. Throws if negative or not finite. */
export function duration(ms: number): Duration {
  if (!Number.isFinite(ms) || ms < 0) throw new Error('a duration must be finite and not negative');
  return Math.trunc(ms) as Duration;
}

/** A duration of whole seconds. */
export function seconds(count: number): Duration {
  return duration(count * SECOND_MS);
}

/** A duration of whole minutes. */
export function minutes(count: number): Duration {
  return seconds(count * 60);
}

/** A duration of whole hours. */
export function hours(count: number): Duration {
  return minutes(count * 60);
}

/**
 * Reads `8h`, `1h30m`, `45s`: whole numbers with d, h, m, s, in that order. Longer than zero.
 * @returns the duration, or undefined when the text is not one.
 */
export function parseDuration(text: string): Duration | undefined {
  const found = DURATION_TEXT.exec(text);
  if (found === null) return undefined;
  const total = UNITS.reduce((sum, [, ms], index) => sum + Number(found[index + 1] ?? 0) * ms, 0);
  return total > 0 ? duration(total) : undefined;
}

/** Writes a duration the way `parseDuration` reads it; parts below a second are dropped. */
export function formatDuration(length: Duration): string {
  let rest: number = length;
  const parts: string[] = [];
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(rest / ms);
    rest -= count * ms;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join('') || '0s';
}

/** The instant `length` after `from`. */
export function after(from: Instant, length: Duration): Instant {
  return instant(from + length);
}

/** How long from `from` until `to`; zero when `to` is not ahead. */
export function between(from: Instant, to: Instant): Duration {
  return duration(Math.max(0, to - from));
}

/** The earlier of two. */
export function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

/** The later of two. */
export function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** The shorter of two. */
export function shorter(a: Duration, b: Duration): Duration {
  return a < b ? a : b;
}

/** Whole seconds since the epoch, rounded down: a NumericDate (RFC 7519 section 2). */
export function numericDate(at: Instant): number {
  return Math.floor(at / SECOND_MS);
}

/** The whole second an instant lies in. Grants begin on one, so that NumericDates never fall outside them. */
export function wholeSecond(at: Instant): Instant {
  return instant(numericDate(at) * SECOND_MS);
}

/** The first whole second not before an instant. */
export function nextWholeSecond(at: Instant): Instant {
  return instant(Math.ceil(at / SECOND_MS) * SECOND_MS);
}

/** Whole seconds of a duration, rounded down. */
export function inSeconds(length: Duration): number {
  return Math.floor(length / SECOND_MS);
}
