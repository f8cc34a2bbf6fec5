/** Shows that a bit in the status lists costs no exchange a round trip, and that processes never share one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bitNumber } from '@sallyport/core';
import { aPolicy, PATIENT } from '@sallyport/testkit';
import { issuance, live, until } from '../acts.support.ts';
import { openWorld, type PostgresWorld } from '../world.support.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await openWorld(aPolicy(), { role: 'sallyport_broker' });
  await world.postgres.statuses.warm();
});
afterAll(() => world.close());

test('a token with a bit is still one statement; a thousand bits are one more, beside them', async () => {
  const seen = await live(world.ledger);
  await world.issuances.record(issuance(seen));
  world.sent.length = 0;
  const status = await world.statuses.take();
  const one = issuance(seen);
  await world.issuances.record({ ...one, token: { ...one.token, status } });
  expect(world.sent).toHaveLength(1);
  for (let n = 0; n < 1_000; n += 1) await world.statuses.take();
  await until('the next block was asked for', () => world.sent.length === 2);
});

test('bits come in no order', async () => {
  const bits: number[] = [];
  for (let n = 0; n < 100; n += 1) bits.push(bitNumber(await world.statuses.take()));
  const steps = bits.slice(1).map((bit, index) => bit - (bits[index] ?? 0));
  expect(new Set(steps).size).toBeGreaterThan(50);
});

test('two processes, and one that starts again, never hand out the same bit', async () => {
  const { makeStatusBits } = await import('./status-bits.ts');
  const { makePool } = await import('../pool.ts');
  const { makeLanes } = await import('../lanes.ts');
  const open = () =>
    makePool({
      url: world.database.url,
      instance: 'x',
      max: 2,
      alarm: () => {},
      lanes: makeLanes('x'),
      patience: PATIENT,
    });
  const pools = [open(), open(), open()];
  try {
    const taken = await Promise.all(
      pools.map(async (pool) => {
        const bits = makeStatusBits({ pool });
        return Promise.all(Array.from({ length: 2_000 }, () => bits.take()));
      }),
    );
    const all = taken.flat().map(bitNumber);
    expect(new Set(all).size).toBe(6_000);
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
});

test('many at once, with no block at hand, wait for the same one', async () => {
  world.sent.length = 0;
  await Promise.all(Array.from({ length: 3_000 }, () => world.statuses.take()));
  expect(world.sent.length).toBeLessThanOrEqual(5);
});
