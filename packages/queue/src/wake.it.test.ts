/** Tests that a change wakes who waits for it, in any process, and that waiting without Redis is only waiting. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { secret } from '@sallyport/platform';
import { closeConnection, type RedisConnection } from './connection.ts';
import { connected, freshPrefix, heardLogger, startProxy, testRedisUrl, until } from './testing/redis.ts';
import { createWake, TooManyWaiters, type Wake, type WakeOptions } from './wake.ts';

const prefix = freshPrefix();
const url = secret(testRedisUrl());
const open: Wake[] = [];
let connection: RedisConnection;

beforeAll(async () => {
  connection = await connected();
});
afterEach(() => Promise.all(open.splice(0).map((wake) => wake.close())));
afterAll(() => closeConnection(connection));

function make(options: Partial<WakeOptions> = {}): Wake {
  const wake = createWake({ logger: heardLogger().logger, prefix, ...options });
  open.push(wake);
  return wake;
}

async function msOf(work: Promise<void>): Promise<number> {
  const begun = performance.now();
  await work;
  return performance.now() - begun;
}

describe('wake', () => {
  test('a change told in one process wakes who waits for it in another, and nobody else', async () => {
    const listener = make({ url });
    const teller = make({ connection });
    await listener.listening(5_000);
    const woken = msOf(listener.wait('req_1', 20_000));
    const other = msOf(listener.wait('req_2', 300));
    await teller.publish('req_1');
    expect(await woken).toBeLessThan(2_000);
    expect(await other).toBeGreaterThanOrEqual(290);
    expect(listener.waiting()).toBe(0);
  });

  test('waiters of the own process are woken without Redis; others wait until their time is over', async () => {
    const wake = make();
    const woken = wake.wait('req_1', 20_000);
    await wake.publish('req_1');
    await woken;
    expect(await msOf(wake.wait('req_1', 60))).toBeGreaterThanOrEqual(50);
  });

  test('a signal ends the wait at once, also one that was aborted before', async () => {
    const wake = make();
    const abort = new AbortController();
    const waited = msOf(wake.wait('req_1', 20_000, abort.signal));
    abort.abort();
    expect(await waited).toBeLessThan(1_000);
    expect(await msOf(wake.wait('req_1', 20_000, abort.signal))).toBeLessThan(1_000);
    expect(wake.waiting()).toBe(0);
  });

  test('the number of waiters is bounded', async () => {
    const wake = make({ waitersMax: 2 });
    const waits = [wake.wait('a', 20_000), wake.wait('b', 20_000)];
    await expect(wake.wait('c', 20_000)).rejects.toBeInstanceOf(TooManyWaiters);
    wake.wakeAll();
    await Promise.all(waits);
    expect(wake.waiting()).toBe(0);
  });

  test('the subscriber comes back after a loss, lets everybody look, and hears again', async () => {
    const proxy = await startProxy();
    const listener = make({ url: proxy.url });
    const teller = make({ connection });
    await listener.listening(5_000);
    await proxy.down();
    expect(await msOf(listener.wait('req_1', 50))).toBeLessThan(1_000);
    const looked = listener.wait('req_1', 20_000);
    await proxy.up();
    await looked;
    let woken = false;
    const waiting = listener.wait('req_2', 20_000).then(() => {
      woken = true;
    });
    await until(async () => {
      await teller.publish('req_2');
      return woken;
    }, 'hearing again');
    await waiting;
    await listener.close();
    await proxy.close();
  });

  test('without any Redis at all nothing throws', async () => {
    const proxy = await startProxy();
    await proxy.close();
    const wake = make({ url: proxy.url });
    expect(await msOf(wake.wait('req_1', 50))).toBeLessThan(2_000);
    await wake.publish('req_1');
    await wake.close();
    await wake.wait('req_1', 20_000);
  });
});
