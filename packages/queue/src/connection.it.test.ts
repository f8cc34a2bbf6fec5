/** Tests that a producer's connection fails fast, a consumer's waits, and neither ever throws an unhandled error. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeConnection, consumerConnection, producerConnection, redisReady, whenConnected } from './connection.ts';
import { connected, freshPrefix, heardLogger, isSooner, type RedisProxy, startProxy, until } from './testing/redis.ts';

const key = `${freshPrefix()}:x`;
let proxy: RedisProxy;
beforeAll(async () => {
  proxy = await startProxy();
});
afterAll(() => proxy.close());

describe('connections', () => {
  test('fault R2: without Redis a producer command fails at once, and works again when Redis is back', async () => {
    const { logger, events } = heardLogger();
    const connection = producerConnection({ url: proxy.url, logger });
    await whenConnected(connection, 5_000);
    await proxy.down();
    await until(() => connection.status !== 'ready');
    expect(await isSooner(expect(connection.get(key)).rejects.toThrow(), 400)).toBe(true);
    await until(() => events().includes('redis.away'));
    await proxy.up();
    await whenConnected(connection, 5_000);
    expect(await connection.get(key)).toBeNull();
    expect(events().filter((event) => event === 'redis.away')).toHaveLength(1);
    expect(events()).toContain('redis.back');
    await closeConnection(connection);
  });

  test('fault R2: a Redis that is silent costs a producer 500 ms, not more', async () => {
    const connection = producerConnection({ url: proxy.url, logger: heardLogger().logger });
    await whenConnected(connection, 5_000);
    proxy.silent();
    expect(await isSooner(expect(connection.get(key)).rejects.toThrow(), 1_500)).toBe(true);
    await proxy.up();
    // The silent socket is given up and another one opened.
    await until(
      () =>
        connection.get(key).then(
          () => true,
          () => false,
        ),
      'a new connection',
    );
    await closeConnection(connection);
  });

  test('a consumer command waits for Redis', async () => {
    await proxy.down();
    const connection = consumerConnection({ url: proxy.url, logger: heardLogger().logger });
    const answer = connection.get(key);
    await until(() => connection.status === 'reconnecting');
    await proxy.up();
    expect(await answer).toBeNull();
    await closeConnection(connection);
  });

  test('closing a connection without Redis ends it and settles what waited', async () => {
    await proxy.down();
    const connection = consumerConnection({ url: proxy.url, logger: heardLogger().logger });
    const answer = connection.get(key).then(
      () => 'answered',
      () => 'refused',
    );
    await until(() => connection.status === 'reconnecting');
    await closeConnection(connection);
    expect(connection.status).toBe('end');
    expect(await answer).toBe('refused');
    await proxy.up();
  });
});

describe('redisReady', () => {
  test('is true for a connected Redis that never evicts, and names what is missing else', async () => {
    const connection = await connected();
    expect(await redisReady(connection)).toBe(true);
    await closeConnection(connection);
    expect(await redisReady(connection)).toBe('not connected');
  });

  test.each([
    ['maxmemory_policy:allkeys-lru\r\nredis_version:7.0.1', 'maxmemory-policy is allkeys-lru: set it to noeviction'],
    ['maxmemory_policy:noeviction\r\nredis_version:6.0.16', 'version 6.0 is too old: 6.2 or later'],
    ['maxmemory_policy:noeviction\r\nredis_version:6.2.0', true],
    ['valkey_version:8.0.1', true],
  ])('fault R4: INFO %j answers %j', async (info, answer) => {
    const connection = await connected();
    connection.info = async () => info;
    expect(await redisReady(connection)).toBe(answer);
    await closeConnection(connection);
  });
});
