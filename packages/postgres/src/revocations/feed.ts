/** Owns the feed: what ended tokens before their time, read from the trail in the order of positions. */
import {
  type FeedPosition,
  lastTokenEnd,
  parseGrantId,
  parseTokenId,
  type ResourceId,
  type Revocation,
  type RevocationPage,
  type RevocationQuery,
  type Revocations,
  type Told,
} from '@sallyport/core';
import { checkLeaf } from '../audit/check-leaf.ts';
import { RowUnreadable, StoreUnavailable, TamperFound } from '../faults.ts';
import { flag, isNull, list, object, parsed, type StoredRow, text, time, whole } from '../row-values.ts';
import { readGrant } from '../rows.ts';
import { statement } from '../statement.ts';
import type { Store } from '../store.ts';
import { readToken } from '../token-rows.ts';
import { reading } from '../transaction.ts';
import { ENDING, MATTERS_SECONDS, SINCE, STILL } from './ending.ts';
import { BEGINNING, type Mark, type Position, settle, stepOver } from './position.ts';
import { readPosition, spellPosition } from './position-text.ts';

/** $1, $2 the last row wanted, $3 transactions that stay open before it, $4, $5 how far one of them is wanted; or null: all. */
const UP_TO = `($1::xid8 is null or ((xid, id) <= ($1::xid8, $2::bigint)
      and (xid = any($3::xid8[]) and (xid = $4::xid8 and id <= $5::bigint) is not true) is not true))`;

/** $7: rows at most. */
const IN_ORDER = 'order by xid, id limit $7';

/** All there are that can matter. */
const FROM_BEGINNING = `select * from audit where ${ENDING} and at > ${SINCE} and ${UP_TO} ${IN_ORDER}`;

/** $8, $9 the last row told, $10 transactions left open before it, $11, $12 how far one of them was told. */
const AFTER = `select * from (
    (select * from audit where ${ENDING} and (xid, id) > ($8::xid8, $9::bigint) and ${UP_TO} ${IN_ORDER})
    union all
    (select * from audit where ${ENDING} and xid = any($10::xid8[]) and (xid = $11::xid8 and id <= $12::bigint) is not true
      and ${UP_TO} ${IN_ORDER})) due ${IN_ORDER}`;

/** Whether the row a position ends at is there, and the one it was. */
const KNOWS = 'exists (select from audit where id = $9::bigint and xid = $8::xid8 and left(mac, 16) = $13)';

/**
 * The rows of one page, in order, and which transactions were open when they were read: in one statement, so by one snapshot.
 * `found` is null for what no longer matters or is of other resources; $6: resources, or null for all.
 */
const pageOf = (rows: string, knows: string): string => `with seen as materialized (${rows})
  select pg_current_snapshot()::text as snapshot, ${knows} as known,
    (select coalesce(json_agg(json_build_object('xid', a.xid::text::bigint, 'id', a.id, 'at', a.at, 'mac', a.mac, 'found',
      case when a.at > ${SINCE} and coalesce(t.expires_at, g.expires_at) > ${STILL}
          and ($6::text[] is null or g.resource = any($6::text[]))
        then json_build_object('leaf', encode(a.leaf, 'base64'), 'mac_key', a.mac_key, 'grant', to_json(g), 'token', to_json(t))
      end) order by a.xid, a.id), '[]'::json)
    from seen a join grants g on g.id = a.grant_id left join tokens t on t.jti = a.jti) as rows`;

const PAGE_FROM_BEGINNING = pageOf(FROM_BEGINNING, 'true');
const PAGE_AFTER = pageOf(AFTER, KNOWS);

const TIP = `select pg_current_snapshot()::text as snapshot, (
    select json_build_object('xid', xid::text::bigint, 'id', id, 'at', at, 'mac', mac)
    from audit where ${ENDING} order by xid desc, id desc limit 1) as last`;

/** The feed over this store. */
export function makeRevocations(store: Store): Revocations {
  return { read: (query) => read(store, query), tip: () => tip(store) };
}

async function read(store: Store, query: RevocationQuery): Promise<RevocationPage> {
  const page = await readFrom(store, positionIn(store, query.after), query);
  // Another database's position, or one of a time this copy never saw: reading starts over, and nothing is missed.
  return page ?? orThrow(await readFrom(store, BEGINNING, query));
}

/** What is too old to matter to anybody is no better than the beginning, and slower. */
function positionIn({ clock }: Store, text: FeedPosition | undefined): Position {
  const position = (text === undefined ? undefined : readPosition(text)) ?? BEGINNING;
  const isOld = (position.last?.atSeconds ?? 0) < clock.now() / 1_000 - MATTERS_SECONDS;
  return isOld ? BEGINNING : position;
}

/** A page; undefined when this database does not know the position. */
function readFrom(store: Store, from: Position, query: RevocationQuery): Promise<RevocationPage | undefined> {
  const upTo = query.upTo === undefined ? undefined : orThrow(readPosition(query.upTo));
  const wanted = [...keysOf(upTo), query.resources ?? null, query.limitMax + 1];
  const asked =
    from.last === undefined
      ? statement<StoredRow>(PAGE_FROM_BEGINNING, wanted, 'feed_from_beginning')
      : statement<StoredRow>(PAGE_AFTER, [...wanted, ...keysOf(from), from.last.seal], 'feed_after');
  return reading(store.pool, async (connection) => {
    const row = orThrow((await connection.rows(asked))[0]);
    if (!flag(row, 'known')) return undefined;
    const rows = list(row, 'rows').map((found) => object(found, 'a row of the feed'));
    return pageIn(store, rows, { from, upTo, openNow: openIn(row), limitMax: query.limitMax });
  });
}

interface Frame {
  readonly from: Position;
  readonly upTo: Position | undefined;
  readonly openNow: readonly number[];
  readonly limitMax: number;
}

function pageIn(store: Store, rows: readonly StoredRow[], { from, upTo, openNow, limitMax }: Frame): RevocationPage {
  const open = upTo?.open ?? openNow;
  const items: Told[] = [];
  let at = from;
  for (const [index, row] of rows.slice(0, limitMax).entries()) {
    const next = rows[index + 1];
    at = stepOver(at, markIn(row), open, next === undefined || whole(next, 'xid') !== whole(row, 'xid'));
    if (!isNull(row, 'found')) items.push({ revocation: revocationIn(store, row), position: spell(at) });
  }
  const more = rows.length > limitMax;
  return { items, next: spell(more ? at : (upTo ?? settle(at, openNow))), more };
}

async function tip(store: Store): Promise<FeedPosition> {
  const row = await reading(store.pool, async (connection) =>
    orThrow((await connection.rows<StoredRow>(statement(TIP, [], 'feed_tip')))[0]),
  );
  const last = isNull(row, 'last') ? undefined : markIn(object(row.last, 'a row of the feed'));
  return spell(last === undefined ? BEGINNING : settle({ last, open: [] }, openIn(row)));
}

/** Of a position, as parameters. */
function keysOf(position: Position | undefined): readonly unknown[] {
  // Nothing at all is told at the beginning: no row has number 0.
  const last = position === undefined ? undefined : (position.last ?? { xid: 0, id: 0 });
  const { open = [], partly } = position ?? {};
  return [last?.xid ?? null, last?.id ?? null, open.map(String), partly?.xid ?? null, partly?.id ?? null];
}

/** Transactions a snapshot calls open: after the colons of `xmin:xmax:xid,xid`. */
function openIn(row: StoredRow): readonly number[] {
  const [, , open = ''] = text(row, 'snapshot').split(':');
  return open === '' ? [] : open.split(',').map(Number);
}

function markIn(row: StoredRow): Mark {
  const atSeconds = Math.floor(time(row, 'at') / 1_000);
  return { xid: whole(row, 'xid'), id: whole(row, 'id'), seal: text(row, 'mac').slice(0, 16), atSeconds };
}

function revocationIn(store: Store, row: StoredRow): Revocation {
  const found = object(row.found, 'a row of the feed');
  const grant = object(found.grant, 'a grant');
  const token = isNull(found, 'token') ? undefined : object(found.token, 'a token');
  lookInto(store, () => checkLeaf(store, { ...row, ...found, leaf: Buffer.from(text(found, 'leaf'), 'base64') }));
  lookInto(store, () => readGrant(grant, store.mac));
  if (token !== undefined) lookInto(store, () => readToken(token, store.mac));
  return {
    id: text(row, 'mac').slice(0, 32),
    what:
      token === undefined
        ? { kind: 'grant', grantId: parsed(grant, 'id', parseGrantId) }
        : { kind: 'token', jti: parsed(token, 'jti', parseTokenId) },
    resource: text(grant, 'resource') as ResourceId,
    audience: text(grant, 'audience'),
    endsAt: token === undefined ? lastTokenEnd(time(grant, 'expires_at'), time(row, 'at')) : time(token, 'expires_at'),
  };
}

/** A row that is not what was written raises the alarm, and ends access all the same: that is the safe side. */
function lookInto({ pool }: Store, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    // Tampering has raised an alarm of its own.
    if (error instanceof TamperFound) return;
    pool.alarm({ event: 'row.skipped', why: error instanceof Error ? error.name : 'unknown' });
  }
}

function spell(position: Position): FeedPosition {
  try {
    return spellPosition(position);
  } catch (cause) {
    throw new StoreUnavailable('busy', { cause });
  }
}

function orThrow<T>(value: T | undefined): T {
  if (value === undefined) throw new RowUnreadable('the feed answered nothing');
  return value;
}
