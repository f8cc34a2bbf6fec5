/** Shows the outbox's laws: claimed by one, handed again until done, never forgotten; and the ear that is woken by commits. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seconds } from '@sallyport/core';
import { aPolicy, DAN } from '@sallyport/testkit';
import { click, live, must, open, until } from './acts.support.ts';
import { openWorld, type PostgresWorld } from './world.support.ts';

describe('the outbox', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy());
  });
  beforeEach(() => world.database.sql('delete from outbox'));
  afterAll(() => world.close());
  const { outbox } = { outbox: () => world.postgres.outbox };

  test('rows carry ids, the case’s version and when time will act', async () => {
    const seen = await live(world.ledger);
    const rows = await outbox().claim(100);
    expect(rows.map((row) => [row.event, row.caseVersion, row.try])).toEqual([
      ['request.opened', 1, 1],
      ['decision.made', 2, 1],
      ['decision.made', 3, 1],
      ['request.approved', 3, 1],
      ['grant.started', 3, 1],
    ]);
    expect(rows[0]).toMatchObject({ requestId: seen.value.request.id, dueAt: seen.value.request.expiresAt });
    expect(rows[4]).toMatchObject({ grantId: seen.value.grant.id, dueAt: seen.value.grant.expiresAt });
  });

  test('two relays at once never claim the same row', async () => {
    for (let count = 0; count < 20; count++) await open(world.ledger);
    const claims = await Promise.all(Array.from({ length: 4 }, () => outbox().claim(5)));
    const ids = claims.flat().map((row) => row.id);
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
    expect(await outbox().claim(100)).toEqual([]);
  });

  test('claimed but never handed: free again after five seconds, under the same try', async () => {
    await open(world.ledger);
    const [first] = await outbox().claim(10);
    await world.advance(seconds(6));
    expect(await outbox().claim(10)).toEqual([first]);
  });

  test('handed but not done: handed again after 30 s under a new try, then ever later, at most 5 min', async () => {
    await open(world.ledger);
    const waits: number[] = [];
    for (let turn = 1; turn <= 12; turn++) {
      const [row] = await outbox().claim(1);
      expect(row?.try).toBe(turn);
      await outbox().handed(row === undefined ? [] : [row]);
      const [wait] = await world.database.sql<{ s: number }>(
        'select round(extract(epoch from next_at - handed_at))::int as s from outbox',
      );
      waits.push(wait?.s ?? 0);
      expect(await outbox().claim(1)).toEqual([]);
      await world.advance(seconds((wait?.s ?? 0) + 1));
    }
    expect(waits).toEqual([30, 31, 32, 34, 38, 46, 62, 94, 158, 286, 300, 300]);
    expect(await outbox().state()).toMatchObject({ open: 1, alarming: 1 });
  });

  test('done is done, also when said twice or by a late consumer', async () => {
    await open(world.ledger);
    const [row] = await outbox().claim(1);
    await outbox().handed(row === undefined ? [] : [row]);
    await outbox().done(row?.id ?? 0);
    await outbox().done(row?.id ?? 0);
    expect(await outbox().prune(60_000, 100)).toBe(0);
    await world.advance(seconds(600));
    expect(await outbox().claim(10)).toEqual([]);
    expect(await outbox().state()).toEqual({ open: 0, oldestMs: 0, alarming: 0 });
    expect(await outbox().prune(60_000, 100)).toBe(1);
  });

  test('a consumer that cannot yet says later, and is asked again then', async () => {
    await open(world.ledger);
    const [row] = await outbox().claim(1);
    await outbox().handed(row === undefined ? [] : [row]);
    await outbox().later(row?.id ?? 0, 1_000);
    await world.advance(seconds(2));
    expect((await outbox().claim(1)).map((one) => one.try)).toEqual([2]);
  });

  test('the oldest row that is not done tells its age', async () => {
    await open(world.ledger);
    await world.advance(seconds(40));
    await open(world.ledger);
    const { oldestMs, open: count } = await outbox().state();
    expect(oldestMs).toBeGreaterThanOrEqual(40_000);
    expect(count).toBe(2);
  });

  test('a commit wakes the listener, a rollback does not, and a broken connection is opened again', async () => {
    let woken = 0;
    const listening = world.postgres.listenOutbox(() => {
      woken += 1;
    });
    try {
      await until('it hears', () => listening.hears());
      const { request } = await open(world.ledger);
      await until('woken by a commit', () => woken >= 2);
      const before = woken;
      must(await click(world.ledger, request.id, DAN.id));
      await until('woken by the next', () => woken > before);
      await world.database.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport listen' and datname = current_database()`,
      );
      const broken = woken;
      await until('it hears again, and says so for what was missed', () => listening.hears() && woken > broken);
      const again = woken;
      await open(world.ledger);
      await until('woken over the new connection', () => woken > again);
    } finally {
      await listening.stop();
    }
    expect(listening.hears()).toBe(false);
  });
});
