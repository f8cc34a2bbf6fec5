/** Shows the bundle: the policy followed, the clock estimated, readiness said truly, outages as faults, old things cleared. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minutes } from '@sallyport/core';
import { ALICE, aPolicy, byline, PATIENT, startDatabase, withPerson } from '@sallyport/testkit';
import { Client } from 'pg';
import { issuance, live, open, until } from './acts.support.ts';
import type { StoreAlarm } from './alarms.ts';
import { makeClock } from './clock.ts';
import { makeLanes } from './lanes.ts';
import { openPostgres } from './open-postgres.ts';
import { makePool, PATIENCE } from './pool.ts';
import { statement } from './statement.ts';
import { reading } from './transaction.ts';
import { AUDIT_KEY, asPolicy, openWorld, type PostgresWorld } from './world.support.ts';

describe('the policy in force', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_slack' });
    await world.postgres.start();
  });
  afterAll(() => world.close());

  test('I-18: a program follows the pointer within five seconds, and leaves its audit row', async () => {
    expect(world.postgres.policies.inForce()).toEqual(aPolicy());
    const next = withPerson(aPolicy(), ALICE.id, { enabled: false });
    await world.put(next);
    const inForce = () => world.postgres.policies.inForce().version === next.version;
    await until('the new version is in force', inForce, 5_000);
    expect(world.postgres.policies.inForce()).toEqual(next);
    const rows = await world.database.sql<{ leaf: string }>(
      `select convert_from(leaf, 'UTF8') as leaf from audit where type = 'policy.loaded' order by id desc limit 1`,
    );
    expect(JSON.parse(rows[0]?.leaf ?? '')).toMatchObject({
      old_state: aPolicy().version,
      new_state: next.version,
      policy_version: next.version,
    });
    await world.put(aPolicy());
  });

  test('the same policy again writes nothing; whoever may only set the first one leaves it alone', async () => {
    const { policies } = world.postgres;
    const before = (await world.database.sql('select from audit')).length;
    expect((await policies.putInForce(aPolicy(), byline())).changed).toBe(false);
    const other = withPerson(aPolicy(), ALICE.id, { name: 'Other' });
    expect(await policies.putInForce(other, byline(), { onlyIfNone: true })).toEqual({
      changed: false,
      inForce: aPolicy().version,
    });
    expect((await world.database.sql('select from audit')).length).toBe(before);
    // Moving the pointer is the worker's right.
    await expect(policies.putInForce(other, byline())).rejects.toMatchObject({ trouble: 'not_writable' });
  });

  test('at the very first start whoever is first puts one, under any role; many at once agree', async () => {
    const database = await startDatabase();
    const open = (role: string) =>
      openPostgres({
        url: database.as(role),
        auditKey: AUDIT_KEY,
        instance: role,
        patience: PATIENT,
        policyCodec: { serialize: (policy) => policy, parse: asPolicy },
        alarm: () => undefined,
      });
    const programs = ['sallyport_broker', 'sallyport_slack', 'sallyport_worker'].map(open);
    try {
      expect(() => programs[0]?.policies.inForce()).toThrow(/no_policy/);
      expect(await programs[0]?.ready()).toBe('no policy in force');
      const put = await Promise.all(
        programs.map((program) => program.policies.putInForce(aPolicy(), byline(), { onlyIfNone: true })),
      );
      expect(put.filter((one) => one.changed)).toHaveLength(1);
      expect(new Set(put.map((one) => one.inForce))).toEqual(new Set([aPolicy().version]));
      expect(await programs[1]?.ready()).toBe(true);
    } finally {
      await Promise.all(programs.map((program) => program.close()));
      await database.stop();
    }
  });
});

describe('the clock', () => {
  test('fault C1: it follows the database, not this machine, and says how far this machine is off', async () => {
    const world = await openWorld(aPolicy());
    try {
      await world.advance(minutes(10));
      const alarms: StoreAlarm[] = [];
      const pool = makePool({
        url: world.database.url,
        max: 1,
        instance: 'clock',
        patience: PATIENT,
        lanes: makeLanes('clock'),
        alarm: (alarm) => alarms.push(alarm),
      });
      const clock = makeClock(pool);
      expect(clock.agrees()).toBe(true);
      const began = Date.now();
      await clock.refresh();
      // As exact as the time it took allows.
      const exact = () => 500 + Date.now() - began;
      expect(Math.abs(clock.now() - Date.now() - minutes(10))).toBeLessThan(exact());
      expect(Math.abs(clock.skewMs() + minutes(10))).toBeLessThan(exact());
      expect(clock.agrees()).toBe(false);
      expect(alarms).toMatchObject([{ event: 'clock.skew' }]);
      let jumped = 0;
      const steady = makeClock(pool, () => Date.now() + jumped);
      await steady.refresh();
      const before = steady.now();
      jumped = minutes(60);
      expect(steady.now() - before).toBeLessThan(exact());
      await pool.close();
    } finally {
      await world.close();
    }
  });
});

describe('outages', () => {
  test('a store that is not there is a fault that may pass, and not ready', async () => {
    const postgres = openPostgres({
      url: 'postgres://nobody@127.0.0.1:1/none',
      auditKey: AUDIT_KEY,
      instance: 'away',
      policyCodec: { serialize: (policy) => policy, parse: asPolicy },
      alarm: () => undefined,
    });
    await postgres.start();
    await expect(postgres.ledger.pending(1)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      trouble: 'unreachable',
      retryable: true,
    });
    expect(await postgres.ready()).toBe('unreachable');
    await postgres.close();
  });

  test('who says nothing of patience gives the server two seconds for a statement', async () => {
    const world = await openWorld(aPolicy());
    const pool = makePool({
      url: world.database.url,
      max: 1,
      instance: 'plain',
      lanes: makeLanes('plain'),
      alarm: () => undefined,
    });
    try {
      const show = statement<{ statement_timeout: string }>('show statement_timeout');
      const asked = () => reading(pool, (connection) => connection.rows(show)).catch(() => []);
      await until('it answers two seconds', async () => (await asked())[0]?.statement_timeout === '2s');
    } finally {
      await pool.close();
      await world.close();
    }
  });

  test('fault P9: when every connection is busy the wait is bounded, and revoke and introspect have their own', async () => {
    const world = await openWorld(aPolicy(), { connectionsMax: 1, patience: PATIENCE });
    const holder = new Client({ connectionString: world.database.url });
    await holder.connect();
    try {
      const seen = await live(world.ledger);
      const other = await open(world.ledger);
      const one = issuance(seen);
      await world.issuances.record(one);
      await holder.query('begin');
      await holder.query('select from requests where id = $1 for update', [other.request.id]);
      let over = false;
      const stuck = world.ledger
        .transact(other.request.id, () => ({ ok: true, value: 'unchanged' }), byline())
        .catch((error: unknown) => error)
        .finally(() => {
          over = true;
        });
      await expect(world.ledger.find(seen.value.request.id)).rejects.toMatchObject({ trouble: 'busy' });
      expect(over).toBe(false);
      const { reserved } = world.postgres;
      expect((await reserved.issuances.find(one.token.jti))?.value.revoked).toBe(false);
      expect(await stuck).toMatchObject({ trouble: 'timeout' });
    } finally {
      await holder.query('rollback');
      await holder.end();
      await world.close();
    }
  });

  test('fault P1: connections the server ended are replaced: at most one fault, no unhandled rejection', async () => {
    const world = await openWorld(aPolicy());
    try {
      await Promise.all(Array.from({ length: 4 }, () => world.ledger.pending(1)));
      await world.database.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await until('it answers again', () =>
        world.ledger.pending(1).then(
          () => true,
          (error: { trouble?: string }) => {
            expect(error.trouble).toBe('unreachable');
            return false;
          },
        ),
      );
    } finally {
      await world.close();
    }
  });

  test('fault P7: what can only be read is a fault for whoever writes', async () => {
    const world = await openWorld(aPolicy());
    try {
      const name = world.database.name;
      await world.database.sql(`alter database ${name} set default_transaction_read_only = on`);
      const readOnly = openPostgres({
        url: world.database.url,
        auditKey: AUDIT_KEY,
        instance: 'ro',
        patience: PATIENT,
        policyCodec: { serialize: (policy) => policy, parse: asPolicy },
        alarm: () => undefined,
      });
      await expect(open(readOnly.ledger)).rejects.toMatchObject({ name: 'StoreUnavailable', trouble: 'standby' });
      await readOnly.close();
    } finally {
      await world.close();
    }
  });
});

describe('clearing away', () => {
  test('keys and handles past their lifetime go; what gives one token, and tokens, stay', async () => {
    const world = await openWorld(aPolicy());
    try {
      const seen = await live(world.ledger);
      const id = 'ab'.repeat(32) as never;
      const { grant } = seen.value;
      await world.handles.put({
        id,
        kind: 'deferral_code',
        clientId: 'ci' as never,
        subject: grant.subject,
        requestId: grant.requestId,
        madeRequest: true,
        scopes: grant.access.scopes,
        uses: [],
        issuedAt: seen.at.now,
        expiresAt: grant.expiresAt,
        revoked: false,
      });
      await world.issuances.record(issuance(seen, { uses: [`handle:${id}`] }));
      await world.replayGuard.first({ key: 'x', until: grant.expiresAt });
      await world.postgres.deliveries.first({ scope: 's', key: 'k', bodyHash: 'a' });
      expect(await world.postgres.prunePast(100)).toBe(0);
      await world.advance(minutes(60 * 24 * 3));
      expect(await world.postgres.prunePast(100)).toBe(3);
      expect(await world.handles.find(id)).toBeUndefined();
      expect(await world.database.sql('select from issuance_uses')).toHaveLength(1);
      expect(await world.database.sql('select from tokens')).toHaveLength(1);
    } finally {
      await world.close();
    }
  });

  test('figures: how many wait and since when, how many tokens a grant gave; facts about no case have their row', async () => {
    const world = await openWorld(aPolicy());
    try {
      expect(await world.postgres.figures.pending()).toEqual({ count: 0, oldestMs: 0 });
      const seen = await live(world.ledger);
      await open(world.ledger);
      await world.advance(minutes(1));
      const { count, oldestMs } = await world.postgres.figures.pending();
      expect([count, oldestMs >= 60_000]).toEqual([1, true]);
      await world.issuances.record(issuance(seen));
      expect(await world.postgres.figures.tokensOf(seen.value.grant.id)).toBe(1);
      await world.postgres.journal.append(
        'program.started',
        { door: 'worker', traceId: 't' },
        { config_sha256: 'c'.repeat(64) },
      );
      const [row] = await world.database.sql<{ type: string }>('select type from audit order by id desc limit 1');
      expect(row?.type).toBe('program.started');
    } finally {
      await world.close();
    }
  });
});
