/** Owns recording many tokens with one statement: all of them or none, so that the lane of the trail has no hole. */
import { earlier, type IssuanceRecord, later, type Recorded } from '@sallyport/core';
import { AUDIT_COLUMNS, auditRecords } from './audit/append.ts';
import { makeBatches } from './batches.ts';
import { violates } from './faults.ts';
import type { LaneCursor } from './lanes.ts';
import { columnsOf, handlesIn, issuedRow, liveFacts, recordOrUsed, usesOf } from './record-one.ts';
import { type Statement, statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { written } from './tables.ts';
import { tokenRow } from './token-rows.ts';
import { single } from './transaction.ts';

const TOKENS_MAX = 128;
const IN_FLIGHT_MAX = 2;

/**
 * The conditions of RECORD (record-one.ts) for several grants: $1 to $5 are a grant each, with the MAC it was read with, the
 * latest `exp` and earliest `iat` asked of it, and the policy version; $6 handles. A row somebody holds to change it is
 * skipped, not waited for: nobody waits for the revocation of a stranger's grant. One that is missing: nothing is written,
 * and `live` says which are left.
 */
const RECORD = `with asked as (
    select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[])
      a (grant_id, mac, expires_at, issued_at, policy)
  ), standing as (
    select revoked_at from handles where id = any($6::text[]) order by id for share skip locked
  ), live as (
    select g.id from grants g join asked a on a.grant_id = g.id and a.mac = g.mac
    where g.state = 'active' and g.not_before <= clock_timestamp() and g.expires_at > clock_timestamp()
      and g.expires_at >= a.expires_at and g.not_before <= a.issued_at
      and (select version from policy_in_force) = a.policy
    order by g.id for share of g skip locked
  ), verdict as (
    select (select count(*) from live) = cardinality($1::text[])
      and (select count(*) from standing where revoked_at is null) = cardinality($6::text[]) as all_live
  ), issued as (
    insert into tokens (${written.tokens}, recorded_at)
    select ${columnsOf('x', written.tokens)}, clock_timestamp()
    from verdict, json_populate_recordset(null::tokens, $7::json) x where all_live
    returning jti, recorded_at
  ), used as (
    insert into issuance_uses (key, jti, fingerprint, used_at)
    select u.key, u.jti, u.fingerprint, i.recorded_at
    from unnest($8::text[], $9::text[], $10::text[]) u (key, jti, fingerprint) join issued i on i.jti = u.jti
    order by u.key
  ), noted as (
    insert into audit (${written.audit})
    select ${AUDIT_COLUMNS} from verdict, ${auditRecords('$11')} where all_live
    order by x.counter
  )
  select (select count(*)::int from issued) as recorded, (select coalesce(array_agg(id), '{}') from live) as live`;

/** Recording over this store. What a batch cannot settle at once is settled one by one. */
export function makeRecordBatches(store: Store): (issuance: IssuanceRecord) => Promise<Recorded> {
  const together = makeBatches<IssuanceRecord, Promise<Recorded>>({
    sizeMax: TOKENS_MAX,
    inFlightMax: IN_FLIGHT_MAX,
    run: async (issuances) => {
      const { first, again } = withoutClashes(issuances);
      const recorded = new Set(await recordMost(store, first));
      const alone = new Set(again);
      return issuances.map(
        (one) => async () => (recorded.has(one) && !alone.has(one) ? { kind: 'recorded' } : recordOrUsed(store, one)),
      );
    },
  });
  return async (issuance) => (issuance.usesMax === undefined ? together(issuance) : recordOrUsed(store, issuance));
}

/** Two that use up the same key cannot be in one statement: the later one finds out what the first one got. */
function withoutClashes(issuances: readonly IssuanceRecord[]) {
  const taken = new Set<string>();
  const [first, again]: [IssuanceRecord[], IssuanceRecord[]] = [[], []];
  for (const one of issuances) {
    if (one.uses.some((key) => taken.has(key))) again.push(one);
    else first.push(one);
    for (const key of one.uses) taken.add(key);
  }
  return { first, again };
}

/** Records all of them; if a grant is gone, once more without it. Returns those that were recorded. */
async function recordMost(store: Store, issuances: readonly IssuanceRecord[]): Promise<readonly IssuanceRecord[]> {
  const live = await recordAll(store, issuances);
  if (live === 'all') return issuances;
  const left = issuances.filter(({ token }) => live.includes(token.grantId));
  if (left.length === 0 || left.length === issuances.length) return [];
  return (await recordAll(store, left)) === 'all' ? left : [];
}

/** One statement: all, or none and which grants were live. A use that is taken: none of them, live or not. */
async function recordAll(store: Store, issuances: readonly IssuanceRecord[]): Promise<'all' | readonly string[]> {
  try {
    return await single(store.pool, async (connection, cursor) => {
      const [row] = await connection.rows(recordStatement(store, issuances, cursor));
      const wrote = row?.recorded === issuances.length;
      return { value: wrote ? 'all' : (row?.live ?? []), wrote };
    });
  } catch (error) {
    if (violates(error, 'issuance_uses_pkey')) return [];
    throw error;
  }
}

interface Answered {
  readonly recorded: number;
  readonly live: readonly string[];
}

function recordStatement(store: Store, issuances: readonly IssuanceRecord[], cursor: LaneCursor): Statement<Answered> {
  const grants = grantsOf(store, issuances);
  const uses = issuances.flatMap((one) => usesOf(one).map((key) => ({ key, one })));
  const values = [
    grants.map(({ grantId }) => grantId),
    grants.map(({ mac }) => mac),
    grants.map(({ expiresAt }) => timeText(expiresAt)),
    grants.map(({ issuedAt }) => timeText(issuedAt)),
    grants.map(({ policy }) => policy),
    issuances.flatMap((one) => handlesIn(one)),
    JSON.stringify(issuances.map(({ token }) => tokenRow(token, store.mac))),
    uses.map(({ key }) => key),
    uses.map(({ one }) => one.token.jti),
    uses.map(({ one }) => one.fingerprint),
    JSON.stringify(issuances.map((one) => issuedRow(store, one, cursor))),
  ];
  return statement(RECORD, values, 'tokens_record');
}

type LiveFacts = ReturnType<typeof liveFacts>;

/** One look at each grant for all tokens of it: at the latest end and the earliest beginning any of them has. */
function grantsOf(store: Store, issuances: readonly IssuanceRecord[]): readonly LiveFacts[] {
  const grants = new Map<string, LiveFacts>();
  for (const one of issuances) {
    const facts = liveFacts(store, one);
    const key = `${facts.grantId} ${facts.mac} ${facts.policy}`;
    const { expiresAt, issuedAt } = grants.get(key) ?? facts;
    grants.set(key, {
      ...facts,
      expiresAt: later(expiresAt, facts.expiresAt),
      issuedAt: earlier(issuedAt, facts.issuedAt),
    });
  }
  return [...grants.values()];
}
