/** Owns the look at every live token, and the rows that say the policy bars one. */
import {
  type AccessCase,
  type Attribution,
  type Barring,
  type Listed,
  type LiveToken,
  type LiveTokens,
  type Page,
  parseTokenId,
  type Seen,
} from '@sallyport/core';
import { auditRow, insertAudit } from '../audit/append.ts';
import type { LeafDraft } from '../audit/leaf.ts';
import { CASE, MOMENT } from '../case-sql.ts';
import { momentOf } from '../moments.ts';
import { LOCKS } from '../once-keys.ts';
import { list, object, parsed, type StoredRow } from '../row-values.ts';
import { readCase } from '../rows.ts';
import { statement } from '../statement.ts';
import type { Store } from '../store.ts';
import { readToken } from '../token-rows.ts';
import { reading, type Tx, transaction } from '../transaction.ts';
import { TELL } from './ending.ts';

/** $1, $2 the grant and $3, $4 its token that a page ended with: in the order of their ends, so that an index serves. */
const PAGE = `select ${MOMENT}, (select coalesce(json_agg(json_build_object('token', to_json(t), 'case', ${CASE},
      'cursor', json_build_array(l.grant_ends, l.grant_id, l.token_ends, l.jti))
      order by l.grant_ends, l.grant_id, l.token_ends, l.jti), '[]'::json)
  from (
    select g.expires_at as grant_ends, g.id as grant_id, g.request_id, t.expires_at as token_ends, t.jti
    from grants g join tokens t on t.grant_id = g.id
    where g.state = 'active' and g.expires_at > (select clock_timestamp()) and (g.expires_at, g.id) >= ($1, $2)
      and t.expires_at > (select clock_timestamp()) and t.federation is null
      and (g.expires_at, g.id, t.expires_at, t.jti) > ($1, $2, $3, $4)
      and not exists (select from token_revocations v where v.jti = t.jti)
    order by g.expires_at, g.id, t.expires_at, t.jti limit $5
  ) l join tokens t on t.jti = l.jti join requests r on r.id = l.request_id) as found`;
const FIRST = ['-infinity', '', '-infinity', ''] as const;

const LOCK = 'select pg_advisory_xact_lock($1, 0)';
/** Of these tokens, those that are not barred yet. The lock makes what was not there stay so. */
const NEW = `select jti from unnest($1::text[]) x (jti)
  where not exists (select from audit a where a.type = 'token.barred' and a.jti = x.jti)`;

/** The live tokens of this store. */
export function makeLiveTokens(store: Store): LiveTokens {
  return { page: (page) => pageOf(store, page), bar: (barring, by) => bar(store, barring, by) };
}

function pageOf(store: Store, { limit, cursor }: Page): Promise<Seen<Listed<LiveToken>>> {
  const from: readonly unknown[] = cursor === undefined ? FIRST : JSON.parse(cursor);
  return reading(store.pool, async (connection) => {
    const [row] = await connection.rows<StoredRow>(statement(PAGE, [...from, limit], 'live_tokens'));
    if (row === undefined) throw new Error('a select without from answers one row');
    const found = list(row, 'found').map((one) => object(one, 'a live token'));
    const last = found.length < limit ? undefined : found.at(-1);
    const more = last === undefined ? {} : { nextCursor: JSON.stringify(last.cursor) };
    return { value: { items: readAll(store, found), ...more }, at: await momentOf(row, connection, store.policies) };
  });
}

/** A row that cannot be trusted has raised its alarm, and is refused wherever it is asked about. */
function readAll({ mac, pool }: Store, found: readonly StoredRow[]): readonly LiveToken[] {
  const cases = new Map<string, AccessCase>();
  return found.flatMap((one) => {
    try {
      const token = readToken(one.token, mac);
      const known = cases.get(token.requestId) ?? readCase(one.case, mac);
      cases.set(token.requestId, known);
      return [{ token, case: known }];
    } catch (error) {
      pool.alarm({ event: 'row.skipped', why: error instanceof Error ? error.name : 'unknown' });
      return [];
    }
  });
}

async function bar(store: Store, { value, at }: Barring, by: Attribution): Promise<number> {
  return transaction(store.pool, async (tx) => {
    await tx.rows(statement(LOCK, [LOCKS.barring]));
    const fresh = await notYetBarred(tx, value);
    if (fresh.length === 0) {
      tx.rollBack();
      return 0;
    }
    const drafts = fresh.map((live): LeafDraft => {
      const { token, case: c } = live;
      const { requestId, grantId, jti } = token;
      const { version, request } = c;
      return {
        type: 'token.barred',
        at: at.now,
        by,
        requestId,
        version,
        revision: request.revision,
        digest: request.digest,
        grantId,
        jti,
        policyVersion: at.policy.version,
      };
    });
    await tx.rows(insertAudit(drafts.map((draft) => auditRow(draft, tx.cursor, store.mac))));
    await tx.rows(statement(`select ${TELL}`));
    return fresh.length;
  });
}

async function notYetBarred(tx: Tx, tokens: readonly LiveToken[]): Promise<readonly LiveToken[]> {
  const rows = await tx.rows<StoredRow>(statement(NEW, [tokens.map(({ token }) => token.jti)]));
  const fresh = new Set(rows.map((row) => parsed(row, 'jti', parseTokenId)));
  return tokens.filter(({ token }) => fresh.has(token.jti));
}
