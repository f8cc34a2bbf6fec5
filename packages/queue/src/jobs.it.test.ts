/** Tests jobs from producer to consumer on a real Redis: de-duplication, outcomes, loss of everything, takeover. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { secret } from '@sallyport/platform';
import { Queue } from 'bullmq';
import { closeConnection, type RedisConnection } from './connection.ts';
import { type Consumer, createConsumer, type Outcome } from './consumer.ts';
import { createProducer, type Producer, QueueUnavailable } from './producer.ts';
import type { Payload, QueueName } from './queues.ts';
import {
  connected,
  flushPrefix,
  freshPrefix,
  heardLogger,
  isSooner,
  startProxy,
  testRedisUrl,
  until,
} from './testing/redis.ts';

const prefix = freshPrefix();
const open: Consumer[] = [];
let connection: RedisConnection;
let producer: Producer;

beforeAll(async () => {
  connection = await connected();
  producer = createProducer({ connection, prefix });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((consumer) => consumer.close()));
  await flushPrefix(prefix);
});
afterAll(async () => {
  await producer.close();
  await closeConnection(connection);
  await flushPrefix(prefix);
});

interface Seen<Q extends QueueName> {
  readonly payload: Payload<Q>;
  readonly id: string;
  readonly attempt: number;
}

/** Consumes a queue and keeps what it saw. */
function consume<Q extends QueueName>(queue: Q, outcome: (seen: Seen<Q>) => Outcome | Promise<Outcome> = () => 'done') {
  const seen: Seen<Q>[] = [];
  const { logger, events } = heardLogger();
  const consumer = createConsumer({
    queue,
    url: secret(testRedisUrl()),
    prefix,
    logger,
    lockMs: 1_000,
    handler: async (payload, job) => {
      const now = { payload, ...job };
      seen.push(now);
      return outcome(now);
    },
  });
  open.push(consumer);
  return { consumer, seen, events, ids: () => seen.map(({ id }) => id) };
}

async function withQueue<T>(name: QueueName, use: (queue: Queue) => Promise<T>): Promise<T> {
  const queue = new Queue(name, { connection, prefix, skipVersionCheck: true });
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

describe('jobs', () => {
  test('a job arrives once, however often it is added under one try; another try is another job', async () => {
    const { seen, ids } = consume('slack');
    await producer.slack('12', 1, { outboxId: '12', key: 'card:req_1' });
    await producer.slack('12', 1, { outboxId: '12', key: 'card:req_1' });
    await until(() => seen.length === 1);
    await producer.slack('12', 1, { outboxId: '12', key: 'card:req_1' });
    await producer.slack('12', 2, { outboxId: '12', key: 'card:req_1' });
    await until(() => seen.length >= 2);
    expect(ids()).toEqual(['outbox-12-1', 'outbox-12-2']);
    expect(seen[0]?.payload).toEqual({ outboxId: '12', key: 'card:req_1' });
  });

  test('a clock job comes when it is due, not before', async () => {
    const { seen, ids } = consume('clock');
    const dueAt = Date.now() + 300;
    await producer.clock('req_a', 3, dueAt, { requestId: 'req_a', due: 'request_end' });
    await producer.clock('req_b', 1, Date.now() - 60_000, { requestId: 'req_b', due: 'grant_end' });
    await until(() => seen.length === 2);
    expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
    expect(ids()).toEqual(['clock-req_b-1-grant_end', 'clock-req_a-3-request_end']);
  });

  test('retry comes back after its pause, as the next attempt', async () => {
    const { seen } = consume('slack', ({ attempt }) => (attempt < 3 ? { retryInMs: 100 } : 'done'));
    await producer.slack('1', 1, { key: 'k' });
    await until(() => seen.length === 3);
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    await until(async () => (await withQueue('slack', (queue) => queue.getCompletedCount())) === 1);
  });

  test('fault W2: poison is put aside with an alarm and the others go on', async () => {
    const { seen, events } = consume('slack', ({ payload }) =>
      payload.key === 'bad' ? { poison: 'unknown key' } : 'done',
    );
    await producer.slack('1', 1, { key: 'bad' });
    await producer.slack('2', 1, { key: 'good' });
    await until(() => seen.length === 2);
    await until(() => events().includes('queue.poison'));
    expect(await withQueue('slack', (queue) => queue.getFailedCount())).toBe(1);
  });

  test('a handler that throws is logged and tried again', async () => {
    const { seen, events } = consume('slack', ({ attempt }) => {
      if (attempt === 1) throw new Error('outage');
      return 'done';
    });
    await producer.slack('1', 1, { key: 'k' });
    await until(() => seen.length === 2);
    expect(events()).toContain('queue.handler_threw');
  });

  test('RD-2: a forged payload never reaches the handler', async () => {
    const { seen, events } = consume('clock');
    await withQueue('clock', (queue) => queue.add('clock', { requestId: 'req_1', due: 'grant_end', grant: 'mine' }));
    await until(() => events().includes('queue.poison'));
    expect(seen).toEqual([]);
  });

  test('fault R1: after Redis forgot everything, producer and consumer go on', async () => {
    const { consumer, seen, ids } = consume('slack');
    await consumer.ready();
    await producer.slack('1', 1, { key: 'k' });
    await until(() => seen.length === 1);
    await producer.clock('req_1', 1, Date.now() + 3_600_000, { requestId: 'req_1', due: 'grant_end' });
    expect(await flushPrefix(prefix)).toBeGreaterThan(0);
    expect(await withQueue('clock', (queue) => queue.getDelayedCount())).toBe(0);
    await producer.slack('1', 1, { key: 'k' });
    await producer.slack('2', 1, { key: 'k' });
    await until(() => seen.length === 3);
    expect(ids()).toEqual(['outbox-1-1', 'outbox-1-1', 'outbox-2-1']);
  });

  test('fault W1: the job of a worker that died is taken over', async () => {
    const stuck = endless();
    const dying = consume('slack', () => stuck.work);
    await producer.slack('1', 1, { key: 'k' });
    await until(() => dying.seen.length === 1);
    // Cut as kill -9 would: no goodbye to Redis, the job stays active until its lock is over.
    await dying.consumer.close(1);
    const { seen } = consume('slack');
    await until(() => seen.length === 1);
    expect(seen[0]?.attempt).toBe(2);
    stuck.end();
  });

  test('fault W2: a job that kills its worker twice is put aside with an alarm', async () => {
    const stuck = endless();
    await producer.slack('1', 1, { key: 'k' });
    for (const _death of [1, 2]) {
      const dying = consume('slack', () => stuck.work);
      await until(() => dying.seen.length === 1);
      await dying.consumer.close(1);
    }
    const { seen, events } = consume('slack');
    await until(() => events().includes('queue.failed'), 'the alarm');
    await producer.slack('2', 1, { key: 'k' });
    await until(() => seen.length === 1);
    expect(seen[0]?.id).toBe('outbox-2-1');
    stuck.end();
  }, 30_000);

  test('closing waits for the running job', async () => {
    let finish: (outcome: 'done') => void = () => undefined;
    const work = new Promise<'done'>((resolve) => {
      finish = resolve;
    });
    const { consumer, seen } = consume('slack', () => work);
    await producer.slack('1', 1, { key: 'k' });
    await until(() => seen.length === 1);
    let closed = false;
    const closing = consumer.close().then(() => {
      closed = true;
    });
    await withQueue('slack', (queue) => queue.getActiveCount());
    expect(closed).toBe(false);
    finish('done');
    await closing;
    expect(await withQueue('slack', (queue) => queue.getCompletedCount())).toBe(1);
  });

  test('closing does not wait longer than its deadline', async () => {
    const stuck = endless();
    const { consumer, seen, events } = consume('slack', () => stuck.work);
    await producer.slack('2', 1, { key: 'k' });
    await until(() => seen.length === 1);
    expect(await isSooner(consumer.close(100), 2_000)).toBe(true);
    expect(events()).toContain('queue.close_cut');
    stuck.end();
  });

  test('the canary is scheduled once, comes, and is scheduled again after a flush', async () => {
    const { seen } = consume('canary');
    await producer.canary();
    await until(() => seen.length >= 1, 'the canary');
    const next = await withQueue('canary', async (queue) => (await queue.getJobScheduler('canary'))?.next);
    await producer.canary();
    expect(await withQueue('canary', async (queue) => (await queue.getJobScheduler('canary'))?.next)).toBe(next);
    expect((next ?? 0) - Date.now()).toBeLessThanOrEqual(10_000);
    await flushPrefix(prefix);
    const before = seen.length;
    await producer.canary();
    await until(() => seen.length > before, 'the canary after the flush');
  });
});

/** Work that does not end by itself. */
function endless(): { readonly work: Promise<Outcome>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const work = new Promise<Outcome>((resolve) => {
    end = () => resolve('done');
  });
  return { work, end };
}

describe('without Redis', () => {
  test('fault R2: adding fails within 500 ms as QueueUnavailable, and works when Redis is back', async () => {
    const proxy = await startProxy();
    const own = await connected(proxy.url);
    const cut = createProducer({ connection: own, prefix });
    await cut.slack('1', 1, { key: 'k' });
    await proxy.down();
    const fails = (id: string) => expect(cut.slack(id, 1, { key: 'k' })).rejects.toBeInstanceOf(QueueUnavailable);
    expect(await isSooner(fails('2'), 1_500)).toBe(true);
    await proxy.up();
    await until(() =>
      cut.slack('2', 1, { key: 'k' }).then(
        () => true,
        () => false,
      ),
    );
    proxy.silent();
    expect(await isSooner(fails('3'), 1_500)).toBe(true);
    await cut.close();
    await closeConnection(own);
    await proxy.close();
  });

  test('a consumer that started without Redis works when it comes, and closes without it', async () => {
    const proxy = await startProxy();
    await proxy.down();
    const seen: string[] = [];
    const consumer = createConsumer({
      queue: 'slack',
      url: proxy.url,
      prefix,
      logger: heardLogger().logger,
      handler: async (_payload, job) => {
        seen.push(job.id);
        return 'done';
      },
    });
    await producer.slack('9', 1, { key: 'k' });
    await proxy.up();
    await until(() => seen.length === 1);
    await proxy.down();
    expect(await isSooner(consumer.close(300), 3_000)).toBe(true);
    await proxy.close();
  });
});
