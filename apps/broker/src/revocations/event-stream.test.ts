/** The stream of events by itself: signs of life, when it ends, and that it lets go at once. */
import { expect, test } from '@jest/globals';
import { instant, type Told } from '@sallyport/core';
import { eventStream } from './event-stream.ts';
import type { Following } from './following.ts';
import type { Batch } from './reader.ts';

const told = (position: string): Told => ({
  position,
  revocation: {
    id: position,
    what: { kind: 'token', jti: 'tok_x' as never },
    resource: 'orders-db' as never,
    audience: 'https://orders-db.acme.test',
    endsAt: instant(0),
  },
});

/** Gives these batches, then whatever `last` does. */
function following(batches: readonly Batch[], last: () => Promise<Batch | undefined>) {
  const left = [...batches];
  const state = { closed: false, waits: [] as number[] };
  const one: Following = {
    next: async (waitMs) => {
      state.waits.push(waitMs);
      return left.shift() ?? last();
    },
    close: () => {
      state.closed = true;
    },
  };
  return { one, state };
}

const batch = (...positions: string[]): Batch => ({ items: positions.map(told), next: positions.at(-1) ?? 'p0' });
const never = () => new Promise<undefined>(() => undefined);
const sign = async ({ position }: Told) => `set-${position}`;

async function read(of: Following, mayRead = () => true) {
  const broken: unknown[] = [];
  const stream = eventStream({ following: of, sign, mayRead, onBroken: (thrown) => broken.push(thrown) });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return { text, broken };
}

test('each event with its id; a comment when all was told, and when there is nothing for long', async () => {
  const { one, state } = following([batch('a', 'b'), batch(), batch('c'), batch()], async () => undefined);
  const { text, broken } = await read(one);
  expect(text).toBe(
    [
      'id: a\nevent: revocation\ndata: set-a',
      'id: b\nevent: revocation\ndata: set-b',
      ': ping',
      'id: c\nevent: revocation\ndata: set-c',
      ': ping',
      '',
    ].join('\n\n'),
  );
  expect([broken, state.closed]).toEqual([[], true]);
  expect(state.waits).toEqual([0, 0, 15_000, 15_000, 15_000]);
});

test('who may no longer read it hears nothing more', async () => {
  let may = true;
  const { one, state } = following([batch('a'), batch('b')], never);
  const { text } = await read(one, () => {
    const was = may;
    may = false;
    return was;
  });
  expect([text.includes('set-a'), text.includes('set-b'), state.closed]).toEqual([true, false, true]);
});

test('when the store is away it ends, and says so inside', async () => {
  const away = new Error('away');
  const { one, state } = following([batch('a')], async () => {
    throw away;
  });
  const { text, broken } = await read(one);
  expect([text, broken, state.closed]).toEqual(['id: a\nevent: revocation\ndata: set-a\n\n', [away], true]);
});

test('when nobody reads it any more it lets go at once, also while it waits', async () => {
  const { one, state } = following([], never);
  const stream = eventStream({ following: one, sign, mayRead: () => true, onBroken: () => undefined });
  stream.resume();
  await new Promise(setImmediate);
  stream.destroy();
  expect(state.closed).toBe(true);
});
