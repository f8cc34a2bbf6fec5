/** Shows what verifying an export finds, offline: each kind of harm, at the first bad row. */
import { describe, expect, test } from '@jest/globals';
import { instant } from '@sallyport/core';
import { cursorOf, type Lane, makeLanes } from '../lanes.ts';
import { makeRowMac } from '../row-mac.ts';
import { auditRow } from './append.ts';
import { exportLine, headerLine, readLine } from './export.ts';
import { verifyExport } from './verify.ts';

const key = new Uint8Array(32).fill(3);
const mac = makeRowMac(key, () => undefined);

function lineOf(lane: Lane, type = 'request.opened'): string {
  const cursor = cursorOf(lane);
  const row = auditRow({ type, at: instant(1_000), by: { door: 'rest', traceId: 't' } }, cursor, mac);
  cursor.acknowledge();
  const bytes = Buffer.from(String(row.leaf), 'utf8');
  return exportLine({ bytes, seal: { key: String(row.mac_key), mac: String(row.mac) } });
}

/** Two lanes of three rows, taking turns. */
function trail(): string[] {
  const lanes = makeLanes('broker');
  const [a, b] = [lanes.take(), lanes.take()];
  return [headerLine(undefined), ...[a, b, a, b, a, b].map((lane) => lineOf(lane))];
}

describe('verifying an export', () => {
  test('an untouched one verifies', async () => {
    expect(await verifyExport(trail(), key)).toEqual({ ok: true, rows: 6, lanes: 2, lanesChecked: true });
    expect(await verifyExport([headerLine(undefined)], key)).toMatchObject({ ok: true, rows: 0 });
  });

  test('a line reads back as exactly the stored bytes', () => {
    const [, line = ''] = trail();
    const read = readLine(line);
    expect(read === undefined ? '' : exportLine(read)).toBe(line);
    expect(JSON.parse(line).type).toBe('request.opened');
  });

  test.each<[string, (lines: string[]) => string[], object]>([
    [
      'a changed field',
      (l) => l.map((x, i) => (i === 3 ? x.replace('opened', 'denied') : x)),
      { row: 3, kind: 'mac_mismatch' },
    ],
    [
      'a changed MAC',
      (l) => l.map((x, i) => (i === 2 ? x.replace(/"mac":".{8}/, '"mac":"00000000') : x)),
      { row: 2, kind: 'mac_mismatch' },
    ],
    [
      'another key id',
      (l) => l.map((x, i) => (i === 1 ? x.replace(/"mac_key":"k/, '"mac_key":"z') : x)),
      { row: 1, kind: 'unknown_key' },
    ],
    ['a line that is none', (l) => [...l.slice(0, 4), 'rubbish', ...l.slice(4)], { row: 4, kind: 'unreadable' }],
    ['a row deleted', (l) => l.filter((_, i) => i !== 3), { row: 4, kind: 'lane_hole' }],
    ['the first row of a lane deleted', (l) => l.filter((_, i) => i !== 1), { row: 2, kind: 'lane_hole' }],
    ['a row doubled', (l) => [...l.slice(0, 4), ...l.slice(3)], { row: 4, kind: 'lane_hole' }],
    [
      'two rows of a lane swapped',
      (l) => [l[0], l[3], l[2], l[1], ...l.slice(4)] as string[],
      { row: 1, kind: 'lane_hole' },
    ],
  ])('%s is found', async (_, spoil, bad) => {
    expect(await verifyExport(spoil(trail()), key)).toMatchObject({ ok: false, bad });
  });

  test('a lane that ended in doubt must hold every row its successor calls sure; more is no harm', async () => {
    const lanes = makeLanes('broker');
    const lane = lanes.take();
    const rows = [lineOf(lane), lineOf(lane)];
    lanes.end(lane);
    const successor = lineOf(lanes.take());
    const committedAfterAll = lineOf(lane);
    expect(await verifyExport([...rows, successor], key)).toMatchObject({ ok: true });
    expect(await verifyExport([...rows, committedAfterAll, successor], key)).toMatchObject({ ok: true });
    expect(await verifyExport([...rows.slice(0, 1), successor], key)).toMatchObject({
      ok: false,
      bad: { row: 2, kind: 'lane_cut', at: { lane: lane.id, counter: 2 } },
    });
  });
});
