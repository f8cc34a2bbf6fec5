/** Properties of following the feed: whoever joins when, breaks off where, and whatever the store does first: each event once. */
import { expect, test } from '@jest/globals';
import type { FeedPosition, ResourceId } from '@sallyport/core';
import { type MemoryStore, ORDERS, type Story, story } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { type Following, follow } from './following.ts';
import { makeRevocationReader, type RevocationReader } from './reader.ts';

/** A house in which a token was given back, and its row of the trail. */
async function houseWithRow(turn: (label: string) => Promise<void>) {
  const house: Story = story({ turn });
  const { request } = await house.grants();
  const issued = await house.exchanges({ request_id: request.id } as never);
  if (!issued.ok || issued.value.kind !== 'issued') throw new Error('not issued');
  const { store, revocations } = house.memory;
  const { facts } = issued.value;
  const row = {
    at: facts.issuedAt,
    type: 'token.revoked',
    by: house.by,
    requestId: facts.requestId,
    grantId: facts.grantId,
    jti: facts.jti,
  } as const;
  return { store, revocations, row };
}

interface Run {
  readonly reader: RevocationReader;
  readonly house: Awaited<ReturnType<typeof houseWithRow>>;
  readonly signal: AbortSignal;
  readonly isDone: () => boolean;
  /** Lets others go first. */
  readonly pause: () => Promise<void>;
}

const begin = ({ reader, house, signal }: Run, after: FeedPosition | undefined, resources: readonly ResourceId[]) =>
  follow({ reader, revocations: house.revocations, after, resources: () => resources, signal, onLag: () => undefined });

/** Follows until everything was written; after each batch it may break off, having taken only so many of it. */
async function hearAll(run: Run, takes: readonly (number | undefined)[], resources: readonly ResourceId[]) {
  const heard: string[] = [];
  let after: FeedPosition | undefined;
  let following: Following | undefined;
  for (let turns = 0, done = false; !done && turns < 5_000; turns += 1) {
    await run.pause();
    const wasDone = run.isDone();
    following ??= await begin(run, after, resources);
    const batch = await following.next(wasDone ? 1 : 0);
    if (batch === undefined) throw new Error('it never ends by itself');
    const take = wasDone ? undefined : takes[turns % takes.length];
    const taken = batch.items.slice(0, take);
    heard.push(...taken.map(({ revocation }) => revocation.id));
    after = taken.length < batch.items.length ? (taken.at(-1)?.position ?? after) : batch.next;
    if (take !== undefined) following.close();
    if (take !== undefined) following = undefined;
    done = wasDone && batch.items.length === 0;
  }
  following?.close();
  return heard;
}

test('I-9: each event is heard once by each who follows, whoever goes first', async () => {
  const takes = fc.array(fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 2 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(takes, { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 25 }),
      async (scheduler, followers, writes) => {
        let turn = async (_label: string): Promise<void> => undefined;
        const house = await houseWithRow((label) => turn(label));
        turn = (label) => scheduler.schedule(Promise.resolve(), label);
        const reader = makeRevocationReader({ revocations: house.revocations, onBehind: () => undefined });
        let written = 0;
        const run: Run = {
          reader,
          house,
          signal: new AbortController().signal,
          isDone: () => written === writes,
          pause: () => scheduler.schedule(Promise.resolve(), 'pause'),
        };
        const write = async (store: MemoryStore): Promise<void> => {
          for (; written < writes; written += 1) {
            await scheduler.schedule(Promise.resolve(), 'write');
            store.audit.push(house.row);
            reader.wake();
          }
        };
        const all = Promise.all([
          write(house.store),
          ...followers.map(async (one) => {
            const heard = await hearAll(run, one, [ORDERS]);
            expect(heard).toHaveLength(writes);
            expect(new Set(heard).size).toBe(writes);
          }),
          hearAll(run, [undefined], []).then((heard) => expect(heard).toEqual([])),
        ]);
        try {
          await scheduler.waitFor(all);
        } finally {
          reader.close();
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
