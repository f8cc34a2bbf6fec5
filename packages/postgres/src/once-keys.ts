/** Owns what happens only once: keys of deliveries and submissions, kept 24 h, written by the transaction they protect. */
import { type OnceKey, parseRequestId, type RequestId } from '@sallyport/core';
import { maybeText, parsed, type StoredRow, text } from './row-values.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { type Tx, transaction } from './transaction.ts';

/** Class numbers of our advisory locks; a class never meets another. */
export const LOCKS = { subject: 1, once: 2, policy: 3, barring: 4, requester: 5, linking: 6 } as const;

/** A key that is known: what was sent under it, and the request it made or touched. */
export interface KnownOnce {
  readonly bodyHash: string;
  readonly requestId?: RequestId;
}

/** Holds everybody else with this key until this transaction ends. Taken before any other lock. */
export async function lockOnce(tx: Tx, once: OnceKey): Promise<void> {
  await tx.rows(
    statement('select pg_advisory_xact_lock($1, hashtext($2))', [LOCKS.once, JSON.stringify([once.scope, once.key])]),
  );
}

/** Looks a key up; past its 24 h it is not known. */
export async function knownOnce(tx: Tx, once: OnceKey): Promise<KnownOnce | undefined> {
  const [row] = await tx.rows<StoredRow>(
    statement(
      'select body_hash, request_id from once_keys where scope = $1 and key = $2 and expires_at > clock_timestamp()',
      [once.scope, once.key],
    ),
  );
  if (row === undefined) return undefined;
  const bodyHash = text(row, 'body_hash');
  return maybeText(row, 'request_id') === undefined
    ? { bodyHash }
    : { bodyHash, requestId: parsed(row, 'request_id', parseRequestId) };
}

/** Keeps a key for 24 h; takes the place of one that is past its time. */
export async function keepOnce(tx: Tx, once: OnceKey, requestId: RequestId | null): Promise<void> {
  await tx.rows(
    statement(
      `insert into once_keys (scope, key, body_hash, request_id, expires_at)
       values ($1, $2, $3, $4, clock_timestamp() + interval '24 hours')
       on conflict (scope, key) do update
         set body_hash = excluded.body_hash, request_id = excluded.request_id, expires_at = excluded.expires_at,
             created_at = excluded.created_at`,
      [once.scope, once.key, once.bodyHash, requestId],
    ),
  );
}

export interface Deliveries {
  /** Whether this is the first time: for deliveries that change no case. */
  first(once: OnceKey): Promise<boolean>;
}

/** Deliveries that stand alone, such as events. */
export function makeDeliveries({ pool }: Store): Deliveries {
  return {
    first: (once) =>
      transaction(pool, async (tx) => {
        await lockOnce(tx, once);
        if ((await knownOnce(tx, once)) !== undefined) return false;
        await keepOnce(tx, once, null);
        return true;
      }),
  };
}
