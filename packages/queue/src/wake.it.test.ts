/** Tests that a change wakes who waits for it, in any process, and that waiting without Redis is only waiting. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { secret } from '@sallyport/platform';
import { closeConnection, type RedisConnection } from './connection.ts';
import { connected, freshPrefix, heardLogger, isSooner, startProxy, testRedisUrl, until } from './testing/redis.ts';
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

/** Longer than a test may last: whoever waits this long and is answered was woken. */
const LONG_MS = 60_000;
const TEST_MS = 20_000;
jest.setTimeout(TEST_MS);

function watched(work: Promise<void>): { readonly work: Promise<void>; over(): boolean } {
  let over = false;
  return {
    work: work.then(() => {
      over = true;
    }),
    over: () => over,
  };
}

describe('wake', () => {
  test('a change told in one process wakes who waits for it in another, and nobody else', async () => {
    const listener = make({ url });
    const teller = make({ connection });
    await listener.listening(5_000);
    const woken = listener.wait('req_1', LONG_MS);
    const other = watched(listener.wait('req_2', LONG_MS));
    await teller.publish('req_1');
    await woken;
    expect([other.over(), listener.waiting()]).toEqual([false, 1]);
    await teller.publish('req_2');
    await other.work;
    expect(listener.waiting()).toBe(0);
  });

  test('waiters of the own process are woken without Redis; others wait until their time is over', async () => {
    const wake = make();
    const woken = wake.wait('req_1', LONG_MS);
    const other = watched(wake.wait('req_2', 300));
    await wake.publish('req_1');
    await woken;
    expect(other.over()).toBe(false);
    await other.work;
  });

  test('a signal ends the wait at once, also one that was aborted before', async () => {
    const wake = make();
    const abort = new AbortController();
    const waited = wake.wait('req_1', LONG_MS, abort.signal);
    abort.abort();
    expect(await isSooner(waited, 1_000)).toBe(true);
    expect(await isSooner(wake.wait('req_1', LONG_MS, abort.signal), 1_000)).toBe(true);
    expect(wake.waiting()).toBe(0);
  });

  test('the number of waiters is bounded', async () => {
    const wake = make({ waitersMax: 2 });
    const waits = [wake.wait('a', LONG_MS), wake.wait('b', LONG_MS)];
    await expect(wake.wait('c', LONG_MS)).rejects.toBeInstanceOf(TooManyWaiters);
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
    expect(await isSooner(listener.wait('req_1', 50), 1_000)).toBe(true);
    const looked = listener.wait('req_1', LONG_MS);
    await proxy.up();
    await looked;
    let woken = false;
    const waiting = listener.wait('req_2', LONG_MS).then(() => {
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
    expect(await isSooner(wake.wait('req_1', 50), 2_000)).toBe(true);
    await wake.publish('req_1');
    await wake.close();
    await wake.wait('req_1', LONG_MS);
  });
});
