/** Owns what is good once, for all brokers alike: one row per proof or assertion, and the unique key that makes two at once one. */
import type { ReplayGuard } from '@sallyport/core';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { transaction } from './transaction.ts';

/** Waits for whoever writes the same key at this moment. Returns a row only to the first. */
const FIRST = 'insert into replay_keys (key, expires_at) values ($1, $2) on conflict (key) do nothing returning key';

/** A replay guard over this store. Rows past their time are cleared away by `prunePast`. */
export function makeReplayGuard({ pool }: Pick<Store, 'pool'>): ReplayGuard {
  return {
    first: ({ key, until }) =>
      transaction(pool, async (tx) => {
        const rows = await tx.rows(statement(FIRST, [key, timeText(until)], 'replay_first'));
        return rows.length === 1;
      }),
  };
}
