/** Owns this process's estimate of the database's clock, and how far its own clock is off. */
import { performance } from 'node:perf_hooks';
import { type Clock, instant } from '@sallyport/core';
import { nowOf } from './moments.ts';
import type { Pool } from './pool.ts';
import type { StoredRow } from './row-values.ts';
import { statement } from './statement.ts';
import { reading } from './transaction.ts';

const REFRESH_MS = 30_000;
const SKEW_MS_MAX = 2_000;
const NOW = "select date_trunc('milliseconds', clock_timestamp()) as now";

export interface DatabaseClock extends Clock {
  /** Asks the database now. */
  refresh(): Promise<void>;
  /** This program's clock minus the database's, in ms; 0 before the first look. */
  skewMs(): number;
  /** Whether the skew is small enough to sign by: at most 2 s. */
  agrees(): boolean;
  /** Asks every 30 s. The first look is awaited; its failure is not fatal. */
  start(): Promise<void>;
  stop(): void;
}

/**
 * The database's clock as estimated here: exact within the round trip of the last look. Counted on by the monotonic clock,
 * so that a jump of this machine's clock does not move it. Before the first look it is this machine's.
 */
export function makeClock(pool: Pool, wallClock: () => number = Date.now): DatabaseClock {
  let reference: { readonly databaseMs: number; readonly monotonicMs: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const now = (): number =>
    reference === undefined ? wallClock() : reference.databaseMs + performance.now() - reference.monotonicMs;
  const skewMs = (): number => (reference === undefined ? 0 : Math.round(wallClock() - now()));

  async function refresh(): Promise<void> {
    const seen = await reading(pool, async (connection) => {
      const sentMs = performance.now();
      const [row] = await connection.rows<StoredRow>(statement(NOW, [], 'clock'));
      if (row === undefined) throw new Error('a select without from answers one row');
      return { databaseMs: nowOf(row), monotonicMs: (sentMs + performance.now()) / 2 };
    });
    reference = seen;
    if (Math.abs(skewMs()) > SKEW_MS_MAX) pool.alarm({ event: 'clock.skew', skewMs: skewMs() });
  }

  return {
    now: () => instant(now()),
    refresh,
    skewMs,
    agrees: () => Math.abs(skewMs()) <= SKEW_MS_MAX,
    start: async () => {
      if (timer !== undefined) return;
      timer = setInterval(() => void refresh().catch(() => undefined), REFRESH_MS);
      timer.unref();
      await refresh().catch(() => undefined);
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
