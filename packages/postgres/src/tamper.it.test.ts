/** Shows I-25: a row changed behind the programs' back is refused with an alarm, never used. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok, type Policy, person } from '@sallyport/core';
import { aPolicy, BOB, byline, changed, DAN, seededChance, sha256Hashing } from '@sallyport/testkit';
import { crowdPolicy } from '@sallyport/testkit/contracts';
import { click, issuance, live, must, open, revokeToken } from './acts.support.ts';
import { openWorld, type PostgresWorld } from './world.support.ts';

const chance = seededChance('tampered links');

/** People whose accounts the policy does not say. */
function withoutAccounts(policy: Policy): Policy {
  return changed(policy, { people: policy.people.map(({ slack: _, ...entry }) => entry) });
}

describe('I-25: a row that is not what was written is refused with an alarm', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(crowdPolicy());
    for (const table of ['decisions', 'tokens', 'token_revocations', 'policy_versions']) {
      await world.database.sql(`alter table ${table} disable trigger all`);
    }
  });
  afterAll(() => world.close());

  let members = 0;
  /** Somebody else each time: a bad row holds up its own subject. */
  const mine = () => {
    members += 1;
    const who = person(`member-${members}`);
    return { subject: who, requester: who };
  };
  const alarmed = (table: string) =>
    world.alarms.filter((alarm) => alarm.event === 'row.tampered' && alarm.table === table);

  test('a grant that lasts longer: no read, no record, no revoke by that row', async () => {
    const seen = await live(world.ledger, mine());
    await world.database.sql(`update grants set expires_at = expires_at + interval '1 day' where id = $1`, [
      seen.value.grant.id,
    ]);
    await expect(world.ledger.find(seen.value.request.id)).rejects.toMatchObject({
      name: 'TamperFound',
      table: 'grants',
    });
    const { subject, access } = seen.value.request;
    const covering = { subject, resource: access.resource, useKeys: [] };
    await expect(world.ledger.covering(covering)).rejects.toMatchObject({ name: 'TamperFound' });
    expect(alarmed('grants').length).toBeGreaterThanOrEqual(2);
    await world.database.sql(`update grants set expires_at = expires_at - interval '1 day' where id = $1`, [
      seen.value.grant.id,
    ]);
    expect((await world.ledger.find(seen.value.request.id))?.value).toEqual(seen.value);
  });

  test('a grant brought back to life: nothing is recorded on it', async () => {
    const seen = await live(world.ledger, mine());
    await world.database.sql(`update grants set mac = repeat('0', 64) where id = $1`, [seen.value.grant.id]);
    expect(await world.issuances.record(issuance(seen))).toEqual({ kind: 'no_longer_live' });
    await expect(world.ledger.findByGrant(seen.value.grant.id)).rejects.toMatchObject({ name: 'TamperFound' });
    await world.database.sql(`delete from tokens where grant_id = $1`, [seen.value.grant.id]);
  });

  test('a request with an easier quorum, or another subject', async () => {
    const c = await open(world.ledger, mine());
    await world.database.sql(
      `update requests set lines = '[{"count": 1, "from": [{"kind": "anyone"}]}]' where id = $1`,
      [c.request.id],
    );
    await expect(click(world.ledger, c.request.id, DAN.id)).rejects.toMatchObject({
      name: 'TamperFound',
      table: 'requests',
    });
    expect(alarmed('requests').length).toBe(1);
  });

  test('a decision that somebody else made', async () => {
    const c = await open(world.ledger, mine());
    must(await click(world.ledger, c.request.id, DAN.id));
    await world.database.sql('update decisions set person = $2 where request_id = $1', [c.request.id, BOB.id]);
    await expect(click(world.ledger, c.request.id, DAN.id)).rejects.toMatchObject({
      name: 'TamperFound',
      table: 'decisions',
    });
  });

  test('a decision copied from another request', async () => {
    const [from, to] = [await open(world.ledger, mine()), await open(world.ledger, mine())];
    must(await click(world.ledger, from.request.id, DAN.id));
    await world.database.sql(
      `insert into decisions (id, request_id, revision, digest, person, verdict, lines, at, mac_key, mac)
       select 'dec_' || repeat('0', 26), $2, revision, $3, person, verdict, lines, at, mac_key, mac from decisions where request_id = $1`,
      [from.request.id, to.request.id, to.request.digest],
    );
    await expect(click(world.ledger, to.request.id, BOB.id)).rejects.toMatchObject({
      name: 'TamperFound',
      table: 'decisions',
    });
  });

  test('a token with more scope, and a revocation that is not ours', async () => {
    const seen = await live(world.ledger, mine());
    const one = issuance(seen);
    await world.issuances.record(one);
    must(await revokeToken(world.ledger, seen.value.request.id, one.token.jti));
    await world.database.sql(`update token_revocations set by = 'client:other' where jti = $1`, [one.token.jti]);
    await expect(world.issuances.find(one.token.jti)).rejects.toMatchObject({
      name: 'TamperFound',
      table: 'token_revocations',
    });
    await world.database.sql(
      `update tokens set scopes = '{"orders:read","orders:write","orders:drop"}' where jti = $1`,
      [one.token.jti],
    );
    await expect(world.issuances.find(one.token.jti)).rejects.toMatchObject({ name: 'TamperFound', table: 'tokens' });
  });

  test('a Slack account whose link was given to an approver acts for nobody; news of other links goes on', async () => {
    const links = world.slackLinks;
    const link = async (user: string, to: string) => {
      const account = { team: 'T01TEST', user };
      const [id, confirmation] = [sha256Hashing.digestOf(user), sha256Hashing.digestOf(`told ${user}`)];
      await links.offer({ id, account, claimedName: user, confirmation }, byline());
      const linkId = chance.linkId();
      const made = await links.confirm(id, { person: person(to).id, confirmation, linkId }, byline());
      if (!made.ok) throw new Error(made.error.code);
      return account;
    };
    await world.put(withoutAccounts(crowdPolicy()));
    const [bad, good] = [await link('U01BAD', 'member-1'), await link('U01GOOD', 'member-2')];
    await world.database.sql(`update slack_links set person = $1 where slack_user = 'U01BAD'`, [DAN.id]);
    const tampered = { name: 'TamperFound', table: 'slack_links' };
    await expect(links.ofAccount(bad)).rejects.toMatchObject(tampered);
    const c = await open(world.ledger, mine());
    const by = byline({ door: 'slack', principal: DAN, account: bad });
    const decided = world.ledger.transact(c.request.id, () => ok('unchanged'), by);
    await expect(decided).rejects.toMatchObject(tampered);
    expect(await links.ofPeople([DAN.id, person('member-2').id])).toMatchObject([{ account: good }]);
    expect(await links.claimNews(10)).toMatchObject([{ link: { account: good } }]);
    await world.put(crowdPolicy());
  });

  test('a list leaves the bad row out, and shows the others', async () => {
    const [bad, good] = [await open(world.ledger, mine()), await open(world.ledger, mine())];
    await world.database.sql(`update requests set justification = 'other words' where id = $1`, [bad.request.id]);
    const ids = (await world.ledger.pending(100)).value.map((c) => c.request.id);
    expect(ids).toContain(good.request.id);
    expect(ids).not.toContain(bad.request.id);
  });

  test('a policy document changed in place is not put in force by anybody', async () => {
    const spoiled = await openWorld(aPolicy());
    try {
      await spoiled.database.sql('alter table policy_versions disable trigger all');
      await spoiled.database.sql(
        `update policy_versions set document = replace(document, 'require_approval', 'auto_approve')`,
      );
      await expect(spoiled.postgres.policies.refresh()).rejects.toMatchObject({
        name: 'TamperFound',
        table: 'policy_versions',
      });
      expect(() => spoiled.postgres.policies.inForce()).toThrow(/no_policy/);
      await expect(open(spoiled.ledger)).rejects.toMatchObject({ name: 'TamperFound' });
    } finally {
      await spoiled.close();
    }
  });
});
