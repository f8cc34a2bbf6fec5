/** Shows how tokens that come together are recorded: with few statements, none for a grant that is gone, the trail without a hole. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Instant, person } from '@sallyport/core';
import { crowdPolicy } from '@sallyport/testkit/contracts';
import { Client } from 'pg';
import { issuance, type Live, live, must, revoke, until } from './acts.support.ts';
import { verifyDatabase } from './audit/verify.ts';
import { AUDIT_KEY, openWorld, type PostgresWorld } from './world.support.ts';

describe('tokens that come together', () => {
  let world: PostgresWorld;
  let grants: readonly Live[];
  beforeAll(async () => {
    world = await openWorld(crowdPolicy(), { role: 'sallyport_broker' });
  });
  afterAll(() => world.close());

  let members = 0;
  /** Grants of different people: what happens to one is no stranger's business. */
  beforeEach(async () => {
    const made: Live[] = [];
    for (let count = 0; count < 4; count++) {
      const who = person(`member-${members}`);
      members += 1;
      made.push(await live(world.ledger, { subject: who, requester: who }));
    }
    grants = made;
  });

  const one = (index: number): Live => {
    const seen = grants[index];
    if (seen === undefined) throw new Error('four grants');
    return seen;
  };
  const rowsOf = (seen: Live) =>
    world.database.sql('select from tokens where grant_id = $1', [seen.value.grant.id]).then((rows) => rows.length);
  /** Every lane of the trail is dense, and every row is what was written. */
  const trailHolds = async () =>
    expect(await verifyDatabase({ url: world.database.url }, AUDIT_KEY)).toMatchObject({ ok: true });

  test('forty tokens of four grants take a handful of statements', async () => {
    world.sent.length = 0;
    const all = Array.from({ length: 40 }, (_, index) => issuance(one(index % 4)));
    const kinds = await Promise.all(all.map((each) => world.issuances.record(each)));
    expect(kinds).toEqual(all.map(() => ({ kind: 'recorded' })));
    expect(world.sent.length).toBeLessThanOrEqual(4);
    for (const each of all) expect((await world.issuances.find(each.token.jti))?.value.token).toEqual(each.token);
    await trailHolds();
  });

  test('I-9: a grant that was revoked gives none, the others all theirs', async () => {
    must(await revoke(world.ledger, one(1).value.request.id));
    const kinds = await Promise.all(
      Array.from({ length: 12 }, (_, index) => world.issuances.record(issuance(one(index % 4)))),
    );
    expect(kinds.map((each) => each.kind)).toEqual(
      kinds.map((_, index) => (index % 4 === 1 ? 'no_longer_live' : 'recorded')),
    );
    expect(await rowsOf(one(1))).toBe(0);
    await trailHolds();
  });

  test('I-9: while a grant is being revoked strangers do not wait, and it gives nothing once that is done', async () => {
    const revoker = new Client({ connectionString: world.database.url });
    await revoker.connect();
    await revoker.query('begin');
    await revoker.query(
      `update grants set state = 'revoked', ended_at = clock_timestamp(), ended_by = 'person:x', mac = 'changed' where id = $1`,
      [one(2).value.grant.id],
    );
    const stuck = world.issuances.record(issuance(one(2)));
    const strangers = await Promise.all([0, 1, 3].map((index) => world.issuances.record(issuance(one(index)))));
    expect(strangers).toEqual(strangers.map(() => ({ kind: 'recorded' })));
    await revoker.query('commit');
    await revoker.end();
    expect(await stuck).toEqual({ kind: 'no_longer_live' });
  });

  test('I-6: a key that was used is its own trouble: the others are recorded', async () => {
    const taken = issuance(one(0), { uses: ['subject:taken'] });
    await world.issuances.record(taken);
    const kinds = await Promise.all(
      ['subject:free', 'subject:taken', 'subject:other'].map((key) =>
        world.issuances.record(issuance(one(1), { uses: [key] })),
      ),
    );
    expect(kinds).toMatchObject([
      { kind: 'recorded' },
      { kind: 'used', key: 'subject:taken', earlier: { token: taken.token } },
      { kind: 'recorded' },
    ]);
    await trailHolds();
  });

  test('I-6: the same key twice in one batch gives one token', async () => {
    const kinds = await Promise.all(
      [0, 1, 2].map((index) => world.issuances.record(issuance(one(index), { uses: ['subject:twice'] }))),
    );
    expect(kinds.map((each) => each.kind).sort()).toEqual(['recorded', 'used', 'used']);
  });

  test('I-2: a token that ends after its grant spoils nobody else’s', async () => {
    const late = issuance(one(3));
    const expiresAt = (one(3).value.grant.expiresAt + 1_000) as Instant;
    const kinds = await Promise.all([
      world.issuances.record({ ...late, token: { ...late.token, expiresAt } }),
      world.issuances.record(issuance(one(3))),
      world.issuances.record(issuance(one(0))),
    ]);
    expect(kinds.map((each) => each.kind)).toEqual(['no_longer_live', 'recorded', 'recorded']);
  });

  test('I-25: a grant whose row is not what was read gives nothing', async () => {
    await world.database.sql(`update grants set mac = repeat('0', 64) where id = $1`, [one(0).value.grant.id]);
    const kinds = await Promise.all([0, 1].map((index) => world.issuances.record(issuance(one(index)))));
    expect(kinds.map((each) => each.kind)).toEqual(['no_longer_live', 'recorded']);
  });

  test('a server that went away is everybody’s trouble, and nothing is left behind', async () => {
    const before = await rowsOf(one(0));
    const holder = new Client({ connectionString: world.database.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table tokens in exclusive mode');
    const all = [0, 0, 1].map((index) =>
      world.issuances.record(issuance(one(index))).catch((error: Error) => error.name),
    );
    await until('the record waits', async () => {
      const waiting = await world.database.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like 'with asked%'`,
      );
      return waiting.length > 0;
    });
    await holder.query('rollback');
    await holder.end();
    expect(await Promise.all(all)).toEqual(['StoreUnavailable', 'StoreUnavailable', 'StoreUnavailable']);
    expect(await rowsOf(one(0))).toBe(before);
  });
});
