/** Owns handles: what waiting clients poll with, stored as SHA-256 only. */
import type { Attribution, ClientId, Handle, HandleId, HandleSeen, Handles, Scope, Seen } from '@sallyport/core';
import { HANDLE_KINDS, nameOf, parseHandleId, parseRequestId } from '@sallyport/core';
import { auditRow, insertAudit } from './audit/append.ts';
import { type Found, makeBatchedRead, withCases } from './batched-read.ts';
import { earlierUse } from './case-sql.ts';
import { nowOf } from './moments.ts';
import { actorsIn, detailsIn, jsonText, optionalText } from './rich-values.ts';
import type { RowMac } from './row-mac.ts';
import {
  flag,
  isNull,
  maybeText,
  object,
  parsed,
  principal,
  type StoredRow,
  text,
  texts,
  time,
  word,
} from './row-values.ts';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { readUse } from './token-rows.ts';
import { type Tx, transaction } from './transaction.ts';

const PUT = `insert into handles
    (id, kind, client_id, subject, request_id, made_request, scopes, uses, issued_at, expires_at, actors, details, jkt)
    values ($1, $2, $3, $4, $5, $6, $7::text[], $8::text[], $9, $10, $11, $12, $13)`;

/** Binds it if nobody has, and answers the key it is bound to: whoever comes second waits for the row and reads the first's. */
const PIN = 'update handles set jkt = coalesce(jkt, $2) where id = $1 returning jkt';

/** Everything one poll reads: the handle, its case, the token it gave, and whether its grant gave any. */
const FIND = withCases(`select h.id as key, h.request_id, json_build_object(
    'handle', to_json(h),
    'redeemed', ${earlierUse(`array['handle:' || h.id]`)},
    'gave', exists (select from tokens t join grants g on g.id = t.grant_id where g.request_id = h.request_id))::text as row
  from handles h where h.id = any($1::text[])`);

/** Ends a handle that still stands. An exchange that holds it shared is waited for; one that comes later finds it ended. */
const REVOKE = `update handles set revoked_at = clock_timestamp() where id = $1 and revoked_at is null
  returning request_id, date_trunc('milliseconds', clock_timestamp()) as now`;

/** Handles over this store. */
export function makeHandles(store: Store): Handles {
  return {
    put: (handle) => put(store, handle),
    pin: (id, jkt) => pin(store, id, jkt),
    find: makeBatchedRead(store, 'handle_find', FIND, (found, id) => readSeen(found, id, store.mac)),
    revoke: (id, by) => revoke(store, id, by),
  };
}

async function put(store: Store, handle: Handle): Promise<void> {
  await transaction(store.pool, (tx) => insertHandle(tx, handle));
}

/** Writes a handle in a transaction under way. */
export async function insertHandle(tx: Tx, handle: Handle): Promise<void> {
  const values = [
    handle.id,
    handle.kind,
    handle.clientId,
    nameOf(handle.subject),
    handle.requestId,
    handle.madeRequest,
    handle.scopes,
    handle.uses,
    timeText(handle.issuedAt),
    timeText(handle.expiresAt),
    jsonText(handle.actors),
    jsonText(handle.details),
    handle.jkt ?? null,
  ];
  await tx.rows(statement(PUT, values, 'handle_put'));
}

function pin(store: Store, id: HandleId, jkt: string): Promise<string> {
  return transaction(store.pool, async (tx) => {
    const [row] = await tx.rows<StoredRow>(statement(PIN, [id, jkt]));
    if (row === undefined) throw new Error('a handle that is not there cannot be bound');
    return text(row, 'jkt');
  });
}

function readSeen(found: Found, id: string, mac: RowMac): Seen<HandleSeen> | undefined {
  const row = found.row(id);
  if (row === undefined) return undefined;
  const stored = object(JSON.parse(text(row, 'row')), 'a handle and what it gave');
  const redeemed = isNull(stored, 'redeemed') ? {} : { redeemed: readUse(stored.redeemed, mac) };
  const value = {
    handle: readHandle(object(stored.handle, 'a handle')),
    case: found.caseOf(text(row, 'request_id')),
    grantGaveTokens: flag(stored, 'gave'),
    ...redeemed,
  };
  return { value, at: found.at };
}

function readHandle(row: StoredRow): Handle {
  return {
    id: parsed(row, 'id', parseHandleId),
    kind: word(row, 'kind', HANDLE_KINDS),
    clientId: text(row, 'client_id') as ClientId,
    subject: principal(row, 'subject'),
    ...actorsIn(row),
    ...optionalText('jkt', maybeText(row, 'jkt')),
    requestId: parsed(row, 'request_id', parseRequestId),
    madeRequest: flag(row, 'made_request'),
    scopes: texts(row, 'scopes') as readonly Scope[],
    ...detailsIn(row),
    uses: texts(row, 'uses'),
    issuedAt: time(row, 'issued_at'),
    expiresAt: time(row, 'expires_at'),
    revoked: !isNull(row, 'revoked_at'),
  };
}

async function revoke(store: Store, id: HandleId, by: Attribution): Promise<void> {
  await transaction(store.pool, async (tx) => {
    const [row] = await tx.rows<StoredRow>(statement(REVOKE, [id]));
    if (row === undefined) return tx.rollBack();
    const draft = {
      type: 'handle.revoked',
      at: nowOf(row),
      by,
      requestId: parsed(row, 'request_id', parseRequestId),
      facts: { handle_sha256: id },
    } as const;
    await tx.rows(insertAudit([auditRow(draft, tx.cursor, store.mac)]));
  });
}
