/** Owns the sweep: closes all that time has ended, in sets, without waiting for anybody. */

import { randomUUID } from 'node:crypto';
import { type AccessCase, type Attribution, expireDue, type Moment } from '@sallyport/core';
import { CASE, MOMENT } from './case-sql.ts';
import { momentOf } from './moments.ts';
import { list, type StoredRow } from './row-values.ts';
import { readCase } from './rows.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { type Tx, transaction } from './transaction.ts';
import { type Change, writeChanges } from './write-changes.ts';

/**
 * Locks up to $1 pending requests whose time is over, longest over first; passes over what somebody else holds.
 * The clock is a scalar subquery so that it is read once and the index can be used.
 */
const LOCK_REQUESTS = `select id from requests
  where state = 'pending' and expires_at <= (select clock_timestamp())
  order by expires_at limit $1 for no key update skip locked`;

/** Likewise the requests of up to $1 grants whose time is over. */
const LOCK_GRANTS = `select r.id from grants g join requests r on r.id = g.request_id
  where g.state = 'active' and g.expires_at <= (select clock_timestamp())
  order by g.expires_at limit $1 for no key update of r skip locked`;

/** The locked cases, by a new snapshot and a clock read after the locks. */
const LOOK = `select ${MOMENT},
  (select coalesce(json_agg(${CASE}), '[]'::json) from requests r where r.id = any($1::text[])) as cases`;

/** Closes up to `limitMax` due cases in one transaction; see Ledger.sweep. */
export async function sweep(store: Store, limitMax: number): Promise<{ closed: number; latenessMs: number }> {
  return transaction(store.pool, async (tx) => {
    const ids = await lockDue(tx, limitMax);
    if (ids.length === 0) return { closed: 0, latenessMs: 0 };
    const [row] = await tx.rows<StoredRow>(statement(LOOK, [ids]));
    if (row === undefined) throw new Error('a select without from answers one row');
    const at = await momentOf(row, tx, store.policies);
    const by: Attribution = { door: 'worker', traceId: `sweep-${randomUUID()}` };
    const changes = list(row, 'cases').flatMap((stored) => expired(store, stored, at, by));
    if (changes.length > 0) await writeChanges(tx, changes, at, store.mac);
    return { closed: changes.length, latenessMs: Math.max(0, ...changes.map((one) => at.now - dueAt(one.from))) };
  });
}

async function lockDue(tx: Tx, limitMax: number): Promise<readonly string[]> {
  const requests = await tx.rows<{ id: string }>(statement(LOCK_REQUESTS, [limitMax], 'sweep_requests'));
  const left = limitMax - requests.length;
  const grants = left === 0 ? [] : await tx.rows<{ id: string }>(statement(LOCK_GRANTS, [left], 'sweep_grants'));
  return [...requests, ...grants].map((row) => row.id);
}

type Expiry = Change & { readonly from: AccessCase };

/** A row that cannot be trusted or read has raised its alarm and waits; the others go on. */
function expired(store: Store, stored: unknown, at: Moment, by: Attribution): readonly Expiry[] {
  const c = readOrSkip(store, stored);
  const step = c === undefined ? 'unchanged' : expireDue(c, at.now);
  return c === undefined || step === 'unchanged' ? [] : [{ from: c, step, by }];
}

/** Reads a case for a set: one bad row must not hold up the rest. */
export function readOrSkip({ mac, pool }: Store, stored: unknown): AccessCase | undefined {
  try {
    return readCase(stored, mac);
  } catch (error) {
    pool.alarm({ event: 'row.skipped', why: error instanceof Error ? error.name : 'unknown' });
    return undefined;
  }
}

function dueAt({ request, grant }: AccessCase): number {
  return request.status.state === 'pending' || grant === undefined ? request.expiresAt : grant.expiresAt;
}
