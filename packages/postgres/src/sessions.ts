/** Owns which sessions of our pages were ended before their time. */
import type { Sessions } from '@sallyport/core';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

/** Ends a session, on every instance, from this commit on. */
const END = 'insert into ended_sessions (id, ends_at) values ($1, $2) on conflict (id) do nothing';
const IS_ENDED = 'select from ended_sessions where id = $1';

/** Sessions over this store. */
export function makeSessions({ pool }: Pick<Store, 'pool'>): Sessions {
  return {
    end: async (id, until) => {
      await transaction(pool, (tx) => tx.rows(statement(END, [id, timeText(until)])));
    },
    isEnded: (id) => reading(pool, async (connection) => (await connection.rows(statement(IS_ENDED, [id]))).length > 0),
  };
}
