/** Owns reads of many by one statement: rows of different kinds in one answer, the cases among them once each, and the moment. */
import type { AccessCase, Moment } from '@sallyport/core';
import { makeBatches } from './batches.ts';
import { CASE, MOMENT } from './case-sql.ts';
import { momentOf } from './moments.ts';
import { isNull, type StoredRow, text } from './row-values.ts';
import { type Statement, statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading } from './transaction.ts';

const ASKS_MAX = 256;
const IN_FLIGHT_MAX = 2;

/** Everything one statement found. */
export interface Found {
  readonly at: Moment;
  /** The row of this key, undefined when there is none. */
  row(key: string): StoredRow | undefined;
  /** The case of a request that some row named; a row that was tampered with is the trouble of those who ask for it. */
  caseOf(requestId: string): AccessCase;
}

/**
 * The SQL of such a read. `found` is a select of `key`, `request_id` and one more column `row` of JSON text, by the keys in
 * $1; the cases of those requests come with it.
 */
export function withCases(found: string): string {
  return `with found as (${found})
  select null as key, null as request_id, null as row, ${MOMENT}
  union all select key, request_id, row, null, null from found
  union all select null, r.id, ${CASE}::text, null, null from requests r where r.id in (select request_id from found)`;
}

/** Makes a read by key: asks that come together go in one statement. `read` gives one key's answer. */
export function makeBatchedRead<Answer>(
  store: Store,
  name: string,
  sql: string,
  read: (found: Found, key: string) => Answer,
): (key: string) => Promise<Answer> {
  return makeBatches<string, Answer>({
    sizeMax: ASKS_MAX,
    inFlightMax: IN_FLIGHT_MAX,
    run: async (keys) => {
      const found = await findAll(store, statement<StoredRow>(sql, [[...new Set(keys)]], name));
      return keys.map((key) => () => read(found, key));
    },
  });
}

async function findAll(store: Store, query: Statement<StoredRow>): Promise<Found> {
  const { rows, at } = await reading(store.pool, async (connection) => {
    const answered = await connection.rows(query);
    const moment = answered.find((row) => !isNull(row, 'now'));
    if (moment === undefined) throw new Error('a select without from answers one row');
    return { rows: answered, at: await momentOf(moment, connection, store.policies) };
  });
  const byKey = new Map(rows.filter((row) => !isNull(row, 'key')).map((row) => [text(row, 'key'), row]));
  const cases = new Map(
    rows
      .filter((row) => isNull(row, 'key') && !isNull(row, 'request_id'))
      .map((row) => [text(row, 'request_id'), text(row, 'row')]),
  );
  return {
    at,
    row: (key) => byKey.get(key),
    caseOf: (requestId) => {
      const found = cases.get(requestId);
      if (found === undefined) throw new Error('a row names a request that is not there');
      return store.readCaseText(found);
    },
  };
}
