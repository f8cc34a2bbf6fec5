/** Shows that what is due by time alone is found by the database's clock, and that a nudge counts once in 15 minutes and is never forgotten. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { after, type Instant, minutes, type RequestId, seconds } from '@sallyport/core';
import { aPolicy } from '@sallyport/testkit';
import { open } from './acts.support.ts';
import { openWorld, type PostgresWorld } from './world.support.ts';

describe('what time brings to Slack', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_slack' });
  });
  afterAll(() => world.close());
  const wakes = () => world.postgres.slackWakes;
  const nudges = () => world.postgres.slackNudges;
  const fresh = async (): Promise<RequestId> => (await open(world.ledger)).request.id;
  const now = async (): Promise<Instant> => {
    const seen = await world.ledger.pending(1);
    return seen.at.now;
  };
  const due = async (id: RequestId) => (await wakes().due(100)).filter((one) => one.requestId === id);

  test('a request is due when the database’s clock says so, until it is set anew', async () => {
    const id = await fresh();
    const at = await now();
    await wakes().set(id, { at: after(at, minutes(5)), redraw: true }, at);
    expect(await due(id)).toEqual([]);
    await world.advance(minutes(5));
    expect(await due(id)).toEqual([{ requestId: id, redraw: true }]);
    expect(await due(id)).toHaveLength(1);
    await wakes().set(id, undefined, await now());
    expect(await due(id)).toEqual([]);
  });

  test('of many nudges at once one counts; the next only after 15 minutes', async () => {
    const id = await fresh();
    expect(await nudges().ofRequest(id)).toBeUndefined();
    const many = await Promise.all(Array.from({ length: 5 }, () => nudges().nudge(id)));
    expect(many.filter((one) => one.nudged)).toHaveLength(1);
    const first = await nudges().ofRequest(id);
    expect(first?.count).toBe(1);
    const refused = many.find((one) => !one.nudged);
    expect(refused?.nudged === false && refused.againAt).toBe(after(first?.at ?? (0 as Instant), minutes(15)));
    await world.advance(minutes(15));
    expect(await nudges().nudge(id)).toEqual({ nudged: true });
    expect((await nudges().ofRequest(id))?.count).toBe(2);
  });

  test('one message lists the many of a requester in a channel; what it shows grows newer with any of them', async () => {
    const digests = world.postgres.slackDigests;
    const first = await open(world.ledger);
    const { requester } = first.request;
    expect(await digests.find(requester, 'C1')).toBeUndefined();
    const many = await Promise.all([1, 2, 3].map(() => digests.open(requester, 'C1', first.request.id)));
    expect(new Set(many.map((one) => one.anchor))).toEqual(new Set([first.request.id]));
    const before = (await digests.find(requester, 'C1'))?.version ?? 0;
    const second = await open(world.ledger);
    expect((await digests.open(requester, 'C1', second.request.id)).anchor).toBe(first.request.id);
    expect((await digests.find(requester, 'C1'))?.version).toBeGreaterThan(before);
    await digests.close(requester, 'C1');
    expect(await digests.find(requester, 'C1')).toBeUndefined();
  });

  test('I-20: a nudge that comes while the next look is worked out is not forgotten by it', async () => {
    const id = await fresh();
    const seenAt = await now();
    await world.advance(seconds(1));
    await nudges().nudge(id);
    await wakes().set(id, { at: after(seenAt, minutes(60)), redraw: false }, seenAt);
    expect(await due(id)).toHaveLength(1);
    await wakes().set(id, undefined, seenAt);
    expect(await due(id)).toHaveLength(1);
    await wakes().set(id, undefined, await now());
    expect(await due(id)).toEqual([]);
  });
});
