/** Shows what the feed owes to Postgres: late commits, many rows, a database that is not the one a position is of, rows that were touched. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FeedPosition, Revocation } from '@sallyport/core';
import { aPolicy, byline } from '@sallyport/testkit';
import { Client } from 'pg';
import { issuance, live, revoke, revokeToken, until } from '../acts.support.ts';
import { openWorld, type PostgresWorld } from '../world.support.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await openWorld(aPolicy(), { role: 'sallyport_broker' });
});
afterAll(() => world.close());

const nameOf = ({ what }: Revocation): string => (what.kind === 'token' ? what.jti : what.grantId);
const tip = () => world.postgres.revocations.tip();

/** Everything after a position, page by page, and where that ends. */
async function drain(after: FeedPosition, limitMax = 100) {
  const names: string[] = [];
  let at = after;
  for (let more = true; more; ) {
    const page = await world.postgres.revocations.read({ after: at, limitMax });
    names.push(...page.items.map((item) => nameOf(item.revocation)));
    [at, more] = [page.next, page.more];
  }
  return { names, at };
}

/** A transaction of somebody else, in which a token was given back, not yet committed. */
async function openTransaction() {
  const seen = await live(world.ledger);
  const one = issuance(seen);
  await world.issuances.record(one);
  const client = new Client({ connectionString: world.database.url });
  await client.connect();
  await client.query('begin');
  await client.query(
    `insert into audit (at, instance, lane, counter, type, request_id, grant_id, jti, trace_id, leaf, mac_key, mac)
     values (clock_timestamp(), 'x', $1, 1, 'token.revoked', $2, $3, $1, 'x', '\\x00', 'k', md5($1))`,
    [one.token.jti, one.token.requestId, one.token.grantId],
  );
  return {
    name: one.token.jti as string,
    commit: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

describe('the order of commits', () => {
  test('I-9: what began earlier and commits later is told, by every position in between, and once', async () => {
    const before = await tip();
    const late = await openTransaction();
    const [first, second] = [await live(world.ledger), await live(world.ledger)];
    await revoke(world.ledger, first.value.request.id);
    const read = await drain(before);
    expect(read.names).toEqual([first.value.grant.id]);
    const later = await openTransaction();
    await revoke(world.ledger, second.value.request.id);
    const again = await drain(read.at);
    expect(again.names).toEqual([second.value.grant.id]);
    await later.commit();
    expect((await drain(again.at)).names).toEqual([later.name]);
    await late.commit();
    expect((await drain(again.at)).names).toEqual([late.name, later.name]);
    const all = await drain(before, 1);
    expect(new Set(all.names)).toEqual(new Set([late.name, later.name, first.value.grant.id, second.value.grant.id]));
    expect(all.names).toHaveLength(4);
    expect((await drain(all.at)).names).toEqual([]);
  });

  test('I-9: up to a position that had not seen it, a late commit is left for later', async () => {
    const before = await tip();
    const late = await openTransaction();
    const seen = await live(world.ledger);
    await revoke(world.ledger, seen.value.request.id);
    const upTo = await tip();
    await late.commit();
    const page = await world.postgres.revocations.read({ after: before, upTo, limitMax: 10 });
    expect(page.items.map((item) => nameOf(item.revocation))).toEqual([seen.value.grant.id]);
    expect((await drain(page.next)).names).toEqual([late.name]);
  });

  test('I-9: writers at once, and a reader that never stops: each is told once', async () => {
    let at = await tip();
    const grants = [];
    for (let n = 0; n < 40; n += 1) grants.push(await live(world.ledger));
    const heard: string[] = [];
    let writing = true;
    const hear = async (): Promise<void> => {
      const read = await drain(at, 7);
      heard.push(...read.names);
      at = read.at;
    };
    const reader = (async () => {
      while (writing) await hear();
    })();
    await Promise.all(grants.map((seen) => revoke(world.ledger, seen.value.request.id)));
    writing = false;
    await reader;
    await hear();
    expect(heard.sort()).toEqual(grants.map((seen) => seen.value.grant.id as string).sort());
  });
});

test('I-9: five thousand at once come in pages, none twice, none missing; one transaction may be longer than a page', async () => {
  const before = await tip();
  const seen = await live(world.ledger);
  const one = issuance(seen);
  await world.issuances.record(one);
  const { jti, requestId, grantId } = one.token;
  await world.database.sql(
    `insert into tokens select 'tok_' || lpad(n::text, 26, '0'), grant_id, request_id, subject, audience, client_id, scopes, issued_at,
       expires_at, recorded_at, mac_key, mac from tokens, generate_series(1, 5000) n where jti = $1`,
    [jti],
  );
  await world.database.sql(
    `insert into audit (at, instance, lane, counter, type, request_id, grant_id, jti, trace_id, leaf, mac_key, mac)
     select clock_timestamp(), 'x', 'many', n, 'token.revoked', $1, $2, 'tok_' || lpad(n::text, 26, '0'), 'x', '\\x00', 'k',
       md5(n::text) from generate_series(1, 5000) n`,
    [requestId, grantId],
  );
  const { names, at } = await drain(before, 700);
  expect([names.length, new Set(names).size]).toEqual([5_000, 5_000]);
  expect((await drain(at)).names).toEqual([]);
  await world.database.sql('set enable_seqscan = off');
  const [plan] = await world.database.sql(
    `explain (format json) select id from audit
     where type in ('grant.revoked', 'token.revoked', 'token.barred') and (xid, id) > ('1', 0) order by xid, id limit 10`,
  );
  expect(JSON.stringify(plan)).toContain('audit_ended');
}, 30_000);

describe('a position of another database', () => {
  test('I-9: a mark that is not there, or is another row, reads from the beginning', async () => {
    const seen = await live(world.ledger);
    await revoke(world.ledger, seen.value.request.id);
    const ours = await tip();
    const elsewhere = await openWorld(aPolicy());
    try {
      const there = await live(elsewhere.ledger);
      await revoke(elsewhere.ledger, there.value.request.id);
      const page = await elsewhere.postgres.revocations.read({ after: ours, limitMax: 10 });
      expect(page.items.map((item) => nameOf(item.revocation))).toEqual([there.value.grant.id]);
    } finally {
      await elsewhere.close();
    }
  });
});

describe('rows that were touched', () => {
  test('I-25, I-9: raise the alarm, and end access all the same', async () => {
    const before = await tip();
    const seen = await live(world.ledger);
    const { id } = seen.value.request;
    await revoke(world.ledger, id);
    await world.database.sql(`update grants set ended_by = 'person:mallory' where id = $1`, [seen.value.grant.id]);
    const alarms = world.alarms.length;
    expect((await drain(before)).names).toEqual([seen.value.grant.id]);
    expect(world.alarms.slice(alarms)).toContainEqual({
      event: 'row.tampered',
      table: 'grants',
      rowId: seen.value.grant.id,
    });
  });
});

describe('listening', () => {
  test('a revoke is heard, a decision is not', async () => {
    let wakes = 0;
    const listening = world.postgres.listenRevocations(() => {
      wakes += 1;
    });
    try {
      await until('it hears', () => wakes === 1 && listening.hears());
      const seen = await live(world.ledger);
      const one = issuance(seen);
      await world.issuances.record(one);
      expect(wakes).toBe(1);
      await revokeToken(world.ledger, one.token.requestId, one.token.jti);
      await until('a revoked token', () => wakes === 2);
      await revoke(world.ledger, seen.value.request.id);
      await until('a revoked grant', () => wakes === 3);
      const barred = issuance(await live(world.ledger));
      await world.issuances.record(barred);
      const found = await world.postgres.issuances.find(barred.token.jti);
      if (found === undefined) throw new Error('not recorded');
      await world.postgres.liveTokens.bar(
        { value: [{ token: found.value.token, case: found.value.case }], at: found.at },
        byline({ door: 'worker' }),
      );
      await until('a barred token', () => wakes === 4);
    } finally {
      await listening.stop();
    }
  });
});
