/** Owns the record of one token: one conditional statement with a fresh look at the grant, or nothing. */
import type { EarlierUse, Grant, IssuanceRecord, Recorded } from '@sallyport/core';
import { AUDIT_COLUMNS, auditRecords, auditRow } from './audit/append.ts';
import { earlierUse } from './case-sql.ts';
import { StoreUnavailable, violates } from './faults.ts';
import type { LaneCursor } from './lanes.ts';
import type { Sender } from './moments.ts';
import { isNull, type StoredRow } from './row-values.ts';
import { grantMac } from './rows.ts';
import { type Statement, statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { type JsonRow, written } from './tables.ts';
import { readUse, tokenRow } from './token-rows.ts';
import { reading, single, transaction } from './transaction.ts';

/** A handle's own use key; see redeemHandle. */
const HANDLE_USE = /^handle:([0-9a-f]{64})$/;
const LOOKS_MAX = 3;

/** $1 grant, $2 its MAC, $3 token's exp, $4 its iat, $5 policy version: whether the grant is the row that was read, and live. */
const LIVE = `g.id = $1 and g.mac = $2 and g.state = 'active'
      and g.not_before <= clock_timestamp() and g.expires_at > clock_timestamp()
      and g.expires_at >= $3::timestamptz and g.not_before <= $4::timestamptz
      and (select version from policy_in_force) = $5`;

/**
 * Records one token. Locks the grant's row, and the handle's if one is used up, shared: the very rows whose columns are
 * checked. Whoever revokes waits for this, or this waits for them and then judges the row as they left it. (Locking the
 * request row instead would wait, and then still judge the grant by the old snapshot.)
 * Returns `recorded`: 1 with token, uses and audit row written; 0 with nothing written, because the grant, a handle or the
 * policy is no longer what was read. A use that is taken waits for its transaction and raises a unique violation.
 * Never writes an outbox row, never notifies: nobody waits for it, and NOTIFY would serialise the commits.
 */
const RECORD = `with standing as (
    select revoked_at from handles where id = any($9::text[]) for share
  ), live as (
    select g.id from grants g
    where ${LIVE} and not exists (select from standing where revoked_at is not null)
    for share
  ), issued as (
    insert into tokens (${written.tokens}, recorded_at)
    select ${columnsOf('x', written.tokens)}, clock_timestamp() from live, json_populate_recordset(null::tokens, $6::json) x
    returning jti, recorded_at
  ), used as (
    insert into issuance_uses (key, jti, fingerprint, used_at)
    select u.key, i.jti, $8, i.recorded_at from issued i, unnest($7::text[]) u (key)
  ), noted as (
    insert into audit (${written.audit})
    select ${AUDIT_COLUMNS} from issued, ${auditRecords('$10')}
  )
  select count(*)::int as recorded from issued`;

/** Holds a grant with a bounded number of tokens alone, so that counting them means something. */
const HOLD_GRANT = `select g.id from grants g where ${LIVE} for no key update`;
const GIVEN = 'select count(*)::int as given from tokens where grant_id = $1';
const EARLIER = `select ${earlierUse('$1')} as earlier`;

/** Records one; when somebody else used the key first, says what they got. */
export async function recordOrUsed(store: Store, issuance: IssuanceRecord): Promise<Recorded> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    try {
      return issuance.usesMax === undefined
        ? await recordOne(store, issuance)
        : await recordBounded(store, issuance, issuance.usesMax);
    } catch (error) {
      if (!violates(error, 'issuance_uses_pkey')) throw error;
      const earlier = await reading(store.pool, (connection) => earlierOf(store, connection, issuance.uses));
      if (earlier !== undefined) return used(earlier);
    }
  }
  throw new StoreUnavailable('conflict');
}

/** The common case: one round trip. */
function recordOne(store: Store, issuance: IssuanceRecord): Promise<Recorded> {
  return single<Recorded>(store.pool, async (connection, cursor) => {
    const [row] = await connection.rows(recordStatement(store, issuance, cursor));
    const wrote = row?.recorded === 1;
    return { value: { kind: wrote ? 'recorded' : 'no_longer_live' }, wrote };
  });
}

/** A grant that gives only so many tokens: counted while nobody else can record on it. */
function recordBounded(store: Store, issuance: IssuanceRecord, usesMax: number): Promise<Recorded> {
  return transaction<Recorded>(store.pool, async (tx) => {
    const held = await tx.rows(statement(HOLD_GRANT, liveValues(store, issuance)));
    if (held.length === 0) return { kind: 'no_longer_live' };
    const earlier = await earlierOf(store, tx, issuance.uses);
    if (earlier !== undefined) return used(earlier);
    const [count] = await tx.rows<{ given: number }>(statement(GIVEN, [issuance.token.grantId]));
    if (count === undefined || count.given >= usesMax) return { kind: 'spent' };
    const [row] = await tx.rows(recordStatement(store, issuance, tx.cursor));
    if (row?.recorded === 1) return { kind: 'recorded' };
    tx.rollBack();
    return { kind: 'no_longer_live' };
  });
}

function recordStatement(store: Store, issuance: IssuanceRecord, cursor: LaneCursor): Statement<{ recorded: number }> {
  const values = [
    ...liveValues(store, issuance),
    JSON.stringify([tokenRow(issuance.token, store.mac)]),
    usesOf(issuance),
    issuance.fingerprint,
    handlesIn(issuance),
    JSON.stringify([issuedRow(store, issuance, cursor)]),
  ];
  return statement(RECORD, values, 'token_record');
}

/** What it uses up, in one order everywhere: two exchanges with the same two keys must not each hold one and wait for the other. */
export function usesOf({ uses }: IssuanceRecord): readonly string[] {
  return [...new Set(uses)].sort();
}

/** The handles among what it uses up. */
export function handlesIn(issuance: IssuanceRecord): readonly string[] {
  return usesOf(issuance).flatMap((key) => HANDLE_USE.exec(key)?.[1] ?? []);
}

/** The row of the trail that says it. */
export function issuedRow({ mac }: Store, { token, from, by }: IssuanceRecord, cursor: LaneCursor): JsonRow {
  const draft = {
    type: 'token.issued',
    at: from.at.now,
    by,
    requestId: token.requestId,
    version: from.value.version,
    revision: from.value.request.revision,
    digest: from.value.request.digest,
    grantId: token.grantId,
    jti: token.jti,
    policyVersion: from.at.policy.version,
    token,
  };
  return auditRow(draft, cursor, mac);
}

/** What has to hold of the grant when the token is recorded. */
export function liveFacts({ mac }: Store, { token, from }: IssuanceRecord) {
  return {
    grantId: token.grantId,
    mac: grantMac(grantOf(from), mac),
    expiresAt: token.expiresAt,
    issuedAt: token.issuedAt,
    policy: from.at.policy.version,
  };
}

function liveValues(store: Store, issuance: IssuanceRecord): readonly unknown[] {
  const { grantId, mac, expiresAt, issuedAt, policy } = liveFacts(store, issuance);
  return [grantId, mac, timeText(expiresAt), timeText(issuedAt), policy];
}

function grantOf({ value }: IssuanceRecord['from']): Grant {
  if (value.grant === undefined) throw new Error('a token comes of a case with a grant');
  return value.grant;
}

type KeyedUse = EarlierUse & { readonly key: string };

async function earlierOf({ mac }: Store, sender: Sender, uses: readonly string[]): Promise<KeyedUse | undefined> {
  if (uses.length === 0) return undefined;
  const [row] = await sender.rows<StoredRow>(statement(EARLIER, [uses]));
  return row === undefined || isNull(row, 'earlier') ? undefined : readUse(row.earlier, mac);
}

/** Names the key as well: a caller with several has to know which one was used up. */
function used({ key, ...earlier }: KeyedUse): Recorded {
  const found = { kind: 'used' as const, key, earlier };
  return found;
}

/** Columns of a row, each after the name of the row. */
export function columnsOf(alias: string, columns: string): string {
  return columns
    .split(', ')
    .map((column) => `${alias}.${column}`)
    .join(', ');
}
