/** Owns the reads that judge cases: each one statement, one consistent look, with the clock and the policy pointer in it. */
import {
  type AccessCase,
  type Digest,
  type GrantId,
  type GrantUse,
  type Ledger,
  type Listed,
  nameOf,
  type Page,
  parseDigest,
  parseRequestId,
  type RequestId,
  type Seen,
  type TrailRow,
} from '@sallyport/core';
import { checkLeaf } from './audit/check-leaf.ts';
import { parseLeaf } from './audit/leaf.ts';
import { CASE, MOMENT } from './case-sql.ts';
import { makeCovering } from './covering.ts';
import { RowUnreadable } from './faults.ts';
import { crowd, crowdIn } from './ledger-open.ts';
import { readOrSkip } from './ledger-sweep.ts';
import { momentOf } from './moments.ts';
import { isNull, list, maybeText, maybeTime, object, parsed, type StoredRow, text, time, whole } from './row-values.ts';
import { readCase } from './rows.ts';
import { type Statement, statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading } from './transaction.ts';

const TRAIL_ROWS_MAX = 10_000;

const FIND = `select ${MOMENT}, (select ${CASE} from requests r where r.id = $1) as found`;
/** A hint where to look again: whatever is decided by it is read anew, MACs and all. */
const VERSIONS = 'select id, version from requests where id = any($1::text[])';
const FIND_BY_GRANT = `select ${MOMENT},
  (select ${CASE} from requests r where r.id = (select request_id from grants where id = $1)) as found`;

const THEIRS = `(r.requester = any($1::text[]) or r.subject = any($1::text[]))`;

/** One page, newest first, of what is below the cursor $2; one row more than asked says that there is a next page. */
function pageOf(where: string): string {
  return `select ${MOMENT},
  (select coalesce(json_agg(json_build_object('ord', c.ord, 'case', c.found) order by c.ord desc), '[]'::json) from (
    select r.ord, ${CASE} as found from requests r
    where ${where} and r.ord < $2::bigint order by r.ord desc limit $3) c) as rows`;
}

const MINE = pageOf(THEIRS);
const GRANTED = pageOf(`${THEIRS} and exists (select from grants g where g.request_id = r.id)`);
const DECIDED = pageOf(`r.id in (select d.request_id from decisions d where d.person = any($1::text[]))`);
const PENDING = pageOf(`r.state = 'pending' and r.expires_at > clock_timestamp() and $1::text[] is not null`);

const TRAIL = `select id, leaf, mac_key, mac from audit where request_id = $1 order by id limit ${TRAIL_ROWS_MAX}`;

const CROWD_OF = `select ${crowd('$1')} as crowd`;
const USES = `select count(*)::int as tokens, max(issued_at) as last_at,
  (array_agg(client_id order by issued_at desc, jti))[1] as last_client from tokens where grant_id = $1`;

type Reads = Pick<
  Ledger,
  | 'find'
  | 'versions'
  | 'findByGrant'
  | 'covering'
  | 'mine'
  | 'granted'
  | 'decidedBy'
  | 'pending'
  | 'trail'
  | 'uses'
  | 'crowdOf'
>;

/** The reads of the ledger. */
export function makeReads(store: Store): Reads {
  return {
    find: (id) => findOne(store, statement(FIND, [id], 'case_find')),
    versions: (ids) => versions(store, ids),
    findByGrant: (id: GrantId) => findOne(store, statement(FIND_BY_GRANT, [id], 'case_find_by_grant')),
    covering: makeCovering(store),
    mine: (principals, page) => listed(store, MINE, principals.map(nameOf), page),
    granted: (principals, page) => listed(store, GRANTED, principals.map(nameOf), page),
    decidedBy: (id, page) => listed(store, DECIDED, [id], page),
    pending: async (limitMax) => {
      const { value, at } = await listed(store, PENDING, [], { limit: limitMax });
      return { value: value.items, at };
    },
    trail: (id) => trail(store, id),
    uses: (id) => uses(store, id),
    crowdOf: (requester) =>
      reading(store.pool, async (connection) =>
        crowdIn(one(await connection.rows<StoredRow>(statement(CROWD_OF, [nameOf(requester)])))),
      ),
  };
}

function findOne(store: Store, query: Statement<StoredRow>): Promise<Seen<AccessCase> | undefined> {
  return reading(store.pool, async (connection) => {
    const row = one(await connection.rows(query));
    if (isNull(row, 'found')) return undefined;
    return { value: readCase(row.found, store.mac), at: await momentOf(row, connection, store.policies) };
  });
}

function versions({ pool }: Store, ids: readonly RequestId[]): Promise<ReadonlyMap<RequestId, number>> {
  return reading(pool, async (connection) => {
    const rows = await connection.rows<StoredRow>(statement(VERSIONS, [ids], 'case_versions'));
    return new Map(rows.map((row) => [parsed(row, 'id', parseRequestId), whole(row, 'version')]));
  });
}

function uses({ pool }: Store, id: GrantId): Promise<GrantUse> {
  return reading(pool, async (connection) => {
    const row = one(await connection.rows<StoredRow>(statement(USES, [id])));
    const at = maybeTime(row, 'last_at');
    const clientId = maybeText(row, 'last_client');
    const tokens = whole(row, 'tokens');
    return at === undefined || clientId === undefined ? { tokens } : { tokens, last: { at, clientId } };
  });
}

/** A page ends where its last row stands; a cursor that is none of ours is past the end. */
function listed(store: Store, sql: string, names: readonly string[], page: Page): Promise<Seen<Listed<AccessCase>>> {
  const before = cursorOf(page.cursor);
  return reading(store.pool, async (connection) => {
    const row = one(await connection.rows<StoredRow>(statement(sql, [names, before, page.limit + 1])));
    const rows = list(row, 'rows').map((stored) => object(stored, 'a row of a list'));
    const shown = rows.slice(0, page.limit);
    const items = shown.flatMap((stored) => readOrSkip(store, stored.case) ?? []);
    const last = shown.at(-1);
    const more = rows.length > shown.length && last !== undefined ? { nextCursor: String(whole(last, 'ord')) } : {};
    return { value: { items, ...more }, at: await momentOf(row, connection, store.policies) };
  });
}

function cursorOf(cursor: string | undefined): string {
  if (cursor === undefined) return '9223372036854775807';
  return /^[0-9]{1,18}$/.test(cursor) ? cursor : '0';
}

function trail(store: Store, id: RequestId): Promise<readonly TrailRow[]> {
  return reading(store.pool, async (connection) => {
    const rows = await connection.rows<StoredRow>(statement(TRAIL, [id]));
    return rows.map((row) => trailRow(store, row));
  });
}

/** Read from the leaf, which is what was sealed; the columns beside it only found the row. */
function trailRow(store: Store, row: StoredRow): TrailRow {
  const leaf = parseLeaf(checkLeaf(store, row));
  if (leaf === undefined) throw new RowUnreadable('leaf is of no known schema');
  const stored = leaf as unknown as StoredRow;
  const digest: Digest | undefined = leaf.digest === undefined ? undefined : parseDigest(leaf.digest);
  return {
    at: time(stored, 'at'),
    type: text(stored, 'type'),
    ...optional('actor', maybeText(stored, 'actor') ?? maybeText(stored, 'external')),
    ...optional('verdict', maybeText(stored, 'verdict')),
    ...optional('reasonCode', maybeText(stored, 'reason_code')),
    ...optional('digest', digest),
  };
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { readonly [key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: T });
}

function one(rows: readonly StoredRow[]): StoredRow {
  const [row] = rows;
  if (row === undefined) throw new Error('a select without from answers one row');
  return row;
}
