/** Changes: told by a wake-up, and found without one. */
import { afterEach, expect, test } from '@jest/globals';
import type { RequestId } from '@sallyport/core';
import { seededChance } from '@sallyport/testkit/core';
import { type Changes, makeChanges } from './changes.ts';

const chance = seededChance('changes');
const HOLD_MS = 60_000;
let changes: Changes | undefined;
afterEach(() => changes?.close());

/** A wake-up that never comes: whoever waits is let go by the signal alone. */
const deaf = {
  wait: (_id: RequestId, _ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    }),
};
const never = new AbortController().signal;

test('P26: what changed between the read and the wait is found without a wake-up', async () => {
  const id = chance.requestId();
  changes = makeChanges({ wakes: deaf, draining: never, versions: async () => new Map([[id, 2]]) });
  await changes.wait(id, 1, HOLD_MS, never);
});

test('P26: many who begin to wait together cost one read, and only those whose request changed go', async () => {
  const ids = Array.from({ length: 500 }, () => chance.requestId());
  const [changed] = ids;
  const asked: number[] = [];
  changes = makeChanges({
    wakes: deaf,
    draining: never,
    versions: async (wanted) => {
      asked.push(wanted.length);
      return new Map(wanted.map((id) => [id, id === changed ? 2 : 1]));
    },
  });
  const stops = ids.map(() => new AbortController());
  const gone: RequestId[] = [];
  const all = ids.map(async (id, index) => {
    await changes?.wait(id, 1, HOLD_MS, stops[index]?.signal ?? never);
    gone.push(id);
  });
  await all[0];
  expect(asked).toEqual([500]);
  expect(gone).toEqual([changed]);
  for (const stop of stops) stop.abort();
  await Promise.all(all);
});

test('P26: a lost wake-up costs two seconds at most; a store that is away costs nobody the wait', async () => {
  const id = chance.requestId();
  let looks = 0;
  changes = makeChanges({
    wakes: deaf,
    draining: never,
    versions: async () => {
      looks += 1;
      if (looks === 1) throw new Error('away');
      return new Map([[id, looks > 1 ? 2 : 1]]);
    },
  });
  await changes.wait(id, 1, HOLD_MS, never);
  expect(looks).toBeGreaterThan(1);
});

test('a wake-up lets go at once, whatever the versions say', async () => {
  const woken = { wait: async () => undefined };
  changes = makeChanges({ wakes: woken, draining: never, versions: () => new Promise(() => undefined) });
  await changes.wait(chance.requestId(), 1, HOLD_MS, never);
});

test('P26: who waits while the program begins to drain is let go, and nobody begins to wait after', async () => {
  const draining = new AbortController();
  const id = chance.requestId();
  changes = makeChanges({ wakes: deaf, draining: draining.signal, versions: async () => new Map() });
  const waits = changes.wait(id, 1, HOLD_MS, never);
  draining.abort();
  await waits;
  await changes.wait(id, 1, HOLD_MS, never);
});
