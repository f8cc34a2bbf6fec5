/** Owns the door for a new case: hold the subject's asks on the resource, look again, then join, repeat or open. */
import {
  type AccessCase,
  type Attribution,
  type Crowd,
  type DecideOpening,
  err,
  type Ledger,
  nameOf,
  type OnceKey,
  ok,
  PENDING_MAX,
  RECENT,
  RECENT_MAX,
  type Refusal,
  type Result,
  type Written,
} from '@sallyport/core';
import { writeAttempt } from './attempts.ts';
import { CASE, MOMENT, openCases } from './case-sql.ts';
import { momentOf, nowOf, versionOf } from './moments.ts';
import { type KnownOnce, keepOnce, knownOnce, LOCKS, lockOnce } from './once-keys.ts';
import { isNull, list, object, type StoredRow, whole } from './row-values.ts';
import { readCase } from './rows.ts';
import { accountRefusal } from './slack-links.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { type Tx, transaction } from './transaction.ts';
import { writeChanges } from './write-changes.ts';

/**
 * Holds every other opening of this subject and resource, then of this requester, until the transaction ends: equal asks
 * at once become one, and what a requester has asked is counted right. Always in this order.
 */
const LOCK = 'select pg_advisory_xact_lock($1, hashtext($2)), pg_advisory_xact_lock($3, hashtext($4))';

/** What a requester, by this parameter, has asked of people; counted no further than it matters. */
export const crowd = (parameter: string): string => `json_build_object(
    'pending', (select count(*) from (select from requests where requester = ${parameter} and state = 'pending'
      and effect = 'require_approval' and expires_at > clock_timestamp() limit ${PENDING_MAX}) p),
    'recent', (select count(*) from (select from requests where requester = ${parameter} and effect = 'require_approval'
      and opened_at > clock_timestamp() - make_interval(secs => ${RECENT / 1_000}) limit ${RECENT_MAX}) o))`;

const LOOK = `select ${MOMENT}, ${crowd('$3')} as crowd,
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
    const requester = nameOf(key.requester ?? key.subject);
    const locks = [LOCKS.subject, JSON.stringify([subject, key.resource]), LOCKS.requester, requester];
    await tx.rows(statement(LOCK, locks, 'subject_lock'));
    const [row] = await tx.rows<StoredRow>(statement(LOOK, [subject, key.resource, requester], 'subject_look'));
    if (row === undefined) throw new Error('a select without from answers one row');
    const at = await momentOf(row, tx, store.policies);
    const seen = list(row, 'cases').map((stored) => readCase(stored, store.mac));
    const foreign = await accountRefusal(tx, store.mac, by, at);
    const opening = foreign === undefined ? decide(seen, at, crowdIn(row)) : err(foreign);
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

/** Reads the column `crowd`. */
export function crowdIn(row: StoredRow): Crowd {
  const counted = object(row.crowd, 'a crowd');
  return { pending: whole(counted, 'pending'), recent: whole(counted, 'recent') };
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
