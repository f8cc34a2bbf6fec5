/** The story in Slack, against the local workspace, in both modes: one title for each case of docs/slack.md. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hours, minutes } from '@sallyport/core';
import { ADMIN, ALICE, BOB, byline, DAN, group, ORDERS, theManager, withRule } from '@sallyport/testkit/core';
import { policyOfDoubtfulApprovers } from './testing/example-policy.ts';
import { type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import {
  ALICE_ID,
  asks,
  BOB_ID,
  CAROL_ID,
  card,
  cardReads,
  cards,
  DAN_ID,
  isTold,
  opensForm,
  refusals,
} from './testing/story.ts';

const EVIL = '<!channel> <@U01BOB> <http://evil|https://acme.test> *Approved by* Bob\n>fake';

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
  });
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });

  test('case 1: /request-access opens the form in time, for that person only', async () => {
    const alice = house.driver.as(ALICE_ID);
    const typed = await alice.types('/request-access', { channel: 'C01APPROVALS' });
    expect(typed).toMatchObject({ user_error: null, late: false });
    await house.driver.until(async () => (await alice.modal())?.callback_id === 'request_access');
    const modal = await alice.modal();
    expect(modal).toMatchObject({ title: 'Request access', submit: 'Send request' });
    expect(Object.keys(modal?.fields ?? {})).toEqual([
      'resource',
      'role',
      'subject',
      'duration',
      'justification',
      'ticket',
      'starts',
    ]);
    expect(await house.driver.as(BOB_ID).modal()).toBeUndefined();
  });

  test('case 1: the form follows the choices and says what will come of it', async () => {
    const alice = house.driver.as(ALICE_ID);
    await opensForm(house, alice, '/request-access orders-db 45m');
    const prefilled = await alice.modal();
    expect(prefilled?.fields.resource?.value).toBe('orders-db');
    expect(prefilled?.fields.duration?.value).toBe('45m');
    await alice.chooses('role', 'read');
    await house.driver.until(async () =>
      (await alice.modal())?.reads.includes('Approved at once by rule payments-read.'),
    );
    await alice.chooses('role', 'admin');
    const needs = 'Needs 2 approvals: 1 from dba and Bob Berg (manager).';
    await house.driver.until(async () => (await alice.modal())?.reads.includes(needs));
    const durations = (await alice.modal())?.fields.duration?.options;
    expect(durations).toEqual(['15m', '30m', '45m', '1h']);
  });

  test('case 11: what the requester writes neither mentions, links nor formats', async () => {
    const posted = await asks(house, { justification: EVIL });
    expect(posted.acting).toEqual([]);
    expect(posted.reads).toContain('> <!channel> <@U01BOB> <http://evil|https://acme.test> *Approved by* Bob');
    expect(JSON.stringify(posted.blocks)).not.toContain('mrkdwn');
    for (const user of [ALICE_ID, BOB_ID, DAN_ID]) {
      for (const message of await house.driver.as(user).dms()) expect(message.acting).toEqual([]);
    }
  });

  test('case 13: Bob and Dan approve: one card, Active until, a DM to Alice, text everywhere', async () => {
    const posted = await asks(house);
    expect(posted.reads).toContain('Pending. 0 of 2 approvals. Waiting for: 1 from dba, Bob Berg (manager). Expires ');
    await isTold(house, ALICE_ID, 'Sent to dba and Bob Berg. Expires ');
    const wanted = await isTold(house, DAN_ID, 'Your approval counts for: dba.');
    expect(wanted.reads).toContain('> rotate the leaked credentials\nHigh risk · req_');
    expect(wanted.text).not.toContain('leaked');
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, 'Pending. 1 of 2 approvals. Bob Berg approved at ');
    await house.driver.as(DAN_ID).clicks('approve');
    const done = await cardReads(house, 'Active until ');
    expect(done.ts).toBe(posted.ts);
    expect(done.reads).toContain('Approved by Bob Berg, Dan Dorn.');
    expect(done.buttons.map((one) => one.action_id)).toEqual(['revoke']);
    expect(await cards(house)).toHaveLength(1);
    const told = await isTold(house, ALICE_ID, 'Approved: admin on Orders database (production), active until ');
    expect(told.reads).toContain('npx sallyport token --audience https://orders-db.acme.test');
    await isTold(house, DAN_ID, 'Alice Ahn asked for admin on Orders database (production)');
    const everything = Object.values((await house.driver.snapshot()).state.messages).flat();
    expect(everything.filter((message) => message.text.trim() === '')).toEqual([]);
  });

  test('case 14: nobody decides their own request, not even as a member of the approver group', async () => {
    house.world.policies.put(
      withRule(house.world.policies.inForce(), 'payments-admin', {
        approvals: [{ count: 1, from: [group('payments'), group('dba')] }],
      }),
    );
    await asks(house);
    await house.driver.as(ALICE_ID).clicks('approve');
    await isTold(house, ALICE_ID, "You can't decide your own request.");
    await house.driver.as(ALICE_ID).clicks('deny');
    await house.driver.until(() => refusals(house).length === 2);
    expect(refusals(house)).toEqual(['own_request', 'own_request']);
    expect(await house.driver.as(ALICE_ID).modal()).not.toMatchObject({ callback_id: 'deny_request' });
    expect((await card(house)).reads).toContain('0 of 1 approvals');
  });

  test('case 18: a double click counts once', async () => {
    await asks(house);
    const bob = house.driver.as(BOB_ID);
    await Promise.all([bob.clicks('approve'), bob.clicks('approve')]);
    await cardReads(house, '1 of 2 approvals');
    await isTold(house, BOB_ID, 'You already approved this at ');
    expect(house.world.store.audit.filter((row) => row.type === 'decision.made')).toHaveLength(1);
  });

  test('case 19a: "1 of 2" is shown, and one person twice is not two', async () => {
    await asks(house);
    const dan = house.driver.as(DAN_ID);
    await dan.clicks('approve');
    await cardReads(house, 'Pending. 1 of 2 approvals. Dan Dorn approved at ');
    await isTold(house, ALICE_ID, '1 of 2. Waiting for Bob Berg (manager).');
    await dan.clicks('approve');
    await isTold(house, DAN_ID, 'Waiting for: Bob Berg (manager).');
    expect((await card(house)).reads).toContain('1 of 2 approvals');
  });

  test('case 24: Deny needs a reason; closing the form leaves the request pending', async () => {
    await asks(house);
    const dan = house.driver.as(DAN_ID);
    const isOpen = () => house.driver.until(async () => (await dan.modal())?.callback_id === 'deny_request');
    await dan.clicks('deny');
    await isOpen();
    await dan.closes();
    expect((await card(house)).reads).toContain('Pending. 0 of 2 approvals.');
    await dan.clicks('deny');
    await isOpen();
    await dan.submits({ reason: '   ' }, { force: true });
    expect((await dan.modal())?.errors).toEqual({ reason: 'Say why, in a few words: the requester is told.' });
    await dan.submits({ reason: 'use the <!here> read role' });
    const denied = await cardReads(house, 'Denied by Dan Dorn at ');
    expect(denied.reads).toContain('> use the <!here> read role');
    expect(denied.acting).toEqual([]);
    expect(denied.buttons).toEqual([]);
    const told = await isTold(house, ALICE_ID, 'Denied by Dan Dorn.');
    expect(told.buttons.map((one) => one.text)).toEqual(['Request again']);
    await house.driver.as(BOB_ID).clicks('approve', { stale: true, channel: 'C01APPROVALS' });
    await isTold(house, BOB_ID, 'Dan Dorn already denied this at ');
  });

  test('case 25a: End now by the requester ends the access at once, and says so', async () => {
    await asks(house);
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, 'Active until ');
    await house.driver.as('U01DAVE').clicks('revoke', { channel: 'C01APPROVALS' });
    await isTold(house, 'U01DAVE', "Your Slack account isn't linked yet. Send this to your admin: T01TEST / U01DAVE.");
    await isTold(house, ALICE_ID, 'Approved: admin');
    await house.driver.as(ALICE_ID).clicks('revoke');
    await house.driver.until(
      () => house.world.store.cases.get(house.request())?.case.grant?.status.state === 'revoked',
    );
    const ended = await cardReads(house, 'Ended early by Alice Ahn at ');
    expect(ended.buttons).toEqual([]);
    await isTold(house, ALICE_ID, 'You ended it at ');
  });

  test('case 39a: Home shows what waits for me, my active access, my requests', async () => {
    await asks(house, { role: 'read', subject: 'me', duration: '15m' });
    await asks(house);
    const alice = house.driver.as(ALICE_ID);
    await alice.opensHome();
    const home = await house.driver.until(async () => await alice.home());
    expect(home.reads).toContain('Nothing waits for you.');
    expect(home.reads).toContain('read on Orders database (production), active until ');
    expect(home.reads).toContain('admin on Orders database (production). 0 of 2 approvals.');
    expect(home.reads).toContain('You are Alice Ahn (alice@acme.test) here.');
    const bob = house.driver.as(BOB_ID);
    await bob.opensHome();
    const bobs = await house.driver.until(async () => await bob.home());
    expect(bobs.reads).toContain(
      'Alice Ahn asks for admin on Orders database (production) for 30 minutes, for payments-deploy.',
    );
    expect(bobs.buttons.map((one) => one.text)).toContain('Open the card');
    await alice.clicksAtHome('cancel');
    await cardReads(house, 'Canceled by Alice Ahn at ');
    await house.driver.until(async () => (await alice.home())?.reads.includes('You have no open requests.'));
    await house.driver.until(async () => (await bob.home())?.reads.includes('Nothing waits for you.'));
    await alice.clicksAtHome('revoke');
    await house.driver.until(async () => (await alice.home())?.reads.includes('You have no active access.'));
  });

  test('case 50: one person in two approver lines counts once', async () => {
    house.world.policies.put(
      withRule(house.world.policies.inForce(), 'payments-admin', {
        approvals: [
          { count: 1, from: [group('dba'), { kind: 'person', id: BOB.id }] },
          { count: 1, from: [theManager] },
        ],
      }),
    );
    await asks(house);
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await house.driver.as(BOB_ID).clicks('approve');
    await isTold(house, BOB_ID, 'You already approved this at ');
    expect((await card(house)).reads).toContain('1 of 2 approvals');
    await house.driver.as(CAROL_ID).clicks('approve');
    await cardReads(house, 'Active until ');
  });
});

describe.each(['http', 'socket'] as const)('%s mode: who may, and what is over', (mode) => {
  let house: SlackHouse;
  afterEach(async () => {
    await house.stop();
  });

  test('case 15a: a guest who clicks is refused and audited', async () => {
    house = await startSlackHouse({ mode, policy: policyOfDoubtfulApprovers() });
    await asks(house);
    await house.driver.as('U01GINA').clicks('approve');
    await isTold(house, 'U01GINA', 'Only full, active members of this workspace can request or decide.');
    expect(refusals(house)).toEqual(['identity_rejected']);
    const row = house.world.store.audit.findLast((one) => one.type === 'attempt.refused');
    expect(row).toMatchObject({ by: { external: 'slack:T01TEST/U01GINA' }, requestId: house.request() });
  });

  test.each([
    ['Solo, a single-channel guest', 'U01SOLO', 'Only full, active members'],
    ['Eve of another company with Bob’s name', 'U02EVE', 'Only full, active members'],
    ['Greg, deactivated', 'U01GREG', 'Only full, active members'],
    ['a bot', 'U01BOT', 'Only full, active members'],
    ['Dave, linked to nobody', 'U01DAVE', "Your Slack account isn't linked yet."],
  ])('case 15b: %s is refused and audited', async (_who, user, sentence) => {
    house = await startSlackHouse({ mode, policy: policyOfDoubtfulApprovers() });
    await asks(house);
    await house.driver.as(user).clicks('approve', { force: true, channel: 'C01APPROVALS' });
    await house.driver.until(() => refusals(house).length > 0);
    expect(refusals(house)).toEqual(['identity_rejected']);
    const ephemerals = await house.driver.as(user).ephemerals();
    const said = ephemerals.map((message) => message.reads).join('\n');
    if (said !== '') expect(said).toContain(sentence);
    expect((await card(house)).reads).toContain('0 of 2 approvals');
  });

  test('case 22: a click after the pending time with no worker: the right sentence, and the card is redrawn', async () => {
    house = await startSlackHouse({ mode });
    await asks(house);
    house.relay(false);
    house.clock.advance(hours(5));
    await house.driver.as(BOB_ID).clicks('approve');
    await isTold(house, BOB_ID, 'This request expired at ');
    const expired = await cardReads(house, 'Expired at ');
    expect(expired.reads).toContain('with 0 of 2 approvals.');
    expect(expired.buttons).toEqual([]);
  });

  test('case 22: a button of an older revision is refused and the card redrawn', async () => {
    house = await startSlackHouse({ mode });
    const posted = await asks(house);
    house.relay(false);
    const narrowed = await house.byRest.decide(
      {
        requestId: house.request(),
        person: BOB.id,
        verdict: 'approve',
        revision: 1,
        narrow: { duration: minutes(15) },
        hideFromStrangers: true,
      },
      byline({ principal: BOB }),
    );
    expect(narrowed.ok).toBe(true);
    await house.driver.as(DAN_ID).clicks('approve', { ts: posted.ts });
    await isTold(house, DAN_ID, 'This changed since you saw it. Look at the card again, then decide.');
    await cardReads(house, 'For how long: 15 minutes');
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, 'Active until ');
  });

  test('case 22: a click on a final card is told who was first', async () => {
    house = await startSlackHouse({ mode });
    await asks(house);
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, 'Active until ');
    await house.driver.as(CAROL_ID).clicks('approve', { stale: true, channel: 'C01APPROVALS' });
    await isTold(house, CAROL_ID, 'Dan Dorn already approved this at ');
  });

  test('a grant that is over is shown as such once the sweep has seen it', async () => {
    house = await startSlackHouse({ mode });
    await asks(house, { role: 'read', subject: 'me', duration: '15m' });
    await cardReads(house, 'Active until ');
    house.clock.advance(minutes(16));
    await house.sweep();
    const over = await cardReads(house, 'time was over.');
    expect(over.reads).toContain('0 tokens were issued.');
    await isTold(house, ALICE_ID, 'Your access ended at ');
  });

  test('a lost job heals: a request nobody spoke of gets its card from the look at what lags', async () => {
    house = await startSlackHouse({ mode });
    house.relay(false);
    await house.byRest.submit(
      {
        subject: ALICE,
        requester: ALICE,
        resource: ORDERS,
        role: ADMIN,
        tooLong: 'refuse',
        justification: 'rotate the leaked credentials',
        door: 'rest',
      },
      byline(),
    );
    await house.driver.until(async () => (await cards(house)).length === 1);
    await house.byRest.decide(
      {
        requestId: house.request(),
        person: DAN.id,
        verdict: 'deny',
        revision: 1,
        reason: 'no',
        hideFromStrangers: true,
      },
      byline({ principal: DAN }),
    );
    await house.driver.until(async () => (await card(house)).reads.includes('Denied by Dan Dorn'));
  });
});
