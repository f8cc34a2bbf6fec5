/** Owns the rows of the trail on their way into the table: placed in a lane, spelled, sealed. */
import type { LaneCursor } from '../lanes.ts';
import type { RowMac } from '../row-mac.ts';
import { type Statement, statement } from '../statement.ts';
import { type JsonRow, written } from '../tables.ts';
import { type LeafDraft, leafOf, leafText } from './leaf.ts';

/** The row of one thing that happened. Takes the lane's next number, so rows must be inserted in the order they are made. */
export function auditRow(draft: LeafDraft, cursor: LaneCursor, mac: RowMac): JsonRow {
  const { id, instance } = cursor.lane;
  const leaf = leafOf(draft, { instance, lane: id, ...cursor.next() });
  const text = leafText(leaf);
  const seal = mac.sealBytes('audit', Buffer.from(text, 'utf8'));
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
    leaf: text,
    mac_key: seal.key,
    mac: seal.mac,
  };
}

/**
 * Rows made by `auditRow`, as SQL: what stands after `from`, of a parameter with their JSON, called `x`. The leaf travels as
 * text: as JSON inside JSON it is half as long as in hexadecimal.
 */
export function auditRecords(parameter: string): string {
  return `json_to_recordset(${parameter}::json) x (at timestamptz, instance text, lane text, counter bigint, type text,
    actor text, request_id text, grant_id text, jti text, reason_code text, trace_id text, leaf text, mac_key text, mac text)`;
}

/** The columns of such rows, in the order they are written. */
export const AUDIT_COLUMNS = written.audit
  .split(', ')
  .map((column) => (column === 'leaf' ? "convert_to(x.leaf, 'UTF8')" : `x.${column}`))
  .join(', ');

/** Inserts rows made by `auditRow`. */
export function insertAudit(rows: readonly JsonRow[]): Statement<never> {
  return statement(
    `insert into audit (${written.audit}) select ${AUDIT_COLUMNS} from ${auditRecords('$1')} order by x.counter`,
    [JSON.stringify(rows)],
    'audit_insert',
  );
}
