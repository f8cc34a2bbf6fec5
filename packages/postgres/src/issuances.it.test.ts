/** Shows how a token is recorded: in how many round trips, and what it waits for. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Handle } from '@sallyport/core';
import { aPolicy, CI } from '@sallyport/testkit';
import { Client } from 'pg';
import { issuance, live, until } from './acts.support.ts';
import { openWorld, type PostgresWorld } from './world.support.ts';

describe('issuances on Postgres', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_broker' });
  });
  afterAll(() => world.close());

  test('one exchange is two round trips: one covering read, one conditional insert', async () => {
    const seen = await live(world.ledger);
    const { subject, resource } = { subject: seen.value.request.subject, resource: seen.value.request.access.resource };
    const query = { subject, resource, useKeys: ['subject:round-trips'] };
    await world.ledger.covering(query);
    world.sent.length = 0;
    await world.ledger.covering(query);
    await world.issuances.record(issuance(seen, { uses: ['subject:round-trips'] }));
    expect(world.sent).toHaveLength(2);
  });

  test('introspection is one round trip', async () => {
    const seen = await live(world.ledger);
    const one = issuance(seen);
    await world.issuances.record(one);
    world.sent.length = 0;
    expect((await world.issuances.find(one.token.jti))?.value.revoked).toBe(false);
    expect(world.sent).toHaveLength(1);
  });

  test('I-9: a record that began before the revoke was committed waits for it, and then writes nothing', async () => {
    const seen = await live(world.ledger);
    const revoker = new Client({ connectionString: world.database.url });
    await revoker.connect();
    await revoker.query('begin');
    await revoker.query(
      `update grants set state = 'revoked', ended_at = clock_timestamp(), ended_by = 'person:x', mac = 'changed' where id = $1`,
      [seen.value.grant.id],
    );
    const recording = world.issuances.record(issuance(seen));
    await until('the record waits for the revoker', () => waits(world));
    await revoker.query('commit');
    await revoker.end();
    expect(await recording).toEqual({ kind: 'no_longer_live' });
    expect(await world.database.sql('select from tokens where grant_id = $1', [seen.value.grant.id])).toEqual([]);
  });

  test('I-6: a use whose first taker rolled back is free: whoever waited for it records', async () => {
    const seen = await live(world.ledger);
    const other = issuance(seen);
    await world.issuances.record(other);
    const taker = new Client({ connectionString: world.database.url });
    await taker.connect();
    await taker.query('begin');
    await taker.query(`insert into issuance_uses values ('subject:rolled-back', $1, 'f', clock_timestamp())`, [
      other.token.jti,
    ]);
    const recording = world.issuances.record(issuance(seen, { uses: ['subject:rolled-back'] }));
    await until('the record waits for the taker', () => waits(world));
    await taker.query('rollback');
    await taker.end();
    expect(await recording).toEqual({ kind: 'recorded' });
  });

  test('I-9: a handle revoked while its token is being recorded: the record waits, and then writes nothing', async () => {
    const seen = await live(world.ledger);
    const { grant } = seen.value;
    const id = 'cd'.repeat(32) as Handle['id'];
    const handle: Handle = {
      id,
      kind: 'deferral_code',
      clientId: CI,
      subject: grant.subject,
      requestId: grant.requestId,
      madeRequest: false,
      scopes: grant.access.scopes,
      uses: [],
      issuedAt: seen.at.now,
      expiresAt: grant.expiresAt,
      revoked: false,
    };
    await world.handles.put(handle);
    const revoker = new Client({ connectionString: world.database.url });
    await revoker.connect();
    await revoker.query('begin');
    await revoker.query('update handles set revoked_at = clock_timestamp() where id = $1', [id]);
    const recording = world.issuances.record(issuance(seen, { uses: [`handle:${id}`] }));
    await until('the record waits for the revoker', () => waits(world));
    await revoker.query('commit');
    await revoker.end();
    expect(await recording).toEqual({ kind: 'no_longer_live' });
  });

  test('I-6: two exchanges with the same two keys in opposite order do not lock each other out', async () => {
    const seen = await live(world.ledger);
    for (let round = 0; round < 10; round++) {
      const [a, b] = [`subject:a${round}`, `subject:b${round}`];
      const kinds = await Promise.all([
        world.issuances.record(issuance(seen, { uses: [a, b] })),
        world.issuances.record(issuance(seen, { uses: [b, a] })),
      ]);
      expect(kinds.map((one) => one.kind).sort()).toEqual(['recorded', 'used']);
    }
  });
});

/** Whether a record of this database waits for somebody's lock. */
async function waits(world: PostgresWorld): Promise<boolean> {
  const waiting = await world.database.sql(
    `select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like 'with %insert into tokens%'`,
  );
  return waiting.length === 1;
}
