/** Percentiles and medians: of all values of a run, never of averages. */

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

const DIGITS = 100;

/** Two decimals: nobody believes more. */
export function rounded(value: number): number {
  return Math.round(value * DIGITS) / DIGITS;
}

/** The spread of some measurements; nearest-rank percentiles. Of none, all zero. */
export function spreadOf(values: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The middle value; of an even number the lower of the two. Throws on none: a median of nothing is a bug. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('a median needs at least one value');
  return middle;
}
