/** Who is who: connecting a Slack account to a person, taking it back, and accounts that are gone. In both modes. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ALICE, BOB, byline, DAN, withPerson } from '@sallyport/testkit/core';
import {
  codeIn,
  DAVE_ID,
  isHandedLink,
  links,
  pageOf,
  policyWithLogin,
  toldIn,
  WALT,
  WANDA,
  WANDA_ID,
} from './testing/linking.ts';
import { CHANNEL, ISSUER, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, cardReads, DAN_ID, isTold, refusals } from './testing/story.ts';

// A busy machine is no failure.
jest.setTimeout(30_000);

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse({ mode, policy: policyWithLogin() });
  });
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });

  const linkOf = (user: string) => house.world.slackLinks.ofAccount({ team: 'T01TEST', user });
  const trail = () => house.world.store.audit.map((row) => row.type);

  test('case 41: a member nobody knows is handed a link of their own, its code by direct message; then they are that person', async () => {
    const wanda = house.driver.as(WANDA_ID);
    const { code, told } = await isHandedLink(house, WANDA_ID);
    expect(code).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const [handed] = await wanda.ephemerals();
    expect(handed?.reads).toContain("Your Slack account isn't linked to a person yet. Connect it: sign in");
    expect(handed?.reads).not.toContain(told);
    expect(handed?.buttons).toMatchObject([
      {
        text: 'Connect your account',
        url: `${ISSUER}/link/slack?code=${code}`,
        accessibility_label: expect.anything(),
      },
    ]);
    const stored = JSON.stringify([...house.world.store.linkOffers.values()]);
    for (const secret of [code, told, told.replace('-', '')]) {
      expect(stored).not.toContain(secret);
      expect(house.logged.join()).not.toContain(secret);
    }
    expect([...house.world.store.linkOffers.values()]).toMatchObject([
      { account: { team: 'T01TEST', user: WANDA_ID }, claimedName: expect.stringContaining('anda') },
    ]);
    const confirmed = await pageOf(house).confirms(WANDA.id, { code, told });
    expect(confirmed.ok).toBe(true);
    const dm = await isTold(
      house,
      WANDA_ID,
      'Linked to Wanda Wu. What you ask for and decide in Slack now counts as theirs.',
    );
    expect(dm.buttons).toMatchObject([{ text: 'Unlink', confirm: expect.stringContaining('decide nothing in Slack') }]);
    await asks(house, { subject: 'workload:payments-deploy' });
    await isTold(house, WANDA_ID, 'Your approval counts for: dba.');
    await wanda.clicks('approve', { channel: CHANNEL });
    await cardReads(house, '1 of 2 approvals. Wanda Wu approved at ');
    expect((await pageOf(house).confirms(WALT.id, { code, told })).ok).toBe(false);
  });

  test('case 41: what waited for somebody before they were linked reaches them when they are', async () => {
    await asks(house);
    await links(house, WANDA_ID, WANDA.id);
    await isTold(house, WANDA_ID, 'Your approval counts for: dba.');
  });

  test('case 41: a code handed to one account links no other, and none after ten minutes', async () => {
    const mine = await isHandedLink(house, WANDA_ID);
    const other = await isHandedLink(house, DAVE_ID);
    const mixed = await pageOf(house).confirms(WANDA.id, { code: mine.code, told: other.told });
    expect(mixed).toMatchObject({ ok: false, error: { code: 'proof_rejected' } });
    await pageOf(house).confirms(WALT.id, other);
    expect([(await linkOf(WANDA_ID))?.person, (await linkOf(DAVE_ID))?.person]).toEqual([undefined, WALT.id]);
    house.clock.advance(600_000 as never);
    const late = await pageOf(house).confirms(WANDA.id, mine);
    expect(late).toMatchObject({ ok: false, error: { code: 'handle_expired' } });
  });

  test('case 41: linking another account ends the link of the first, which is told, and whose buttons and messages count no more', async () => {
    await links(house, WANDA_ID, WANDA.id);
    await asks(house);
    await isTold(house, WANDA_ID, 'Your approval counts for: dba.');
    await links(house, DAVE_ID, WANDA.id);
    const told = await isTold(house, WANDA_ID, 'This Slack account is not linked to Wanda Wu any more');
    expect(told.buttons).toEqual([]);
    await isTold(house, DAVE_ID, 'Your approval counts for: dba.');
    expect((await linkOf(WANDA_ID))?.person).toBeUndefined();
    await house.driver.as(WANDA_ID).clicks('approve', { channel: CHANNEL });
    await house.driver.until(() => refusals(house).includes('identity_rejected'));
    expect(house.world.store.cases.get(house.request())?.case.decisions).toEqual([]);
    await house.driver.as(DAVE_ID).clicks('approve', { channel: CHANNEL });
    await cardReads(house, 'Wanda Wu approved at ');
  });

  test('case 41: an account that is linked anew to somebody else is theirs from then on', async () => {
    const first = await isHandedLink(house, WANDA_ID);
    const second = await isHandedLink(house, WANDA_ID);
    await pageOf(house).confirms(WANDA.id, first);
    await pageOf(house).confirms(WALT.id, second);
    await isTold(house, WANDA_ID, 'This Slack account is not linked to Wanda Wu any more');
    await isTold(house, WANDA_ID, 'Linked to Walt Wei.');
    expect((await linkOf(WANDA_ID))?.person).toBe(WALT.id);
  });

  test('"Not you? Unlink": pressed, the account is nobody’s; pressed again, or on an older link, nothing happens', async () => {
    const first = await links(house, WANDA_ID, WANDA.id);
    const wanda = house.driver.as(WANDA_ID);
    await wanda.clicks('unlink_account', { request: first });
    await isTold(house, WANDA_ID, 'Your Slack account is not linked any more.');
    expect(await linkOf(WANDA_ID)).toBeUndefined();
    expect(trail()).toContain('slack.unlinked');
    await links(house, WANDA_ID, WANDA.id);
    await wanda.clicks('unlink_account', { request: first });
    await isTold(house, WANDA_ID, 'This link has ended already');
    expect((await linkOf(WANDA_ID))?.person).toBe(WANDA.id);
  });

  test('another person who presses a button of this link unlinks nobody', async () => {
    const id = await links(house, WANDA_ID, WANDA.id);
    await house.driver.as(BOB_ID).clicks('unlink_account', { request: id, force: true });
    expect((await linkOf(WANDA_ID))?.person).toBe(WANDA.id);
  });

  test('`unlink` ends one’s own link; what the policy says is not ended from Slack, and who has none is told so', async () => {
    await links(house, WANDA_ID, WANDA.id);
    await house.driver.as(WANDA_ID).types('/request-access unlink', { channel: CHANNEL });
    await isTold(house, WANDA_ID, 'Your Slack account is not linked any more.');
    await house.driver.as(WANDA_ID).types('/request-access unlink', { channel: CHANNEL });
    await isTold(house, WANDA_ID, "isn't linked, so there is nothing to unlink");
    await house.driver.as(BOB_ID).types('/request-access unlink', { channel: CHANNEL });
    await isTold(house, BOB_ID, 'was linked by whoever keeps the policy');
    await house.driver.as(BOB_ID).types('/request-access help', { channel: CHANNEL });
    await isTold(house, BOB_ID, '/request-access unlink ends the link');
  });

  test('the Home: connect, the link, how it is linked, unlink', async () => {
    const wanda = house.driver.as(WANDA_ID);
    await wanda.opensHome();
    const before = await house.driver.until(() => wanda.home());
    expect(before.reads).toContain("Your Slack account isn't linked to a person yet.");
    expect(before.buttons).toMatchObject([{ action_id: 'connect_account', text: 'Connect your account' }]);
    expect(house.world.store.linkOffers.size).toBe(0);
    await wanda.clicksAtHome('connect_account');
    const open = await house.driver.until(async () => {
      const home = await wanda.home();
      return home?.buttons[0]?.url === undefined ? undefined : home;
    });
    const code = new URL(open.buttons[0]?.url ?? '').searchParams.get('code') ?? '';
    const told = await house.driver.until(async () => toldIn(await wanda.dms()) || undefined);
    expect((await pageOf(house).confirms(WANDA.id, { code, told })).ok).toBe(true);
    const home = await house.driver.until(async () => {
      const seen = await wanda.home();
      return seen?.reads.includes('You are Wanda Wu') ? seen : undefined;
    });
    expect(home.reads).toContain('You linked this Slack account yourself');
    await wanda.clicksAtHome('unlink_account', home.buttons.find((one) => one.action_id === 'unlink_account')?.value);
    await house.driver.until(async () => (await wanda.home())?.reads.includes("isn't linked to a person yet"));
    await house.driver.as(BOB_ID).opensHome();
    const bobs = await house.driver.until(async () => {
      const seen = await house.driver.as(BOB_ID).home();
      return seen?.reads.includes('You are Bob Berg') ? seen : undefined;
    });
    expect(bobs.reads).toContain('Whoever keeps the policy linked this Slack account to you.');
    expect(bobs.buttons.map((one) => one.action_id)).not.toContain('unlink_account');
  });

  test('a Home that was opened before the link went elsewhere shows nothing of that person any more', async () => {
    await links(house, WANDA_ID, WANDA.id);
    const wanda = house.driver.as(WANDA_ID);
    await wanda.opensHome();
    await house.driver.until(async () => (await wanda.home())?.reads.includes('You are Wanda Wu'));
    await links(house, DAVE_ID, WANDA.id);
    await house.driver.until(async () => (await wanda.home())?.reads.includes('Open this tab again'));
    await asks(house);
    await isTold(house, DAVE_ID, 'Your approval counts for: dba.');
    expect((await wanda.home())?.reads).not.toContain('Wanda Wu');
    await wanda.opensHome();
    await house.driver.until(async () => (await wanda.home())?.reads.includes("isn't linked to a person yet"));
  });

  test('links are handed out a few times in ten minutes, and no more', async () => {
    for (let count = 0; count < 5; count += 1) await isHandedLink(house, WANDA_ID);
    await house.driver.as(WANDA_ID).types('/request-access', { channel: CHANNEL });
    await isTold(house, WANDA_ID, 'You asked for this a few times just now.');
    expect(house.world.store.linkOffers.size).toBe(5);
    await isHandedLink(house, DAVE_ID);
  });

  test('case 16: guests, strangers and organisations’ installations are handed nothing; a person removed or disabled is nobody', async () => {
    for (const user of ['U01GINA', 'U01SOLO']) {
      await house.driver.as(user).types('/request-access', { channel: CHANNEL });
      await isTold(house, user, 'Only full, active members');
    }
    for (const change of [{ team_id: 'T02OTHER' }, { is_enterprise_install: 'true' }]) {
      const before = refusals(house).length;
      await house.driver.deliver({ kind: 'command', payload: command(WANDA_ID, change) });
      await house.driver.until(() => refusals(house).length > before);
    }
    expect(house.world.store.linkOffers.size).toBe(0);
    expect((await house.driver.as(WANDA_ID).ephemerals()).flatMap((one) => one.buttons)).toEqual([]);
    await links(house, WANDA_ID, WANDA.id);
    await house.driver.as(WANDA_ID).types('/request-access list', { channel: CHANNEL });
    await isTold(house, WANDA_ID, 'You have no pending request');
    const policy = policyWithLogin();
    const gone = [withPerson(policy, WANDA.id, { enabled: false }), withPerson(policy, WANDA.id, undefined)];
    for (const [index, without] of gone.entries()) {
      house.world.policies.put(without);
      await house.driver.as(WANDA_ID).types('/request-access', { channel: CHANNEL });
      await house.driver.until(async () => {
        const said = await house.driver.as(WANDA_ID).ephemerals();
        return said.filter((one) => one.reads.includes('Send this to your admin')).length > index;
      });
    }
  });

  test('case 16: a W id works by its id; the policy’s word about account or person wins over a link', async () => {
    await links(house, WANDA_ID, WANDA.id);
    const asWalt = withPerson(policyWithLogin(), WALT.id, { slack: { team: 'T01TEST', user: WANDA_ID } });
    house.world.policies.put(asWalt);
    await asks(house);
    await house.driver.as(WANDA_ID).clicks('approve', { channel: CHANNEL });
    await cardReads(house, 'Walt Wei approved at ');
    house.world.policies.put(withPerson(asWalt, WANDA.id, { slack: { team: 'T01TEST', user: WANDA_ID } }));
    await house.driver.as(WANDA_ID).clicks('deny', { channel: CHANNEL });
    await house.driver.until(() => refusals(house).includes('identity_rejected'));
    expect((await house.driver.as(WANDA_ID).modal())?.callback_id).not.toBe('deny_request');
  });

  test('case 20: a Slack user group gives nobody anything, whatever it is called', async () => {
    await house.workspace.driver.snapshot();
    await links(house, WANDA_ID, WANDA.id);
    house.world.policies.put(withPerson(policyWithLogin(), WANDA.id, { groups: [] }));
    const group = { id: 'S01DBA', handle: 'dba', name: 'dba', users: [WANDA_ID, DAN_ID] };
    await fetch(`${house.workspace.url}/control/group`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(group),
    });
    await asks(house);
    await house.driver.as(WANDA_ID).clicks('approve', { channel: CHANNEL });
    await isTold(house, WANDA_ID, "You can't decide this one.");
    expect(refusals(house).at(-1)).toBe('not_an_approver');
  });

  test('case 21: an account that is deactivated: pending canceled, active revoked, decisions stand; the event twice ends nothing twice', async () => {
    await asks(house);
    const active = house.request();
    for (const user of [DAN_ID, BOB_ID]) await house.driver.as(user).clicks('approve', { channel: CHANNEL });
    await cardReads(house, 'Active until ');
    await asks(house, { subject: 'me' });
    const pending = house.request();
    await house.driver.as(DAN_ID).clicks('approve', { request: pending, channel: CHANNEL });
    await cardReads(house, '1 of 2 approvals');
    await house.driver.user({ id: ALICE_ID, deleted: true });
    await cardReads(house, 'Canceled at ');
    const caseOf = (id: typeof active) => house.world.store.cases.get(id)?.case;
    await house.driver.until(() => caseOf(active)?.grant?.status.state === 'revoked');
    expect(caseOf(active)?.grant?.status).toMatchObject({ because: 'account_deactivated' });
    expect(caseOf(pending)?.request.status).toMatchObject({ state: 'canceled', because: 'account_deactivated' });
    expect(caseOf(pending)?.decisions).toMatchObject([{ person: DAN.id, verdict: 'approve' }]);
    await house.driver.until(async () => {
      const reads = (await house.driver.channel(CHANNEL).messages()).map((message) => message.reads).join('\n');
      return ['Canceled', 'Ended early'].every((what) =>
        new RegExp(`${what} at [^:]+:\\d\\d[^:]*: account deactivated\\.`).test(reads),
      );
    });
    const before = trail().length;
    const event = { type: 'user_change', user: { id: ALICE_ID, team_id: 'T01TEST', deleted: true } };
    for (let times = 0; times < 2; times += 1) await house.driver.event(event, 'Ev01SAME');
    expect(trail()).toHaveLength(before);
  });

  test('case 21: an approver who is deactivated: what they decided stands, what they are asked goes on without them', async () => {
    await links(house, WANDA_ID, WANDA.id);
    await asks(house);
    await house.driver.as(WANDA_ID).clicks('approve', { channel: CHANNEL });
    await cardReads(house, '1 of 2 approvals. Wanda Wu approved at ');
    await house.driver.user({ id: WANDA_ID, deleted: true });
    await house.driver.until(async () => (await linkOf(WANDA_ID)) === undefined);
    await house.driver.as(BOB_ID).clicks('approve', { channel: CHANNEL });
    await cardReads(house, 'Active until ');
  });

  test('case 21: an old event about somebody who is back, or about a change of another kind, ends nothing', async () => {
    await links(house, WANDA_ID, WANDA.id);
    await asks(house);
    const event = { type: 'user_change', user: { id: ALICE_ID, team_id: 'T01TEST', deleted: true } };
    await house.driver.event(event);
    await house.driver.user({ id: ALICE_ID, real_name: 'Alice A.' });
    await house.driver.event({ ...event, user: { ...event.user, team_id: 'T02OTHER' } });
    // Whoever is gone in truth is seen to after those.
    await house.driver.user({ id: WANDA_ID, deleted: true });
    await house.driver.until(async () => (await linkOf(WANDA_ID)) === undefined);
    const seen = await house.world.ledger.find(house.request());
    expect(seen?.value.request.status.state).toBe('pending');
  });

  test('an account that becomes a guest’s is refused at its next click, before the minute is over', async () => {
    await asks(house);
    await house.driver.as(DAN_ID).clicks('details', { channel: CHANNEL });
    await house.driver.user({ id: DAN_ID, is_restricted: true });
    await house.driver.as(DAN_ID).clicks('approve', { channel: CHANNEL });
    await isTold(house, DAN_ID, 'Only full, active members');
    expect(codeIn(await house.driver.as(DAN_ID).ephemerals())).toBe('');
  });

  test('a link that is gone between the click and the decision decides nothing', async () => {
    await links(house, WANDA_ID, WANDA.id);
    await asks(house);
    const by = byline({ door: 'slack', principal: WANDA, account: { team: 'T01TEST', user: WANDA_ID } });
    await house.world.slackLinks.end({ team: 'T01TEST', user: WANDA_ID }, 'unlinked', byline({ principal: ALICE }));
    const decision = { requestId: house.request(), person: WANDA.id, verdict: 'approve', revision: 1 } as const;
    const decided = await house.byRest.decide({ ...decision, hideFromStrangers: false }, by);
    expect(decided).toMatchObject({ ok: false, error: { code: 'identity_rejected' } });
    expect(
      await house.byRest.decide({ ...decision, person: BOB.id, hideFromStrangers: false }, byline({ principal: BOB })),
    ).toMatchObject({ ok: true });
  });
});

function command(user: string, change: Record<string, string>): Record<string, string> {
  return {
    command: '/request-access',
    user_id: user,
    team_id: 'T01TEST',
    channel_id: CHANNEL,
    text: '',
    trigger_id: '1.2.3',
    response_url: '',
    ...change,
  };
}
