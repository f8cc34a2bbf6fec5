/** Owns how often waiting clients may ask: one unlogged row per key. Losing it only forgives. */
import type { Pace, Paces } from '@sallyport/core';
import { nowOf } from './moments.ts';
import { isNull, type StoredRow, time, whole } from './row-values.ts';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { transaction } from './transaction.ts';

/** Makes or locks the row, and answers it as the one before left it, with the clock after the wait. */
const HOLD = `insert into paces (key) values ($1)
  on conflict (key) do update set touched_at = excluded.touched_at
  returning interval_seconds, last_answer_at, too_soon_in_a_row, date_trunc('milliseconds', clock_timestamp()) as now`;

const KEEP = `update paces set interval_seconds = $2, last_answer_at = $3, too_soon_in_a_row = $4 where key = $1`;

/** Paces over this store. */
export function makePaces({ pool }: Pick<Store, 'pool'>): Paces {
  return {
    touch: (key, judge) =>
      transaction(pool, async (tx) => {
        const [row] = await tx.rows<StoredRow>(statement(HOLD, [key], 'pace_hold'));
        if (row === undefined) throw new Error('an upsert answers its row');
        const poll = judge(readPace(row), nowOf(row));
        const { intervalSeconds, lastAnswerAt, tooSoonInARow } = poll.pace;
        await tx.rows(statement(KEEP, [key, intervalSeconds, timeText(lastAnswerAt), tooSoonInARow], 'pace_keep'));
        return poll;
      }),
  };
}

function readPace(row: StoredRow): Pace | undefined {
  if (isNull(row, 'interval_seconds')) return undefined;
  return {
    intervalSeconds: whole(row, 'interval_seconds'),
    lastAnswerAt: time(row, 'last_answer_at'),
    tooSoonInARow: whole(row, 'too_soon_in_a_row'),
  };
}
