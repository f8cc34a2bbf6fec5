/** Owns the rows of the trail on their way into the table: placed in a lane, spelled, sealed. */
import type { LaneCursor } from '../lanes.ts';
import type { RowMac } from '../row-mac.ts';
import { type Statement, statement } from '../statement.ts';
import { type JsonRow, written } from '../tables.ts';
import { type LeafDraft, leafBytes, leafOf } from './leaf.ts';

/** The row of one thing that happened. Takes the lane's next number, so rows must be inserted in the order they are made. */
export function auditRow(draft: LeafDraft, cursor: LaneCursor, mac: RowMac): JsonRow {
  const { id, instance } = cursor.lane;
  const leaf = leafOf(draft, { instance, lane: id, ...cursor.next() });
  const bytes = leafBytes(leaf);
  const seal = mac.sealBytes('audit', bytes);
  return {
    at: leaf.at,
    instance,
    lane: leaf.lane,
    counter: leaf.counter,
    type: leaf.type,
    actor: leaf.actor ?? null,
    request_id: leaf.request_id ?? null,
    grant_id: leaf.grant_id ?? null,
    jti: leaf.jti ?? null,
    reason_code: leaf.reason_code ?? null,
    trace_id: leaf.trace_id,
    leaf: `\\x${bytes.toString('hex')}`,
    mac_key: seal.key,
    mac: seal.mac,
  };
}

/** Inserts rows made by `auditRow`. */
export function insertAudit(rows: readonly JsonRow[]): Statement<never> {
  return statement(
    `insert into audit (${written.audit}) select ${written.audit} from json_populate_recordset(null::audit, $1::json)`,
    [JSON.stringify(rows)],
    'audit_insert',
  );
}
