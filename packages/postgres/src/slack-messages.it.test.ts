/** Shows what keeps Slack's messages single and fresh: one claim at a time, versions only upwards, one post a second. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AccessCase, seconds } from '@sallyport/core';
import { aPolicy, DAN } from '@sallyport/testkit';
import { click, must, open } from './acts.support.ts';
import { openWorld, type PostgresWorld } from './world.support.ts';

describe('messages in Slack', () => {
  let world: PostgresWorld;
  let c: AccessCase;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_slack' });
    c = await open(world.ledger);
  });
  afterAll(() => world.close());
  const messages = () => world.postgres.slackMessages;
  const key = () => `card:${c.request.id}`;

  test('a message is claimed by one at a time; the claim ends by itself after 30 s', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => messages().claim(key(), c.request.id)));
    const [mine, ...others] = many.filter((claim) => claim !== undefined);
    expect(others).toEqual([]);
    await world.advance(seconds(31));
    const next = await messages().claim(key(), c.request.id);
    expect(next?.claim).not.toBe(mine?.claim);
    if (mine === undefined || next === undefined) throw new Error('not claimed');
    expect(await messages().shown(mine, { channel: 'C1', ts: '1.0', version: 9 })).toBe(false);
    expect(await messages().shown(next, { channel: 'C1', ts: '1.1', version: 1 })).toBe(true);
    expect(await messages().find(key())).toEqual({
      key: key(),
      requestId: c.request.id,
      channel: 'C1',
      ts: '1.1',
      shownVersion: 1,
    });
    expect((await messages().at('C1', '1.1'))?.key).toBe(key());
    expect(await messages().at('C1', '1.0')).toBeUndefined();
  });

  test('the version shown never goes down', async () => {
    for (const version of [5, 3]) {
      const claim = await messages().claim(key(), c.request.id);
      if (claim === undefined) throw new Error('not claimed');
      await messages().shown(claim, { channel: 'C1', ts: '1.1', version });
    }
    expect((await messages().find(key()))?.shownVersion).toBe(5);
  });

  test('a post whose answer was lost is remembered as attempted', async () => {
    const dm = `dm:${c.request.id}:alice`;
    const claim = await messages().claim(dm, c.request.id);
    if (claim === undefined) throw new Error('not claimed');
    expect(await messages().attempting(claim, 'D1')).toBe(true);
    await messages().release(claim);
    const again = await messages().claim(dm, c.request.id);
    expect(again?.message).toMatchObject({ channel: 'D1', attemptedAt: expect.any(Number) });
    expect(again?.message.ts).toBeUndefined();
    if (again === undefined) throw new Error('not claimed');
    await messages().shown(again, { channel: 'D1', ts: '2.0', version: 1 });
    expect((await messages().find(dm))?.attemptedAt).toBeUndefined();
    expect((await messages().ofRequest(c.request.id)).map((one) => one.key)).toEqual([key(), dm]);
  });

  test('a message that is gone from Slack is posted anew', async () => {
    const claim = await messages().claim(key(), c.request.id);
    if (claim === undefined) throw new Error('not claimed');
    await messages().forget(claim);
    expect(await messages().find(key())).toMatchObject({ shownVersion: 0 });
    expect((await messages().find(key()))?.ts).toBeUndefined();
  });

  test('what lags behind its case is found by the sweep', async () => {
    const claim = await messages().claim(key(), c.request.id);
    if (claim === undefined) throw new Error('not claimed');
    const lagging = async (after?: AccessCase) =>
      (await messages().lagging(after?.request.id, 10)).map((one) => one.key);
    expect(await lagging()).toEqual([]);
    await messages().shown(claim, { channel: 'C1', ts: '1.2', version: 1 });
    expect(await lagging()).toEqual([]);
    must(await click(world.ledger, c.request.id, DAN.id));
    expect(await lagging()).toEqual([key()]);
    expect(await lagging(c)).toEqual([]);
  });

  test('a direct message that stands lags as a card does; one that was never there, and one said once, do not', async () => {
    const { id } = c.request;
    for (const kind of ['first', 'approver', 'remind']) {
      const claim = await messages().claim(`${kind}:${id}:bob@acme.test`, id);
      if (claim === undefined) throw new Error('not claimed');
      if (kind === 'approver') await messages().release(claim);
      else await messages().shown(claim, { channel: 'D9', ts: `9.${kind.length}`, version: 1 });
    }
    expect((await messages().lagging(undefined, 10)).map((one) => one.key).toSorted()).toEqual([
      key(),
      `first:${id}:bob@acme.test`,
    ]);
  });

  test('a card its channel refused does not lag once it is elsewhere', async () => {
    const other = await open(world.ledger);
    const { id } = other.request;
    const refuse = async () => {
      const claim = await messages().claim(`card:${id}`, id);
      if (claim === undefined) throw new Error('not claimed');
      await messages().refused(claim, 'C1');
    };
    const lags = async () => (await messages().lagging(c.request.id, 10)).map((one) => one.key);
    await refuse();
    expect(await messages().find(`card:${id}`)).toMatchObject({ refusedBy: 'C1', shownVersion: 0 });
    expect(await lags()).toEqual([`card:${id}`]);
    const fallback = await messages().claim(`fallback:${id}`, id);
    if (fallback === undefined) throw new Error('not claimed');
    await messages().shown(fallback, { channel: 'C2', ts: '5.0', version: 1 });
    expect(await lags()).toEqual([]);
  });

  test('a channel gives one slot a second, and none while Slack says wait', async () => {
    await Promise.all(Array.from({ length: 4 }, () => messages().find('card:none')));
    const slots = await Promise.all(Array.from({ length: 4 }, () => messages().slot('C9')));
    expect(slots.filter((wait) => wait === 0)).toHaveLength(1);
    for (const wait of slots.filter((one) => one > 0)) expect(wait).toBeLessThanOrEqual(1_100);
    expect(await messages().slot('C8')).toBe(0);
    await world.advance(seconds(2));
    const began = Date.now();
    const left = () => 28_000 - (Date.now() - began);
    await messages().hold('C9', 30_000);
    expect(await messages().slot('C9')).toBeGreaterThan(left());
    await messages().hold('C9', 1_000);
    expect(await messages().slot('C9')).toBeGreaterThan(left());
    await world.advance(seconds(31));
    expect(await messages().slot('C9')).toBe(0);
  });

  test('fault S5: a delivery that changes no case is taken once', async () => {
    const once = { scope: 'slack.event', key: 'Ev1', bodyHash: 'a'.repeat(64) };
    const taken = await Promise.all(Array.from({ length: 4 }, () => world.postgres.deliveries.first(once)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    await world.advance(seconds(86_401));
    expect(await world.postgres.deliveries.first(once)).toBe(true);
  });
});
