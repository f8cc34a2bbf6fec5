/** Owns the read of an exchange: the subject's open cases on a resource and the earlier use of its keys, many asks in one statement. */
import {
  type AccessCase,
  type Covering,
  type CoveringQuery,
  type EarlierUse,
  type Moment,
  nameOf,
  type Seen,
} from '@sallyport/core';
import { makeBatches } from './batches.ts';
import { CASE, MOMENT, openCases, USE } from './case-sql.ts';
import { momentOf } from './moments.ts';
import { isNull, type StoredRow, text, whole } from './row-values.ts';
import { type Statement, statement } from './statement.ts';
import type { Store } from './store.ts';
import { readUse } from './token-rows.ts';
import { reading } from './transaction.ts';

const CASES_MAX = 200;
const ASKS_MAX = 256;
const IN_FLIGHT_MAX = 2;

/**
 * One row for the moment; one per case, with the `place` of the target it answers; one per key that was used.
 * $1 subjects, $2 resources, $3 requests named by id or null: a target each; $4 keys.
 */
const COVERING = `select null::bigint as place, null::bigint as ord, null as key, null as found, ${MOMENT}
  union all
  select a.place, c.ord, null, c.found, null, null
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality a (subject, resource, named, place),
    lateral (select r.ord, ${CASE}::text as found from requests r
      where r.id in (${openCases('a.subject', 'a.resource')}
        union all select id from requests where id = a.named and subject = a.subject and resource = a.resource)
      order by r.ord desc limit ${CASES_MAX}) c
  union all
  select null, null, u.key, ${USE}::text, null, null
  from issuance_uses u join tokens t on t.jti = u.jti where u.key = any($4::text[])`;

type KeyedUse = EarlierUse & { readonly key: string };

/** The read over this store. */
export function makeCovering(store: Store): (query: CoveringQuery) => Promise<Seen<Covering>> {
  return makeBatches<CoveringQuery, Seen<Covering>>({
    sizeMax: ASKS_MAX,
    inFlightMax: IN_FLIGHT_MAX,
    run: (queries) => readAll(store, queries),
  });
}

async function readAll(store: Store, queries: readonly CoveringQuery[]): Promise<readonly (() => Seen<Covering>)[]> {
  const targets = targetsOf(queries);
  const { rows, at } = await reading(store.pool, async (connection) => {
    const found = await connection.rows<StoredRow>(coveringStatement(targets, queries));
    return { rows: found, at: await momentOf(momentRow(found), connection, store.policies) };
  });
  const cases = casesByPlace(rows);
  const uses = usesByKey(rows);
  return queries.map(
    (query) => () => seen(store, query, cases.get(targets.get(targetKey(query))?.place ?? 0) ?? [], uses, at),
  );
}

interface Target {
  /** From 1 on, as SQL counts. */
  readonly place: number;
  readonly query: CoveringQuery;
}

/** Asks about the same subject, resource and request are one: a crowd that waits for one decision reads it once. */
function targetsOf(queries: readonly CoveringQuery[]): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const query of queries) {
    const key = targetKey(query);
    if (!targets.has(key)) targets.set(key, { place: targets.size + 1, query });
  }
  return targets;
}

function targetKey({ subject, resource, requestId }: CoveringQuery): string {
  return JSON.stringify([nameOf(subject), resource, requestId]);
}

function coveringStatement(
  targets: ReadonlyMap<string, Target>,
  queries: readonly CoveringQuery[],
): Statement<StoredRow> {
  const asked = [...targets.values()].map(({ query }) => query);
  const values = [
    asked.map(({ subject }) => nameOf(subject)),
    asked.map(({ resource }) => resource),
    asked.map(({ requestId }) => requestId ?? null),
    queries.flatMap(({ useKeys }) => useKeys),
  ];
  return statement(COVERING, values, 'covering');
}

function momentRow(rows: readonly StoredRow[]): StoredRow {
  const row = rows.find((one) => !isNull(one, 'now'));
  if (row === undefined) throw new Error('a select without from answers one row');
  return row;
}

/** In the order of opening. */
function casesByPlace(rows: readonly StoredRow[]): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const row of rows.filter((one) => !isNull(one, 'place')).sort((a, b) => whole(a, 'ord') - whole(b, 'ord'))) {
    const others = found.get(whole(row, 'place'));
    if (others === undefined) found.set(whole(row, 'place'), [text(row, 'found')]);
    else others.push(text(row, 'found'));
  }
  return found;
}

function usesByKey(rows: readonly StoredRow[]): ReadonlyMap<string, string> {
  return new Map(rows.filter((row) => !isNull(row, 'key')).map((row) => [text(row, 'key'), text(row, 'found')]));
}

/** What one ask sees; a row that was tampered with is the trouble of those who asked about it. */
function seen(
  store: Store,
  { useKeys }: CoveringQuery,
  cases: readonly string[],
  uses: ReadonlyMap<string, string>,
  at: Moment,
): Seen<Covering> {
  const used = useKeys.map((key) => uses.get(key)).find((found) => found !== undefined);
  const earlier: { readonly earlier?: KeyedUse } =
    used === undefined ? {} : { earlier: readUse(JSON.parse(used), store.mac) };
  const read: readonly AccessCase[] = cases.map(store.readCaseText);
  return { value: { cases: read, ...earlier }, at };
}
