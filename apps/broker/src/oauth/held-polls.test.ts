/** Row P26: a poll is held until something changes or its time is over; one at a time for each handle. */
import { expect, test } from '@jest/globals';
import { ok, type RedeemCommand, type RequestId } from '@sallyport/core';
import { issuedBy, sha256Hashing, story } from '@sallyport/testkit/core';
import { type HeldPollsDeps, makeHeldPolls } from './held-polls.ts';
import { HOLD_SECONDS_MAX, holdMs } from './prefer.ts';

interface Wait {
  readonly id: RequestId;
  readonly version: number;
  readonly ms: number;
  readonly go: () => void;
}

/** Real use cases in memory; whoever is held waits until the test lets them go. */
async function house(client: 'ci' | 'ordersApi' = 'ci') {
  const the = story();
  const code = await the.defers({ client: the[client] });
  const [c] = [...the.memory.store.cases.values()].map((stored) => stored.case);
  if (c === undefined) throw new Error('nothing was asked');
  const waits: Wait[] = [];
  const draining = new AbortController();
  const hungUp = new AbortController();
  const deps: HeldPollsDeps = {
    redeemHandle: the.redeem,
    hashing: sha256Hashing,
    changes: {
      wait: (id, version, ms) => new Promise((go) => waits.push({ id, version, ms, go })),
      close: () => undefined,
    },
    clock: the.memory.clock,
    draining: draining.signal,
  };
  const polls = makeHeldPolls(deps);
  const command: RedeemCommand = { client: the[client], kind: 'deferral_code', code };
  the.memory.clock.advance(6_000 as never);
  return { the, c, waits, draining, hungUp, poll: (ms = 20_000) => polls(command, the.by, ms, hungUp.signal) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('P26: a decision answers the poll that is held, with the token', async () => {
  const { the, c, waits, poll } = await house();
  const answer = poll();
  await turn();
  expect(waits).toMatchObject([{ id: c.request.id, version: c.version, ms: 20_000 }]);
  await the.approves(c.request.id);
  waits[0]?.go();
  expect(issuedBy(await answer).facts.requestId).toBe(c.request.id);
});

test('P26: nothing changed: authorization_pending when its time is over, and the interval runs from that answer', async () => {
  const { the, waits, poll } = await house();
  const answer = poll();
  await turn();
  the.memory.clock.advance(20_000 as never);
  waits[0]?.go();
  expect(await answer).toMatchObject(ok({ kind: 'waiting', intervalSeconds: 5 }));
  the.memory.clock.advance(1_000 as never);
  expect(await poll(0)).toMatchObject({ error: { code: 'polled_too_soon', intervalSeconds: 10 } });
});

test('P26: a wake-up that changes nothing does not answer the poll: its client would be away when the token comes', async () => {
  const { the, c, waits, poll } = await house();
  const answer = poll();
  await turn();
  the.memory.clock.advance(3_000 as never);
  waits[0]?.go();
  await turn();
  expect(waits[1]).toMatchObject({ id: c.request.id, version: c.version, ms: 17_000 });
  await the.approves(c.request.id);
  waits[1]?.go();
  expect(issuedBy(await answer).facts.requestId).toBe(c.request.id);
});

test('P26: wake-ups without end are not looked at without end', async () => {
  const { waits, poll } = await house();
  let answered = false;
  const answer = poll().finally(() => {
    answered = true;
  });
  let woken = 0;
  for (; !answered && woken < 1_000; woken++) {
    await turn();
    waits[woken]?.go();
  }
  expect(await answer).toMatchObject(ok({ kind: 'waiting' }));
  expect(woken).toBeLessThan(500);
});

test('P26: a client that hung up is given no token; its next poll gets it', async () => {
  const { the, c, waits, hungUp, poll } = await house();
  const answer = poll();
  await turn();
  await the.approves(c.request.id);
  hungUp.abort();
  waits[0]?.go();
  expect(await answer).toMatchObject(ok({ kind: 'waiting' }));
  expect(issuedBy(await poll()).facts.requestId).toBe(c.request.id);
});

test('P26: one poll of a handle is held; the next is judged by its pace, and told at once', async () => {
  const { waits, poll, draining } = await house();
  const held = poll();
  await turn();
  expect(await poll()).toMatchObject({ error: { code: 'polled_too_soon' } });
  expect(waits).toHaveLength(1);
  draining.abort();
  waits[0]?.go();
  await held;
});

test('P26: who prefers not to wait, and who comes while we drain, is told at once', async () => {
  const { the, waits, poll, draining } = await house();
  expect(await poll(0)).toMatchObject(ok({ kind: 'waiting' }));
  the.memory.clock.advance(6_000 as never);
  draining.abort();
  expect(await poll()).toMatchObject(ok({ kind: 'waiting' }));
  expect(waits).toEqual([]);
});

test('P26: never held past the moment at which time alone changes the answer', async () => {
  const { the, c, waits, poll } = await house('ordersApi');
  the.memory.clock.set((c.request.expiresAt - 1_500) as never);
  const answer = poll();
  await turn();
  expect(waits).toMatchObject([{ ms: 1_500 }]);
  the.memory.clock.advance(1_500 as never);
  waits[0]?.go();
  expect(await answer).toMatchObject({ error: { code: 'request_closed', state: 'expired' } });
});

test('Prefer: wait=N shortens the hold, and never lengthens it', () => {
  expect(holdMs(undefined)).toBe(HOLD_SECONDS_MAX * 1_000);
  for (const [said, seconds] of [
    ['wait=0', 0],
    ['respond-async, wait=5', 5],
    ['wait=100', 20],
    ['WAIT = "7"', 7],
    ['wait=x', 20],
    ['await=1', 20],
  ] as const) {
    expect([said, holdMs(said)]).toEqual([said, seconds * 1_000]);
  }
  expect(holdMs(['handling=lenient', 'wait=3'])).toBe(3_000);
});
