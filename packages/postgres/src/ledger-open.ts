/** Owns the door for a new case: hold the subject's asks on the resource, look again, then join, repeat or open. */
import {
  type AccessCase,
  type Attribution,
  type DecideOpening,
  err,
  type Ledger,
  nameOf,
  type OnceKey,
  ok,
  type Refusal,
  type Result,
  type Written,
} from '@sallyport/core';
import { writeAttempt } from './attempts.ts';
import { CASE, MOMENT, openCases } from './case-sql.ts';
import { momentOf, nowOf, versionOf } from './moments.ts';
import { type KnownOnce, keepOnce, knownOnce, LOCKS, lockOnce } from './once-keys.ts';
import { isNull, list, type StoredRow } from './row-values.ts';
import { readCase } from './rows.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { type Tx, transaction } from './transaction.ts';
import { writeChanges } from './write-changes.ts';

/** Holds every other opening of this subject and resource until the transaction ends: equal asks at once become one. */
const LOCK = 'select pg_advisory_xact_lock($1, hashtext($2))';

const LOOK = `select ${MOMENT},
  (select coalesce(json_agg(${CASE} order by r.ord), '[]'::json) from requests r where r.id in (${openCases('$1', '$2')})) as cases`;

/** The request an earlier submission made. */
const LOOK_AT_ONE = `select ${MOMENT}, (select ${CASE} from requests r where r.id = $1) as found`;

/** Opens, joins or repeats; see Ledger.open. */
export async function open(
  store: Store,
  key: Parameters<Ledger['open']>[0],
  decide: DecideOpening,
  by: Attribution,
  once: OnceKey | undefined,
): Promise<Result<Written, Refusal>> {
  const subject = nameOf(key.subject);
  return transaction(store.pool, async (tx) => {
    if (once !== undefined) {
      await lockOnce(tx, once);
      const known = await knownOnce(tx, once);
      if (known !== undefined) return repeat(store, tx, known, once, by);
    }
    await tx.rows(statement(LOCK, [LOCKS.subject, JSON.stringify([subject, key.resource])], 'subject_lock'));
    const [row] = await tx.rows<StoredRow>(statement(LOOK, [subject, key.resource], 'subject_look'));
    if (row === undefined) throw new Error('a select without from answers one row');
    const at = await momentOf(row, tx, store.policies);
    const seen = list(row, 'cases').map((stored) => readCase(stored, store.mac));
    const opening = decide(seen, at);
    if (!opening.ok) {
      await writeAttempt(tx, store.mac, {
        refusal: opening.error,
        by,
        attempted: 'open',
        at: at.now,
        policyVersion: at.policy.version,
      });
      return opening;
    }
    const c: AccessCase = opening.value.kind === 'join' ? opening.value.to : opening.value.step.next;
    if (opening.value.kind === 'new') await writeChanges(tx, [{ step: opening.value.step, by }], at, store.mac);
    if (once !== undefined) await keepOnce(tx, once, c.request.id);
    return ok({ case: c, at, changed: opening.value.kind === 'new' });
  });
}

async function repeat(
  store: Store,
  tx: Tx,
  known: KnownOnce,
  once: OnceKey,
  by: Attribution,
): Promise<Result<Written, Refusal>> {
  const [row] = await tx.rows<StoredRow>(statement(LOOK_AT_ONE, [known.requestId ?? '']));
  if (row === undefined) throw new Error('a select without from answers one row');
  if (known.bodyHash !== once.bodyHash) {
    const refusal = { code: 'key_reused' } as const;
    const at = { at: nowOf(row), policyVersion: versionOf(row) };
    await writeAttempt(tx, store.mac, { refusal, by, attempted: 'open', requestId: known.requestId, ...at });
    return err(refusal);
  }
  if (isNull(row, 'found')) throw new Error('a submission key of a request that is not there');
  return ok({ case: readCase(row.found, store.mac), at: await momentOf(row, tx, store.policies), changed: false });
}
