/** Tests that the limit is shared by all processes, and kept by each while Redis is away. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { closeConnection } from './connection.ts';
import { createRateLimiter } from './rate-limit.ts';
import { connected, flushPrefix, freshPrefix, isSooner, startProxy, until } from './testing/redis.ts';

const prefix = freshPrefix();
/** A busy test machine must not look like an absent Redis. */
const patient = { redisMs: 4_000 };
afterAll(() => flushPrefix(prefix));

describe('rate limiter', () => {
  test('all processes count together', async () => {
    const connection = await connected();
    const one = createRateLimiter({ connection, prefix, limits: patient });
    const two = createRateLimiter({ connection, prefix, limits: patient });
    const began = Date.now();
    const hits = [one, two, one, two].map((limiter) => limiter.hit('client-a', 3, 60_000));
    expect((await Promise.all(hits)).map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
    const { retryAfterSeconds } = await one.hit('client-a', 3, 60_000);
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(59 - Math.ceil((Date.now() - began) / 1_000));
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    expect(await one.hit('client-b', 3, 60_000)).toEqual({ allowed: true, retryAfterSeconds: 0 });
    await closeConnection(connection);
  });

  test('a new window begins when the old one is over', async () => {
    const connection = await connected();
    const limiter = createRateLimiter({ connection, prefix, limits: patient });
    expect((await limiter.hit('k', 1, 150)).allowed).toBe(true);
    expect(await limiter.hit('k', 1, 150)).toEqual({ allowed: false, retryAfterSeconds: 1 });
    await until(async () => (await limiter.hit('k', 1, 150)).allowed);
    await closeConnection(connection);
  });

  test('I-15: a key does not reach Redis as it is', async () => {
    const connection = await connected();
    await createRateLimiter({ connection, prefix, limits: patient }).hit('alice@acme.test', 1, 60_000);
    const [, keys] = await connection.scan('0', 'MATCH', `${prefix}:limit:*`, 'COUNT', 10_000);
    expect(keys.join()).not.toContain('alice');
    await closeConnection(connection);
  });

  test('fault R2: without Redis each process counts by itself, quickly, from what it saw before', async () => {
    const proxy = await startProxy();
    const connection = await connected(proxy.url);
    const limiter = createRateLimiter({ connection, prefix });
    expect((await limiter.hit('c', 2, 60_000)).allowed).toBe(true);
    proxy.silent();
    const more = async () => [await limiter.hit('c', 2, 60_000), await limiter.hit('c', 2, 60_000)];
    const counted = more();
    expect(await isSooner(counted, 400)).toBe(true);
    expect((await counted).map(({ allowed }) => allowed)).toEqual([true, false]);
    await closeConnection(connection);
    await proxy.close();
  });

  test('the number of keys a process counts is bounded', async () => {
    const limiter = createRateLimiter({ limits: { keysMax: 2 } });
    await limiter.hit('a', 1, 60_000);
    await limiter.hit('b', 1, 60_000);
    expect((await limiter.hit('b', 1, 60_000)).allowed).toBe(false);
    await limiter.hit('c', 1, 60_000);
    expect((await limiter.hit('a', 1, 60_000)).allowed).toBe(true);
  });
});
