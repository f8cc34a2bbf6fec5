/** Owns the look at one stored leaf: whether it is what was sealed, with an alarm when it is not. */
import { RowUnreadable, TamperFound } from '../faults.ts';
import { type StoredRow, whole } from '../row-values.ts';
import { sealOf } from '../rows.ts';
import type { Store } from '../store.ts';

/** The bytes of a row's leaf. Throws TamperFound, after raising the alarm. */
export function checkLeaf({ mac, pool }: Pick<Store, 'mac' | 'pool'>, row: StoredRow): Uint8Array {
  const { leaf } = row;
  if (!(leaf instanceof Uint8Array)) throw new RowUnreadable('leaf is not bytes');
  const verdict = mac.holdsBytes('audit', leaf, sealOf(row));
  if (verdict === 'holds') return leaf;
  const rowId = String(whole(row, 'id'));
  pool.alarm({ event: 'row.tampered', table: 'audit', rowId });
  throw new TamperFound('audit', rowId, verdict);
}
