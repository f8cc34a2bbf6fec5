/** Owns what devices without a browser ask, until a person takes it on or turns it away. */
import {
  type ClientId,
  type DeviceAuthorization,
  type DeviceStatus,
  type Devices,
  type Handle,
  type HandleId,
  isPrincipalId,
  type PersonId,
  parseHandleId,
  parseRequestId,
  parseUserCode,
  person,
  type ResourceId,
  type Scope,
  type Seen,
  seconds,
} from '@sallyport/core';
import { MOMENT } from './case-sql.ts';
import { insertHandle } from './handles.ts';
import { momentOf } from './moments.ts';
import { detailsIn, jsonText, optionalText } from './rich-values.ts';
import { isNull, maybeText, object, parsed, type StoredRow, text, texts, time, whole, word } from './row-values.ts';
import { type Statement, statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

/** Nothing is answered when another one has this user code. */
const PUT = `insert into device_authorizations
    (id, user_code, client_id, jkt, resource, scopes, details, reason, requested_seconds, issued_at, expires_at)
    values ($1, $2, $3, $4, $5, $6::text[], $7, $8, $9, $10, $11)
  on conflict (user_code) do nothing returning id`;

const FIND = `select ${MOMENT}, to_json(d) as device from device_authorizations d where`;

/** Decides one that is open and in time. Two at once: the second waits for the row and finds it decided. */
const DECIDE = `update device_authorizations
  set state = $2, decided_by = $3, request_id = $4, decided_at = date_trunc('milliseconds', clock_timestamp())
  where id = $1 and state = 'open' and expires_at > clock_timestamp() returning id`;

/** Devices over this store. */
export function makeDevices(store: Store): Devices {
  const find = (query: Statement<StoredRow>) => findOne(store, query);
  return {
    put: (device) => put(store, device),
    find: (id) => find(statement(`${FIND} d.id = $1`, [id], 'device_find')),
    findByUserCode: (code) => find(statement(`${FIND} d.user_code = $1`, [code])),
    take: (handle, by) => take(store, handle, by),
    deny: (id, by) =>
      transaction(store.pool, async (tx) => {
        const decided = await tx.rows(statement(DECIDE, [id, 'denied', by, null]));
        return decided.length === 1;
      }),
  };
}

async function put(store: Store, device: DeviceAuthorization): Promise<boolean> {
  const { requestedDuration: length } = device;
  const values = [
    device.id,
    device.userCode,
    device.clientId,
    device.jkt ?? null,
    device.resource,
    device.scopes,
    jsonText(device.details),
    device.reason ?? null,
    length === undefined ? null : length / 1_000,
    timeText(device.issuedAt),
    timeText(device.expiresAt),
  ];
  const kept = await transaction(store.pool, (tx) => tx.rows(statement(PUT, values)));
  return kept.length === 1;
}

function take(store: Store, handle: Handle, by: PersonId): Promise<boolean> {
  return transaction(store.pool, async (tx) => {
    const decided = await tx.rows(statement(DECIDE, [handle.id, 'taken', by, handle.requestId]));
    if (decided.length === 1) await insertHandle(tx, handle);
    return decided.length === 1;
  });
}

function findOne(store: Store, query: Statement<StoredRow>): Promise<Seen<DeviceAuthorization> | undefined> {
  return reading(store.pool, async (connection) => {
    const [row] = await connection.rows(query);
    if (row === undefined) return undefined;
    const value = readDevice(object(row.device, 'a device authorization'));
    return { value, at: await momentOf(row, connection, store.policies) };
  });
}

function readDevice(row: StoredRow): DeviceAuthorization & { readonly id: HandleId } {
  return {
    id: parsed(row, 'id', parseHandleId),
    userCode: parsed(row, 'user_code', parseUserCode),
    clientId: text(row, 'client_id') as ClientId,
    ...optionalText('jkt', maybeText(row, 'jkt')),
    resource: text(row, 'resource') as ResourceId,
    scopes: texts(row, 'scopes') as readonly Scope[],
    ...detailsIn(row),
    ...optionalText('reason', maybeText(row, 'reason')),
    ...(isNull(row, 'requested_seconds') ? {} : { requestedDuration: seconds(whole(row, 'requested_seconds')) }),
    issuedAt: time(row, 'issued_at'),
    expiresAt: time(row, 'expires_at'),
    status: readStatus(row),
  };
}

function readStatus(row: StoredRow): DeviceStatus {
  const state = word(row, 'state', ['open', 'taken', 'denied']);
  if (state === 'open') return { state };
  const decided = { at: time(row, 'decided_at'), by: parsed(row, 'decided_by', personId) };
  return state === 'denied'
    ? { state, ...decided }
    : { state, ...decided, requestId: parsed(row, 'request_id', parseRequestId) };
}

function personId(text: string): PersonId | undefined {
  return isPrincipalId(text) ? person(text).id : undefined;
}
