/** Shows the ledger's laws on Postgres that a memory store cannot show: locks, rights, reruns, sets of ten thousand. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AccessCase,
  after,
  applyEvent,
  type Instant,
  minutes,
  type RequestId,
  stepOf,
  sweepDue,
} from '@sallyport/core';
import { aLiveGrant, aPolicy, BOB, byline, CAROL, DAN, freshIds, PATIENT } from '@sallyport/testkit';
import { Client } from 'pg';
import { chance, click, codeOf, issuance, live, must, open } from './acts.support.ts';
import { makeLanes } from './lanes.ts';
import { makePool, PATIENCE } from './pool.ts';
import { makeRowMac } from './row-mac.ts';
import { statement } from './statement.ts';
import { transaction } from './transaction.ts';
import { AUDIT_KEY, openWorld, type PostgresWorld } from './world.support.ts';
import { writeChanges } from './write-changes.ts';

describe('the ledger on Postgres', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_broker' });
  });
  afterAll(() => world.close());

  test('I-16: the last approval and a deny at once: exactly one outcome, 50 rounds', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 50; round++) {
      const { request } = await open(world.ledger);
      must(await click(world.ledger, request.id, DAN.id));
      const both = [
        () => click(world.ledger, request.id, BOB.id),
        () => click(world.ledger, request.id, CAROL.id, { verdict: 'deny' }),
      ];
      if (round % 2 === 1) both.reverse();
      const results = await Promise.all(both.map((one) => one()));
      expect(results.map(codeOf).sort()).toEqual(['ok', 'request_closed']);
      const c = (await world.ledger.find(request.id))?.value;
      expect(['approved', 'denied']).toContain(c?.request.status.state);
      expect(c?.grant === undefined).toBe(c?.request.status.state === 'denied');
      outcomes.add(c?.request.status.state ?? '');
    }
    expect(outcomes.size).toBeGreaterThanOrEqual(1);
  });

  test('I-3: two approvers at once on two connections: both count, and the quorum is met', async () => {
    for (let round = 0; round < 10; round++) {
      const { request } = await open(world.ledger);
      await Promise.all([click(world.ledger, request.id, DAN.id), click(world.ledger, request.id, BOB.id)]);
      const c = (await world.ledger.find(request.id))?.value;
      expect([c?.decisions.length, c?.request.status.state, c?.grant?.status.state]).toEqual([2, 'approved', 'active']);
    }
  });

  test('fault P8: a serialization failure is run again, three times at most, then it is a fault', async () => {
    const pool = makePool({
      url: world.database.url,
      max: 2,
      instance: 'reruns',
      patience: PATIENT,
      lanes: makeLanes('reruns'),
      alarm: () => undefined,
    });
    const failing = (times: number) => {
      let runs = 0;
      const done = transaction(pool, async (tx) => {
        runs += 1;
        if (runs <= times) await tx.rows(statement(`do $$ begin raise exception using errcode = '40001'; end $$`));
        return runs;
      });
      return done.catch((error: unknown) => ({ error, runs }));
    };
    expect(await failing(3)).toBe(4);
    expect(await failing(9)).toMatchObject({ error: { name: 'StoreUnavailable', trouble: 'conflict' }, runs: 4 });
    await pool.close();
  });

  test('fault P8: whoever holds the row longer than a statement may wait makes a fault, not a hang', async () => {
    const hasty = await openWorld(aPolicy(), { patience: { ...PATIENT, statementMs: PATIENCE.statementMs } });
    const holder = new Client({ connectionString: hasty.database.url });
    await holder.connect();
    try {
      const { request } = await open(hasty.ledger);
      await holder.query('begin');
      await holder.query('select from requests where id = $1 for update', [request.id]);
      await expect(click(hasty.ledger, request.id, DAN.id)).rejects.toMatchObject({
        trouble: 'timeout',
        retryable: true,
      });
      await holder.query('rollback');
      expect(codeOf(await click(hasty.ledger, request.id, DAN.id))).toBe('ok');
    } finally {
      await holder.end();
      await hasty.close();
    }
  });

  test('fault P6: no audit row, no act: with INSERT on audit taken away every door answers a fault and writes nothing', async () => {
    const pending = await open(world.ledger);
    const seen = await live(world.ledger);
    const count = async () =>
      world.database.sql(`select (select count(*) from requests) r, (select count(*) from decisions) d,
        (select count(*) from tokens) t, (select count(*) from audit) a, (select count(*) from outbox) o,
        (select sum(version) from requests) v`);
    const before = await count();
    await world.database.sql('revoke insert on audit from sallyport_broker');
    const doors = [
      () => open(world.ledger),
      () => click(world.ledger, pending.request.id, DAN.id),
      () => click(world.ledger, pending.request.id, 'nobody' as never),
      () => world.issuances.record(issuance(seen)),
      () => world.issuances.record(issuance(seen, { usesMax: 5 })),
      () => world.ledger.note({ refusal: { code: 'target_unknown' }, by: byline(), attempted: 'exchange' }),
    ];
    for (const door of doors) await expect(door()).rejects.toMatchObject({ trouble: 'not_writable' });
    expect(await count()).toEqual(before);
    expect(world.alarms.filter((alarm) => alarm.event === 'store.not_writable').length).toBe(doors.length);
    await world.database.sql('grant insert on audit to sallyport_broker');
    expect(codeOf(await click(world.ledger, pending.request.id, DAN.id))).toBe('ok');
  });

  test('I-10: a case somebody holds is passed over by the sweep, and closed by the next', async () => {
    const { request } = await open(world.ledger, { expiresAt: await inMinutes(world, 1) });
    await world.advance(minutes(2));
    const { Client } = await import('pg');
    const holder = new Client({ connectionString: world.database.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from requests where id = $1 for update', [request.id]);
    expect(await world.ledger.sweep(100)).toEqual({ closed: 0, latenessMs: 0 });
    await holder.query('rollback');
    await holder.end();
    expect((await world.ledger.sweep(100)).closed).toBe(1);
  });
});

describe('the sweep, as the worker', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_worker' });
  });
  afterAll(() => world.close());

  test('I-10: 10,000 grants that end in the same second are closed in batches, each with its events', async () => {
    const total = 10_000;
    await plantGrants(world, total);
    await world.advance(minutes(31));
    const swept = await sweepDue(world.ledger);
    expect(swept.closed).toBe(total);
    const [row] = await world.database.sql<{ ended: number; audited: number; sent: number }>(
      `select (select count(*)::int from grants where state = 'expired') ended,
        (select count(*)::int from audit where type = 'grant.expired') audited,
        (select count(*)::int from outbox where event = 'grant.expired') sent`,
    );
    expect(row).toEqual({ ended: total, audited: total, sent: total });
    expect((await world.ledger.find(await anyRequest(world)))?.value.grant?.status.state).toBe('expired');
  }, 60_000);

  test('I-25: a row that was tampered with waits with an alarm, the others are closed', async () => {
    await plantGrants(world, 3);
    const [bad] = await world.database.sql<{ id: string }>(`select id from grants where state = 'active' limit 1`);
    await world.database.sql(`update grants set expires_at = expires_at - interval '1 second' where id = $1`, [
      bad?.id,
    ]);
    await world.advance(minutes(31));
    expect((await world.ledger.sweep(100)).closed).toBe(2);
    expect(world.alarms).toContainEqual({ event: 'row.tampered', table: 'grants', rowId: bad?.id });
    expect(world.alarms).toContainEqual({ event: 'row.skipped', why: 'TamperFound' });
  });
});

async function inMinutes(world: PostgresWorld, count: number): Promise<Instant> {
  await world.postgres.clock.refresh();
  return after(world.postgres.clock.now(), minutes(count));
}

async function anyRequest(world: PostgresWorld): Promise<RequestId> {
  const [row] = await world.database.sql<{ id: RequestId }>('select id from requests limit 1');
  if (row === undefined) throw new Error('no requests');
  return row.id;
}

/** Live grants of half an hour, written as the ledger writes them, a few hundred at a time. */
async function plantGrants(world: PostgresWorld, total: number): Promise<void> {
  const pool = makePool({
    url: world.database.url,
    max: 1,
    instance: 'plant',
    patience: PATIENT,
    lanes: makeLanes('plant'),
    alarm: () => undefined,
  });
  const mac = makeRowMac(AUDIT_KEY, () => undefined);
  await world.postgres.clock.refresh();
  const now = world.postgres.clock.now();
  for (let planted = 0; planted < total; planted += 250) {
    const changes = Array.from({ length: Math.min(250, total - planted) }, () => {
      const c = aLiveGrant({ id: chance.requestId(), openedAt: now, expiresAt: after(now, minutes(60)) });
      return { step: stepOf(undefined, eventsOf(c)), by: byline() };
    });
    await transaction(pool, (tx) => writeChanges(tx, changes, { now, policy: aPolicy() }, mac));
  }
  await pool.close();
}

/** The events that lead to a live grant, in one step. */
function eventsOf(c: AccessCase): Parameters<typeof stepOf>[1] {
  const at = c.request.openedAt;
  const { grant } = c;
  if (grant === undefined) throw new Error('a live case has a grant');
  const request = { ...c.request, effect: 'auto_approve' as const, lines: [], status: { state: 'pending' as const } };
  const events: Parameters<typeof stepOf>[1] = [
    { type: 'request.opened', at, request },
    { type: 'request.approved', at },
    { type: 'grant.started', at, grant: { ...grant, id: freshIds().grant } },
  ];
  events.reduce<AccessCase | undefined>(applyEvent, undefined);
  return events;
}
