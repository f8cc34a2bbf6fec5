/** Owns what is read around a request for those who decide it: one statement, bounded in every part. */
import {
  type AccessCase,
  type Facts,
  HISTORY_MAX,
  type History,
  type Instant,
  instant,
  type RequestId,
} from '@sallyport/core';
import { CASE } from './case-sql.ts';
import { RowUnreadable } from './faults.ts';
import { readOrSkip } from './ledger-sweep.ts';
import { list, type StoredRow } from './row-values.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading } from './transaction.ts';

/** $1 a request. Earlier ones of its subject and resource; those whose grant stands; when its requester asked before. */
const HISTORY = `with asked as (select id, ord, subject, requester, resource from requests where id = $1)
  select
    (select coalesce(json_agg(c.found order by c.ord desc), '[]'::json) from (
      select r.ord, ${CASE} as found from requests r
      where r.subject = a.subject and r.resource = a.resource and r.ord < a.ord
      order by r.ord desc limit ${HISTORY_MAX.earlier}) c) as earlier,
    (select coalesce(json_agg(c.found order by c.ord desc), '[]'::json) from (
      select r.ord, ${CASE} as found from requests r join grants g on g.request_id = r.id
      where g.subject = a.subject and g.resource = a.resource and g.state = 'active' and r.id <> a.id
        and g.expires_at > clock_timestamp()
      order by g.expires_at desc limit ${HISTORY_MAX.live}) c) as live,
    (select coalesce(json_agg(o.at order by o.ord desc), '[]'::json) from (
      select r.ord, (extract(epoch from r.opened_at) * 1000)::bigint as at from requests r
      where r.requester = a.requester and r.ord < a.ord
      order by r.ord desc limit ${HISTORY_MAX.askedAt}) o) as asked_at
  from asked a`;

/** The facts over this store. */
export function makeFacts(store: Store): Facts {
  return { history: (id) => history(store, id) };
}

function history(store: Store, id: RequestId): Promise<History | undefined> {
  return reading(store.pool, async (connection) => {
    const [row] = await connection.rows<StoredRow>(statement(HISTORY, [id], 'history'));
    if (row === undefined) return undefined;
    const cases = (column: string): readonly AccessCase[] =>
      list(row, column).flatMap((stored) => readOrSkip(store, stored) ?? []);
    return { earlier: cases('earlier'), live: cases('live'), askedAt: list(row, 'asked_at').map(readInstant) };
  });
}

function readInstant(value: unknown): Instant {
  if (typeof value !== 'number') throw new RowUnreadable('asked_at holds what is no time');
  return instant(value);
}
