/** Shows the trail's laws: only ever added to, dense in each lane, verifiable offline, and enough to rebuild everything. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AccessCase, err, minutes, ok, type RequestId } from '@sallyport/core';
import { aPolicy, BOB, byline, CAROL, DAN, DAVE, DEPLOY, ORDERS, ORDERS_READ } from '@sallyport/testkit';
import { click, codeOf, issuance, live, must, open, revoke, revokeToken, until } from './acts.support.ts';
import { exportLines, storedLeaves } from './audit/export.ts';
import { foldTrail } from './audit/fold.ts';
import { hashedCase } from './audit/hashed-text.ts';
import { type Leaf, parseLeaf } from './audit/leaf.ts';
import { verifyDatabase, verifyExport } from './audit/verify.ts';
import { AUDIT_KEY, openWorld, type PostgresWorld } from './world.support.ts';

describe('the trail', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy());
  });
  afterAll(() => world.close());

  test.each(['audit', 'decisions', 'tokens', 'token_revocations', 'policy_versions'])(
    '%s: nobody updates, deletes or truncates, not even its owner',
    async (table) => {
      const column = { tokens: 'mac', audit: 'mac' }[table] ?? 'mac';
      const tries = [`update ${table} set ${column} = 'x'`, `delete from ${table}`, `truncate ${table} cascade`];
      for (const text of tries) await expect(world.database.sql(text)).rejects.toThrow(/only ever added/);
      await world.database.sql('set session_replication_role = replica');
      await expect(world.database.sql(`delete from ${table}`)).rejects.toThrow(/only ever added/);
      await world.database.sql('reset session_replication_role');
    },
  );

  test('requests and grants are never deleted', async () => {
    for (const table of ['requests', 'grants']) {
      await expect(world.database.sql(`delete from ${table}`)).rejects.toThrow(/only ever added/);
    }
  });

  test('I-14: folding the trail rebuilds requests, decisions, grants and tokens', async () => {
    const told = await story(world);
    const { cases, tokens } = await foldTrail(leaves(world));
    for (const id of told.requests) {
      const stored = (await world.ledger.find(id))?.value as AccessCase;
      expect(cases.get(id)).toEqual(hashedCase(stored));
    }
    expect(cases.size).toBe((await world.database.sql('select from requests')).length);
    for (const jti of told.tokens) {
      const found = (await world.issuances.find(jti))?.value;
      expect(tokens.get(jti)).toEqual({ token: found?.token, revoked: found?.revoked });
    }
  });

  test('I-15: no free text in the trail: only its hash and length', async () => {
    const secret = 'hunter2 is what I typed';
    const c = await open(world.ledger, { justification: secret, ticket: 'TICKET-hunter2' });
    must(await click(world.ledger, c.request.id, DAN.id, { verdict: 'deny', reason: `because ${secret}` }));
    await world.ledger.note({
      refusal: { code: 'subject_token_rejected', why: 'claims said "hunter2"\nand more' },
      by: byline(),
      attempted: 'exchange',
    });
    const [row] = await world.database.sql<{ hits: number }>(
      `select count(*)::int as hits from audit where convert_from(leaf, 'UTF8') ilike '%hunter2%'`,
    );
    expect(row?.hits).toBe(0);
  });

  test('a refused attempt says who, by which door, what and why', async () => {
    const c = await open(world.ledger);
    expect(codeOf(await click(world.ledger, c.request.id, DAVE.id))).toBe('not_an_approver');
    const refused = await world.ledger.open(
      { subject: DEPLOY, resource: ORDERS },
      () =>
        err({
          code: 'policy_forbids',
          because: {
            check: 'a_rule_matches',
            met: false,
            parts: [{ check: 'role_exists', met: false, about: 'admin', parts: [] }],
          },
        }),
      byline({ address: '192.0.2.1' }),
    );
    expect(refused.ok).toBe(false);
    const attempts = (await all(world)).filter((leaf) => leaf.type === 'attempt.refused').slice(-2);
    expect(attempts).toMatchObject([
      {
        actor: 'person:dave@acme.test',
        door: 'slack',
        external: 'slack:T01TEST/dave@acme.test',
        request_id: c.request.id,
        reason_code: 'not_an_approver',
        revision: 1,
        digest: c.request.digest,
        policy_version: aPolicy().version,
        trace_id: 'trace-1',
      },
      { reason_code: 'policy_forbids', why: 'role_exists admin', address: '192.0.2.1', attempted: 'open' },
    ]);
  });

  test('counters are dense in every lane, rollbacks and refusals among them', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const c = await open(world.ledger);
        if (index % 3 === 0) {
          await world.ledger
            .transact(
              c.request.id,
              () => {
                throw new Error('a bug');
              },
              byline(),
            )
            .catch(() => undefined);
        }
        await click(world.ledger, c.request.id, DAN.id);
        await click(world.ledger, c.request.id, DAN.id);
        await click(world.ledger, c.request.id, DAVE.id);
      }),
    );
    const holes = await world.database.sql(
      'select lane from audit group by lane having min(counter) <> 1 or max(counter) <> count(*)',
    );
    expect(holes).toEqual([]);
  });

  test('the whole trail verifies, in the database and from an export', async () => {
    const inPlace = await verifyDatabase({ url: world.database.url }, AUDIT_KEY);
    expect(inPlace).toMatchObject({ ok: true, lanesChecked: true });
    const lines = await collect(exportLines({ url: world.database.url }));
    const { ok: fine, rows } = await verifyExport(lines, AUDIT_KEY);
    expect([fine, rows]).toEqual([true, inPlace.rows]);
    expect(await verifyExport(lines, new Uint8Array(32).fill(8))).toMatchObject({
      ok: false,
      bad: { row: 1, kind: 'unknown_key' },
    });
  });

  test('the export of one request is its rows alone; their MACs verify, its lanes cannot', async () => {
    const c = await open(world.ledger);
    must(await click(world.ledger, c.request.id, DAN.id));
    const lines = await collect(exportLines({ url: world.database.url, request: c.request.id }));
    expect(lines).toHaveLength(3);
    expect(lines.slice(1).map((line) => JSON.parse(line).type)).toEqual(['request.opened', 'decision.made']);
    expect(await verifyExport(lines, AUDIT_KEY)).toMatchObject({ ok: true, rows: 2, lanesChecked: false });
  });

  test('DB-2: what a superuser does to the trail with its triggers off is found', async () => {
    const spoiled = await openWorld(aPolicy());
    try {
      for (let count = 0; count < 4; count++) await open(spoiled.ledger);
      await spoiled.database.sql('alter table audit disable trigger audit_stays');
      const verdict = () => verifyDatabase({ url: spoiled.database.url }, AUDIT_KEY);
      const spoil = async (text: string) => {
        await spoiled.database.sql('begin');
        await spoiled.database.sql('create table kept as select * from audit');
        await spoiled.database.sql('commit');
        await spoiled.database.sql(text);
        const found = await verdict();
        await spoiled.database.sql('delete from audit');
        await spoiled.database.sql('insert into audit overriding system value select * from kept order by id');
        await spoiled.database.sql('drop table kept');
        return found;
      };
      expect(await verdict()).toMatchObject({ ok: true });
      const bitFlip = `update audit set leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) where id = (select min(id) + 1 from audit)`;
      expect(await spoil(bitFlip)).toMatchObject({ ok: false, bad: { row: 2, kind: 'mac_mismatch' } });
      const deleted = `delete from audit where type = 'request.opened' and id = (select min(id) + 2 from audit)`;
      expect(await spoil(deleted)).toMatchObject({ ok: false, bad: { kind: 'lane_hole' } });
      const swapped = `update audit a set leaf = b.leaf, mac = b.mac from audit b
        where a.id = (select max(id) - 1 from audit) and b.id = (select max(id) from audit)`;
      expect(await spoil(swapped)).toMatchObject({ ok: false, bad: { kind: 'lane_hole' } });
      expect(await verdict()).toMatchObject({ ok: true });
    } finally {
      await spoiled.close();
    }
  });

  test('an unknown commit ends its lane, and the next lane names the last sure number', async () => {
    const fragile = await openWorld(aPolicy(), { connectionsMax: 1 });
    try {
      await open(fragile.ledger);
      const [before] = await all(fragile).then((leafs) => leafs.slice(-1));
      // Ends the connection during the commit, once the client has sent it.
      await fragile.database.sql(`
        create function fall_over() returns trigger language plpgsql as $$
        begin
          perform pg_terminate_backend(pg_backend_pid());
          return null;
        end $$`);
      await fragile.database.sql(`create constraint trigger falls_over after insert on requests
        deferrable initially deferred for each row execute function fall_over()`);
      await expect(open(fragile.ledger)).rejects.toMatchObject({ trouble: 'commit_unknown' });
      await fragile.database.sql('drop trigger falls_over on requests');
      await until('the pool has a new connection', async () =>
        open(fragile.ledger).then(
          () => true,
          () => false,
        ),
      );
      const [after] = await all(fragile).then((leafs) => leafs.slice(-1));
      expect(after).toMatchObject({ counter: 1, follows: { lane: before?.lane, counter: before?.counter } });
      expect(after?.lane).not.toBe(before?.lane);
      expect(fragile.alarms).toContainEqual({ event: 'commit.unknown', lane: before?.lane, counter: before?.counter });
      expect(await verifyDatabase({ url: fragile.database.url }, AUDIT_KEY)).toMatchObject({ ok: true });
    } finally {
      await fragile.close();
    }
  });
});

/** A bit of everything that leaves rows. */
async function story(
  world: PostgresWorld,
): Promise<{ requests: RequestId[]; tokens: ReturnType<typeof issuance>['token']['jti'][] }> {
  const { ledger, issuances } = world;
  const denied = await open(ledger, { ticket: 'OPS-1' });
  must(await click(ledger, denied.request.id, DAN.id));
  must(await click(ledger, denied.request.id, DAN.id, { verdict: 'deny', reason: 'not today' }));
  const narrowed = await open(ledger);
  must(await click(ledger, narrowed.request.id, CAROL.id));
  must(await click(ledger, narrowed.request.id, DAN.id, { narrow: { scopes: [ORDERS_READ], duration: minutes(10) } }));
  must(await click(ledger, narrowed.request.id, BOB.id, { revision: 2 }));
  const used = await live(ledger);
  const [a, b] = [issuance(used), issuance(used)];
  await issuances.record(a);
  await issuances.record(b);
  must(await revokeToken(ledger, used.value.request.id, a.token.jti));
  must(await revoke(ledger, used.value.request.id));
  const expired = await open(ledger, { expiresAt: (world.postgres.clock.now() + minutes(1)) as never });
  await world.advance(minutes(2));
  await ledger.sweep(100);
  const canceled = await open(ledger);
  const by = canceled.request.requester;
  must(
    await ledger.transact(
      canceled.request.id,
      (c, at) => {
        const event = { type: 'request.canceled', at: at.now, by } as const;
        return ok({
          next: {
            ...c,
            version: c.version + 1,
            request: { ...c.request, status: { state: 'canceled', at: at.now, by } },
          },
          events: [event],
        });
      },
      byline(),
    ),
  );
  return {
    requests: [denied, narrowed, used.value, expired, canceled].map((c) => c.request.id),
    tokens: [a.token.jti, b.token.jti],
  };
}

async function* leaves(world: PostgresWorld): AsyncGenerator<Leaf> {
  for await (const { bytes } of storedLeaves({ url: world.database.url })) {
    const leaf = parseLeaf(bytes);
    if (leaf === undefined) throw new Error('a stored leaf does not parse');
    yield leaf;
  }
}

function all(world: PostgresWorld): Promise<Leaf[]> {
  return collect(leaves(world));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
