/** Owns the verifying of a trail: every row's MAC, and the dense counters of every lane. Stops at the first bad row. */
import type { LaneMark } from '../lanes.ts';
import { makeRowMac, type RowMac } from '../row-mac.ts';
import { type ExportOptions, readHeader, readLine, type StoredLeaf, storedLeaves } from './export.ts';
import { type Leaf, parseLeaf } from './leaf.ts';

export type BadRow =
  | 'unreadable'
  | 'mac_mismatch'
  | 'unknown_key'
  /** A row of the lane is missing, or came twice, or out of order. */
  | 'lane_hole'
  /** A lane that ended in doubt lacks rows its successor knows were committed. */
  | 'lane_cut';

export type Verified =
  | { readonly ok: true; readonly rows: number; readonly lanes: number; readonly lanesChecked: boolean }
  | {
      readonly ok: false;
      readonly rows: number;
      readonly bad: { readonly row: number; readonly kind: BadRow; readonly at?: LaneMark };
    };

/** Verifies the trail in a database. Memory: a thousand rows, and one number per lane. */
export function verifyDatabase(options: ExportOptions, auditKey: Uint8Array): Promise<Verified> {
  return verify(storedLeaves(options), auditKey, options.request === undefined);
}

/**
 * Verifies an export, offline. `row` counts the lines of rows from 1, the header not counted.
 * @param lines without line ends; at most one line is held at a time.
 */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  auditKey: Uint8Array,
): Promise<Verified> {
  let filtered = false;
  async function* rows(): AsyncGenerator<StoredLeaf | undefined> {
    let first = true;
    for await (const line of lines) {
      const header = first ? readHeader(line) : undefined;
      first = false;
      if (header !== undefined) filtered = header.filtered;
      else if (line.trim() !== '') yield readLine(line);
    }
  }
  return verify(rows(), auditKey, () => !filtered);
}

async function verify(
  rows: AsyncIterable<StoredLeaf | undefined>,
  auditKey: Uint8Array,
  checkLanes: boolean | (() => boolean),
): Promise<Verified> {
  const mac = makeRowMac(auditKey, () => undefined);
  const lanes = new Map<string, number>();
  const ended: { readonly row: number; readonly mark: LaneMark }[] = [];
  const lanesChecked = (): boolean => (typeof checkLanes === 'function' ? checkLanes() : checkLanes);
  let row = 0;
  for await (const stored of rows) {
    row += 1;
    const leaf = stored === undefined ? 'unreadable' : readSealed(stored, mac);
    if (typeof leaf === 'string') return { ok: false, rows: row, bad: { row, kind: leaf } };
    const at = { lane: leaf.lane, counter: leaf.counter };
    if (!lanesChecked()) continue;
    if (leaf.counter !== (lanes.get(leaf.lane) ?? 0) + 1)
      return { ok: false, rows: row, bad: { row, kind: 'lane_hole', at } };
    lanes.set(leaf.lane, leaf.counter);
    if (leaf.follows !== undefined) ended.push({ row, mark: leaf.follows });
  }
  // Read at the end: rows of the lane that ended may have been inserted after those of its successor began.
  const cut = ended.find(({ mark }) => (lanes.get(mark.lane) ?? 0) < mark.counter);
  if (cut !== undefined) return { ok: false, rows: row, bad: { row: cut.row, kind: 'lane_cut', at: cut.mark } };
  return { ok: true, rows: row, lanes: lanes.size, lanesChecked: lanesChecked() };
}

function readSealed({ bytes, seal }: StoredLeaf, mac: RowMac): Leaf | Exclude<BadRow, 'lane_hole' | 'lane_cut'> {
  const verdict = mac.holdsBytes('audit', bytes, seal);
  if (verdict !== 'holds') return verdict;
  return parseLeaf(bytes) ?? 'unreadable';
}
