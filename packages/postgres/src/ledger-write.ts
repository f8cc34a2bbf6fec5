/** Owns the door for one case: lock, read, decide, write, in that order and nothing else. */

import type { RefusedAttempt } from '@sallyport/core';
import {
  type AccessCase,
  type Attribution,
  type DecideCase,
  err,
  type OnceKey,
  ok,
  type Refusal,
  type RequestId,
  type Result,
  type Written,
} from '@sallyport/core';
import { attemptDraft, writeAttempt } from './attempts.ts';
import { auditRow, insertAudit } from './audit/append.ts';
import { CASE, MOMENT } from './case-sql.ts';
import { momentOf, nowOf, versionOf } from './moments.ts';
import { keepOnce, knownOnce, lockOnce } from './once-keys.ts';
import { isNull, type StoredRow } from './row-values.ts';
import { readCase } from './rows.ts';
import { accountRefusal } from './slack-links.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { single, transaction } from './transaction.ts';
import { writeChanges } from './write-changes.ts';

/**
 * Locks one request against every other writer until the transaction ends; returns whether it is there. `no key update`:
 * as exclusive among writers as `update`, but who inserts a row that refers to the request need not wait for it.
 */
export const LOCK = 'select id from requests where id = $1 for no key update';

/** The case as it is now that the lock is held: a new statement, so a new snapshot, and the clock after the wait. */
export const LOOK = `select ${MOMENT}, (select ${CASE} from requests r where r.id = $1) as found`;

/** Changes one case under its lock; see Ledger.transact. */
export async function transact(
  store: Store,
  id: RequestId,
  decide: DecideCase,
  by: Attribution,
  once: OnceKey | undefined,
): Promise<Result<Written, Refusal>> {
  return transaction(store.pool, async (tx) => {
    if (once !== undefined) await lockOnce(tx, once);
    await tx.rows(statement(LOCK, [id], 'case_lock'));
    const [row] = await tx.rows<StoredRow>(statement(LOOK, [id], 'case_look'));
    if (row === undefined) throw new Error('a select without from answers one row');
    const refuse = async (refusal: Refusal, c?: AccessCase): Promise<Result<Written, Refusal>> => {
      const at = { at: nowOf(row), policyVersion: versionOf(row) };
      await writeAttempt(tx, store.mac, {
        refusal,
        by,
        attempted: by.attempting?.what ?? 'transact',
        requestId: id,
        case: c,
        ...at,
      });
      return err(refusal);
    };
    if (isNull(row, 'found')) return refuse({ code: 'request_unknown' });
    const c = readCase(row.found, store.mac);
    if (once !== undefined && (await knownOnce(tx, once)) !== undefined) return refuse({ code: 'replayed' }, c);
    const at = await momentOf(row, tx, store.policies);
    const foreign = await accountRefusal(tx, store.mac, by, at);
    if (foreign !== undefined) return refuse(foreign, c);
    const outcome = decide(c, at);
    if (!outcome.ok) return refuse(outcome.error, c);
    if (once !== undefined) await keepOnce(tx, once, id);
    if (outcome.value === 'unchanged') return ok({ case: c, at, changed: false });
    await writeChanges(tx, [{ from: c, step: outcome.value, by }], at, store.mac);
    return ok({ case: outcome.value.next, at, changed: true });
  });
}

/** Writes down an attempt that reached no case, or one without its lock; see Ledger.note. */
export async function note(store: Store, attempt: RefusedAttempt): Promise<void> {
  if (attempt.refusal.code === 'already_decided') return;
  await single(store.pool, async (connection, cursor) => {
    const draft = attemptDraft({ ...attempt, at: store.clock.now() });
    await connection.rows(insertAudit([auditRow(draft, cursor, store.mac)]));
    return { value: undefined, wrote: true };
  });
}
