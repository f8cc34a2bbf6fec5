/** Owns the record of every token, and the one read behind an introspection. */
import type { Issuances, IssuedToken, Seen, TokenId } from '@sallyport/core';
import { CASE, MOMENT } from './case-sql.ts';
import { momentOf } from './moments.ts';
import { makeRecordBatches } from './record-batches.ts';
import { isNull, object, type StoredRow } from './row-values.ts';
import { readCase } from './rows.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { checkRevocation, readToken } from './token-rows.ts';
import { reading } from './transaction.ts';

const FIND = `select ${MOMENT}, to_json(t) as token, to_json(v) as revocation,
    (select ${CASE} from requests r where r.id = t.request_id) as found
  from tokens t left join token_revocations v on v.jti = t.jti where t.jti = $1`;

/** Issuances over this store. */
export function makeIssuances(store: Store): Issuances {
  return {
    record: makeRecordBatches(store),
    find: (jti) => find(store, jti),
  };
}

function find(store: Store, jti: TokenId): Promise<Seen<IssuedToken> | undefined> {
  return reading(store.pool, async (connection) => {
    const [row] = await connection.rows<StoredRow>(statement(FIND, [jti], 'token_find'));
    if (row === undefined) return undefined;
    const token = readToken(row.token, store.mac);
    const revoked = !isNull(row, 'revocation');
    if (revoked) checkRevocation(object(row.revocation, 'a revocation'), store.mac);
    const value = { token, revoked, case: readCase(row.found, store.mac) };
    return { value, at: await momentOf(row, connection, store.policies) };
  });
}
