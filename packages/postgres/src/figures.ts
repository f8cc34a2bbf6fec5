/** Owns the figures that gauges and cards show: counts and ages, never what a decision is made from. */
import type { GrantId } from '@sallyport/core';
import { type StoredRow, whole } from './row-values.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading } from './transaction.ts';

export interface Figures {
  /** Requests that wait for people, and the age of the oldest in ms (0: none). */
  pending(): Promise<{ readonly count: number; readonly oldestMs: number }>;
  /** How many tokens a grant gave. */
  tokensOf(grant: GrantId): Promise<number>;
}

const PENDING = `select count(*)::int as count,
    coalesce(extract(epoch from clock_timestamp() - min(opened_at)) * 1000, 0)::bigint as oldest_ms
  from requests where state = 'pending' and expires_at > (select clock_timestamp())`;

/** The figures over this store. */
export function makeFigures({ pool }: Pick<Store, 'pool'>): Figures {
  const one = async (text: string, values: readonly unknown[]): Promise<StoredRow> => {
    const [row] = await reading(pool, (connection) => connection.rows<StoredRow>(statement(text, values)));
    if (row === undefined) throw new Error('an aggregate answers one row');
    return row;
  };
  return {
    pending: async () => {
      const row = await one(PENDING, []);
      return { count: whole(row, 'count'), oldestMs: whole(row, 'oldest_ms') };
    },
    tokensOf: async (grant) =>
      whole(await one('select count(*)::int as count from tokens where grant_id = $1', [grant]), 'count'),
  };
}
