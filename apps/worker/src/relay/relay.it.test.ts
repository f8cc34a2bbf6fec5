/** The relay on real Postgres and Redis: every event is handed over, handed again until its consumer says done, and long polls are woken. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeChance, makeHashing, makeRecordDecision, makeSubmitRequest, type RequestId } from '@sallyport/core';
import { createLogger, randomToken, secret, sha256Hex } from '@sallyport/platform';
import { openPostgres, type Postgres } from '@sallyport/postgres';
import {
  closeConnection,
  createConsumer,
  createProducer,
  createWake,
  type Payload,
  producerConnection,
} from '@sallyport/queue';
import {
  ADMIN,
  ALICE,
  aPolicy,
  BOB,
  DEPLOY,
  ORDERS,
  PATIENT,
  startDatabase,
  type TestDatabase,
} from '@sallyport/testkit';
import { makeRelay } from './relay.ts';

const PREFIX = `relay-${randomBytes(6).toString('hex')}`;
const BOUND_MS = 20_000;

describe('the relay', () => {
  let database: TestDatabase;
  let postgres: Postgres;
  const logger = createLogger({ name: 'worker', level: 'silent' });
  const url = secret(process.env.TEST_REDIS_URL ?? '');
  const redis = producerConnection({ url, logger, name: 'relay-test' });
  const producer = createProducer({ connection: redis, prefix: PREFIX });
  const wake = createWake({ logger, connection: redis, url, prefix: PREFIX });
  const by = { door: 'rest', principal: ALICE, traceId: 'test' } as const;
  const chance = makeChance({ bytes: randomBytes, token: randomToken });
  const hashing = makeHashing(sha256Hex);

  beforeAll(async () => {
    database = await startDatabase();
    postgres = openPostgres({
      url: database.url,
      auditKey: randomBytes(32),
      instance: 'relay-test',
      patience: PATIENT,
      policyCodec: { serialize: (policy) => policy, parse: () => aPolicy() },
      alarm: (alarm) => {
        throw new Error(alarm.event);
      },
    });
    await postgres.policies.putInForce(aPolicy(), { door: 'worker', traceId: 'test' });
    await wake.listening(BOUND_MS);
  }, BOUND_MS);
  afterAll(async () => {
    await producer.close();
    await wake.close();
    const left = await redis.keys(`${PREFIX}:*`);
    if (left.length > 0) await redis.del(...left);
    await closeConnection(redis);
    await postgres.close();
    await database.stop();
  });

  async function opened(): Promise<RequestId> {
    const submit = makeSubmitRequest({ ledger: postgres.ledger, chance, hashing });
    const asked = await submit(
      {
        subject: DEPLOY,
        requester: ALICE,
        resource: ORDERS,
        role: ADMIN,
        tooLong: 'refuse',
        justification: 'Backfill of failed orders',
        door: 'rest',
      },
      by,
    );
    if (!asked.ok) throw new Error(asked.error.code);
    return asked.value.case.request.id;
  }

  test(
    'an event is handed to the Slack queue, sets its timer, and wakes who waits',
    async () => {
      const id = await opened();
      const heard: Payload<'slack'>[] = [];
      const woken = wake.wait(id, BOUND_MS);
      await makeRelay({ outbox: postgres.outbox, ledger: postgres.ledger, producer, wake, logger })();
      await woken;
      const consumer = createConsumer({
        queue: 'slack',
        url,
        prefix: PREFIX,
        logger,
        handler: async (payload) => {
          heard.push(payload);
          if (payload.outboxId !== undefined) await postgres.outbox.done(Number(payload.outboxId));
          return 'done';
        },
      });
      const end = performance.now() + BOUND_MS;
      while (!heard.some((payload) => payload.key === id) && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await consumer.close();
      expect(heard.map((payload) => payload.key)).toContain(id);
      expect((await redis.keys(`${PREFIX}:clock:clock-${id}-1-request_end`)).length).toBe(1);
      expect(await postgres.outbox.state()).toMatchObject({ open: 0 });
    },
    BOUND_MS,
  );

  test(
    'a row that nobody says done is handed again under a new try, and a decision is one more row',
    async () => {
      const id = await opened();
      const decide = makeRecordDecision({ ledger: postgres.ledger, chance, hashing });
      await decide(
        { requestId: id, person: BOB.id, verdict: 'approve', revision: 1, hideFromStrangers: true },
        { ...by, principal: BOB },
      );
      const relay = makeRelay({ outbox: postgres.outbox, ledger: postgres.ledger, producer, wake, logger });
      await relay();
      await database.sql('update outbox set next_at = clock_timestamp() where done_at is null');
      await relay();
      const rows = await database.sql<{ event: string; tries: number }>(
        'select event, tries from outbox where request_id = $1 order by id',
        [id],
      );
      expect(rows).toEqual([
        { event: 'request.opened', tries: 2 },
        { event: 'decision.made', tries: 2 },
      ]);
    },
    BOUND_MS,
  );
});
