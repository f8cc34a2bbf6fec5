/** Properties of positions: whatever order transactions commit in, and wherever a reader breaks off, each row is told once. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BEGINNING, type Mark, type Position, settle, stepOver, wasTold } from './position.ts';
import { readPosition, spellPosition } from './position-text.ts';

const sealOf = (id: number): string => id.toString(16).padStart(16, '0');

/** A server with transactions, and what a statement on it sees. */
function makeServer() {
  const committed: Mark[] = [];
  const open = new Map<number, Mark[]>();
  let [xids, ids] = [700, 0];
  const pick = (which: number): number | undefined => [...open.keys()][open.size === 0 ? 0 : which % open.size];
  return {
    committed,
    begin(): void {
      xids += 1;
      open.set(xids, []);
    },
    write(which: number): void {
      const xid = pick(which);
      if (xid === undefined) return;
      ids += 1;
      open.get(xid)?.push({ xid, id: ids, seal: sealOf(ids), atSeconds: 1_800_000_000 + ids });
    },
    end(which: number, commits: boolean): void {
      const xid = pick(which);
      if (xid === undefined) return;
      if (commits) committed.push(...(open.get(xid) ?? []));
      open.delete(xid);
    },
    look: () => ({ openNow: [...open.keys()], rows: [...committed].sort((a, b) => a.xid - b.xid || a.id - b.id) }),
  };
}

const acts = fc.oneof(
  fc.constant({ kind: 'begin' } as const),
  fc.record({ kind: fc.constant('write' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('write' as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat(20), commits: fc.boolean() }),
  fc.record({ kind: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 4 }), breakOff: fc.nat(4) }),
);

/** One page, as the feed gives it: each row with the position once it was told. */
function pageOf(server: ReturnType<typeof makeServer>, from: Position, limit: number) {
  const { openNow, rows } = server.look();
  const due = rows.filter((row) => !wasTold(from, row));
  const shown = due.slice(0, limit);
  let at = from;
  const items = shown.map((row, index) => {
    at = stepOver(at, row, openNow, due[index + 1]?.xid !== row.xid);
    return { row, at };
  });
  return { items, next: due.length > shown.length ? at : settle(at, openNow) };
}

test('I-9: every row that was committed is told once, whatever order transactions end in', () => {
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 120 }), (all) => {
      const server = makeServer();
      const told: number[] = [];
      let at: Position = BEGINNING;
      const hear = (limit: number, breakOff: number): void => {
        const { items, next } = pageOf(server, at, limit);
        const heard = items.slice(0, breakOff);
        told.push(...heard.map(({ row }) => row.id));
        at = heard.length < items.length ? (heard.at(-1)?.at ?? at) : next;
        expect(readPosition(spellPosition(at))).toEqual(at);
      };
      const play = (act: (typeof all)[number]): void => {
        if (act.kind === 'begin') server.begin();
        else if (act.kind === 'write') server.write(act.which);
        else if (act.kind === 'end') server.end(act.which, act.commits);
        else hear(act.limit, act.breakOff);
      };
      for (const act of all) play(act);
      while (server.look().openNow.length > 0) server.end(0, true);
      for (let n = 0; n <= server.committed.length; n += 1) hear(3, 4);
      const due = server.committed.map((row) => row.id);
      expect(told.sort((a, b) => a - b)).toEqual(due.sort((a, b) => a - b));
    }),
    { numRuns: 2_000 },
  );
});

test('a text that is no position is none, and one that is reads back to itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.base64String(), fc.uint8Array({ maxLength: 60 }), fc.string()), (raw) => {
      const text = typeof raw === 'string' ? raw : Buffer.from([1, ...raw]).toString('base64url');
      const read = readPosition(text);
      if (read !== undefined) expect(spellPosition(read)).toBe(text);
    }),
    { numRuns: 3_000 },
  );
});

test('a position with a hundred open transactions fits into 512 characters; one with a thousand is refused', () => {
  const last = { xid: 4_000_000_000, id: 900_000_000, seal: sealOf(9), atSeconds: 1_900_000_000 };
  const openOf = (count: number) => Array.from({ length: count }, (_, index) => last.xid - 3 * (count - index));
  const text = spellPosition({ last, open: openOf(100) });
  expect(text.length).toBeLessThanOrEqual(512);
  expect(readPosition(text)?.open).toEqual(openOf(100));
  expect(() => spellPosition({ last, open: openOf(1_000) })).toThrow(RangeError);
});
