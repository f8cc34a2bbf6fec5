/** The one reader of the feed: looks that begin after the question, and who joins while one is under way. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RevocationPage, Revocations } from '@sallyport/core';
import { type Batch, makeRevocationReader, type RevocationReader } from './reader.ts';

/** A feed of numbers: a position is how many were told. Its answers wait until they are let go. */
function heldFeed() {
  const state = { written: 0, reads: 0, tips: 0, held: undefined as (() => void)[] | undefined, away: false };
  const turn = async (): Promise<void> => {
    if (state.held !== undefined) await new Promise<void>((go) => state.held?.push(go));
    if (state.away) throw new Error('away');
  };
  const revocations: Revocations = {
    tip: async () => {
      state.tips += 1;
      const seen = String(state.written);
      await turn();
      return seen;
    },
    read: async ({ after = '0' }) => {
      state.reads += 1;
      const [from, to] = [Number(after), state.written];
      await turn();
      const items = Array.from({ length: to - from }, (_, n) => ({ position: String(from + n + 1) }));
      return { items: items as unknown as RevocationPage['items'], next: String(to), more: false };
    },
  };
  return { state, revocations };
}

let feed: ReturnType<typeof heldFeed>;
let reader: RevocationReader;
let behind: unknown[];
beforeEach(() => {
  feed = heldFeed();
  behind = [];
  reader = makeRevocationReader({ revocations: feed.revocations, onBehind: (thrown) => behind.push(thrown) });
});
afterEach(() => reader.close());

const settled = () => new Promise(setImmediate);
const joined = async () => {
  const heard: Batch[] = [];
  const { from, leave } = await reader.join((batch) => heard.push(batch));
  return { from, leave, positions: () => heard.flatMap(({ items }) => items.map(({ position }) => position)) };
};

test('with nobody there a look only passes what there is', async () => {
  feed.state.written = 5;
  await reader.look();
  expect([feed.state.tips, feed.state.reads]).toEqual([1, 0]);
  feed.state.written = 7;
  const one = await joined();
  expect(one.from).toBe('7');
  feed.state.written = 8;
  await reader.look();
  expect(one.positions()).toEqual(['8']);
});

test('I-9: who joins while another’s look is passing over what there is hears of it', async () => {
  const first = await joined();
  first.leave();
  feed.state.held = [];
  const [one, two] = [joined(), joined()];
  await settled();
  // The look that `one` waits for; then `three` asks for the next one, which begins before `one` is in.
  const three = joined();
  feed.state.held.shift()?.();
  await settled();
  const inside = await one;
  feed.state.written += 1;
  feed.state.held.splice(0).forEach((go) => {
    go();
  });
  feed.state.held = undefined;
  await Promise.all([two, three]);
  await reader.look();
  expect(inside.positions()).toEqual(['1']);
});

test('many who ask during a look share the next one, and it begins after they asked', async () => {
  const one = await joined();
  feed.state.held = [];
  const first = reader.look();
  await settled();
  feed.state.written = 1;
  const later = [reader.look(), reader.look(), reader.look()];
  feed.state.held.splice(0)[0]?.();
  await first;
  await settled();
  expect(one.positions()).toEqual([]);
  feed.state.held.splice(0)[0]?.();
  await Promise.all(later);
  expect([one.positions(), feed.state.reads]).toEqual([['1'], 2]);
});

test('a look that fails is said once, and what was missed is told by the next', async () => {
  const one = await joined();
  feed.state.away = true;
  feed.state.written = 1;
  for (let n = 0; n < 3; n += 1) {
    reader.wake();
    await settled();
  }
  expect(behind).toHaveLength(1);
  await expect(reader.look()).rejects.toThrow('away');
  feed.state.away = false;
  await reader.look();
  expect(one.positions()).toEqual(['1']);
});

test('with nobody there a wake-up is nothing', async () => {
  reader.wake();
  await settled();
  expect([feed.state.tips, feed.state.reads]).toEqual([0, 0]);
});
