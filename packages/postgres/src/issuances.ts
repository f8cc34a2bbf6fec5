/** Owns the record of every token, and the one read behind an introspection. */
import type { Issuances, IssuedToken, Seen } from '@sallyport/core';
import { type Found, makeBatchedRead, withCases } from './batched-read.ts';
import { checkedOnce } from './checked-once.ts';
import { makeRecordBatches } from './record-batches.ts';
import type { RowMac } from './row-mac.ts';
import { isNull, object, text } from './row-values.ts';
import type { Store } from './store.ts';
import { checkRevocation, readToken } from './token-rows.ts';

const FIND = withCases(`select t.jti as key, t.request_id,
    json_build_object('token', to_json(t), 'revocation', to_json(v))::text as row
  from tokens t left join token_revocations v on v.jti = t.jti where t.jti = any($1::text[])`);

/** Who accepts tokens asks about the same ones again and again. */
const TOKENS_MAX = 1_000;

/** Issuances over this store. */
export function makeIssuances(store: Store): Issuances {
  const readRow = checkedOnce(TOKENS_MAX, (row) => readIssuedRow(row, store.mac));
  return {
    record: makeRecordBatches(store),
    find: makeBatchedRead(store, 'token_find', FIND, (found, jti) => readIssued(found, jti, readRow)),
  };
}

type IssuedRow = Omit<IssuedToken, 'case'>;

function readIssued(found: Found, jti: string, readRow: (text: string) => IssuedRow): Seen<IssuedToken> | undefined {
  const row = found.row(jti);
  if (row === undefined) return undefined;
  return { value: { ...readRow(text(row, 'row')), case: found.caseOf(text(row, 'request_id')) }, at: found.at };
}

function readIssuedRow(rowText: string, mac: RowMac): IssuedRow {
  const stored = object(JSON.parse(rowText), 'an issued token');
  const token = readToken(stored.token, mac);
  const revoked = !isNull(stored, 'revocation');
  if (revoked) checkRevocation(object(stored.revocation, 'a revocation'), mac);
  return { token, revoked };
}
