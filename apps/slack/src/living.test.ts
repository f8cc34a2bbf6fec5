/** Living with an access and waiting for one: ending it, more time, warnings, reminders, nudges, standing in, the full Home. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { after, hours, minutes, type Policy, type RequestId } from '@sallyport/core';
import {
  ALICE,
  anAsk,
  BOB,
  byline,
  CAROL,
  changed,
  DAN,
  DAVE,
  DEPLOY,
  withPerson,
  withRule,
} from '@sallyport/testkit/core';
import { examplePolicy } from './testing/example-policy.ts';
import { CHANNEL, type HouseOptions, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, CAROL_ID, card, cardReads, cards, DAN_ID, isTold, refusals } from './testing/story.ts';

const DAVE_ID = 'U01DAVE';
const linkedDave = (policy: Policy): Policy =>
  withPerson(policy, DAVE.id, { slack: { team: 'T01TEST', user: DAVE_ID } });

let house: SlackHouse;
async function starts(options: HouseOptions = {}): Promise<void> {
  house = await startSlackHouse(options);
}
afterEach(async () => {
  const violations = await house.driver.violations();
  await house.stop();
  expect(violations).toEqual([]);
});

const dms = (user: string) => house.driver.as(user).dms();
const told = async (user: string, part: string) => (await dms(user)).filter((one) => one.reads.includes(part));
const decides = (who: typeof BOB, verdict: 'approve' | 'deny' = 'approve') =>
  house.byRest.decide(
    { requestId: house.request(), person: who.id, verdict, revision: 1, hideFromStrangers: true },
    byline({ principal: who }),
  );
/** Time passes, the programs look again, and everything that follows is in Slack. */
async function passes(length: Parameters<typeof after>[1]): Promise<void> {
  house.clock.advance(length);
  await house.driver.until(async () => (await house.stores.wakes.due(1)).length === 0);
  await house.program.courier.settled();
}

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  test('case 25b: End now from Home and by an approver; an outsider is refused', async () => {
    await starts({ mode, policy: linkedDave(examplePolicy()) });
    await asks(house);
    await decides(BOB);
    await decides(DAN);
    await cardReads(house, 'Active until ');
    await house.driver.as(DAVE_ID).clicks('revoke', { channel: CHANNEL });
    await isTold(house, DAVE_ID, 'Only whoever asked, the owners and the approvers can end this access.');
    await house.driver.as(CAROL_ID).clicks('revoke', { channel: CHANNEL });
    const ended = await cardReads(house, 'Ended early by Carol Cole at ');
    expect(ended.reads).toContain('0 tokens were issued.');
    await isTold(house, ALICE_ID, 'Carol Cole ended your access at ');
    await asks(house, { role: 'read', subject: 'me', duration: '15m' });
    const alice = house.driver.as(ALICE_ID);
    await alice.opensHome();
    await house.driver.until(async () => (await alice.home())?.reads.includes('active until '));
    await alice.clicksAtHome('revoke');
    await cardReads(house, 'Ended early by Alice Ahn at ');
    await house.driver.until(async () => (await alice.home())?.reads.includes('You have no active access.'));
  });

  test('case 26: more time is a new request from the end on, warned of in time; twice is the same one', async () => {
    await starts({ mode });
    await asks(house, { duration: '1h' });
    await decides(BOB);
    await decides(DAN);
    await isTold(house, ALICE_ID, 'Approved: admin');
    await passes(minutes(45));
    expect(await told(ALICE_ID, 'Ends in ')).toEqual([]);
    await passes(minutes(6));
    const warned = await isTold(house, ALICE_ID, 'minutes: admin on Orders database (production), at ');
    expect(warned.buttons.map((one) => one.text)).toEqual(['More time', 'End now']);
    expect(warned.reads).toContain('0 tokens were issued.');
    const first = house.request();
    const alice = house.driver.as(ALICE_ID);
    await alice.clicks('more_time');
    await house.driver.until(async () => (await alice.modal())?.callback_id === 'more_time');
    expect((await alice.modal())?.fields.justification?.value).toBe('More time: rotate the leaked credentials');
    await alice.submits({ duration: '30m' });
    await house.driver.until(() => house.request() !== first);
    const [before, asked] = [first, house.request()].map((id) => house.world.store.cases.get(id)?.case);
    expect(asked?.request).toMatchObject({
      notBefore: before?.grant?.expiresAt,
      duration: minutes(30),
      subject: DEPLOY,
      requester: ALICE,
      status: { state: 'pending' },
    });
    await alice.closes();
    await alice.clicks('more_time');
    await house.driver.until(async () => (await alice.modal())?.callback_id === 'more_time');
    await alice.submits({});
    await house.driver.until(async () => (await alice.modal())?.reads.includes('You already asked for more time: '));
    expect(house.world.store.cases.size).toBe(2);
    expect(house.world.store.cases.get(first)?.case.grant?.expiresAt).toBe(before?.grant?.expiresAt);
  });

  test('reminders come at a quarter and at three quarters, once, to those who can still help, and are redrawn', async () => {
    await starts({ mode });
    await asks(house);
    await isTold(house, BOB_ID, 'Your approval counts for: manager.');
    await passes(minutes(55));
    expect(await told(BOB_ID, 'Still waiting')).toEqual([]);
    await passes(minutes(10));
    await isTold(house, BOB_ID, 'Still waiting for you: Alice Ahn asks for admin');
    await isTold(house, DAN_ID, '0 of 2 approvals. Your approval counts for: dba.');
    await decides(DAN);
    await cardReads(house, '1 of 2');
    await passes(hours(2));
    await house.driver.until(async () => (await told(BOB_ID, 'Still waiting')).length === 2);
    expect(await told(CAROL_ID, 'Still waiting')).toHaveLength(1);
    await decides(BOB);
    await house.driver.until(async () => (await told(BOB_ID, 'Still waiting')).length === 0);
    expect(await told(BOB_ID, 'Active until ')).toHaveLength(3);
  });

  test('a nudge reaches those who can still help, at most once in 15 minutes, and only by whoever asked', async () => {
    await starts({ mode });
    await asks(house);
    const alice = house.driver.as(ALICE_ID);
    await isTold(house, ALICE_ID, 'Sent to dba and Bob Berg.');
    await alice.clicks('nudge');
    await isTold(house, BOB_ID, 'Alice Ahn asks again. ');
    await alice.clicks('nudge');
    await isTold(house, ALICE_ID, 'You nudged them a moment ago. Again from ');
    await passes(minutes(1));
    expect(await told(BOB_ID, 'asks again')).toHaveLength(1);
    await passes(minutes(15));
    await alice.clicks('nudge');
    await house.driver.until(async () => (await told(BOB_ID, 'asks again')).length === 2);
  });

  test('while Bob is away Dave decides in his place: asked, shown on the card, kept with the decision', async () => {
    await starts({ mode });
    const now = house.clock.now();
    const policy = linkedDave(examplePolicy());
    const away = { from: BOB.id, to: DAVE.id, starts: after(now, minutes(10)), ends: after(now, hours(8)) };
    house.world.policies.put(changed(policy, { delegations: [away] }));
    await asks(house);
    await isTold(house, BOB_ID, 'Your approval counts for: manager.');
    expect(await told(DAVE_ID, 'Your approval counts for')).toEqual([]);
    await passes(minutes(11));
    await isTold(house, DAVE_ID, 'Your approval counts for: manager (for Bob Berg).');
    await house.driver.as(DAVE_ID).clicks('approve', { channel: CHANNEL });
    await cardReads(house, `${nameOfDave()}, for Bob Berg approved at `);
    await house.driver.as(BOB_ID).clicks('approve', { channel: CHANNEL });
    await house.driver.until(() => house.world.store.cases.get(house.request())?.case.decisions.length === 2);
    expect((await card(house)).reads).toContain('1 of 2 approvals');
    await decides(DAN);
    await cardReads(house, `Approved by ${nameOfDave()}, for Bob Berg`);
    const made = house.world.store.cases.get(house.request())?.case.decisions;
    expect(made?.find((one) => one.person === DAVE.id)).toMatchObject({ lines: [], onBehalfOf: [{ person: BOB.id }] });
  });
});

const nameOfDave = (): string => examplePolicy().people.find((one) => one.id === DAVE.id)?.name ?? '';

describe('http mode', () => {
  test('case 26: more time above the maximum and after the end is refused', async () => {
    await starts();
    await asks(house, { duration: '1h' });
    await decides(BOB);
    await decides(DAN);
    await passes(minutes(52));
    await isTold(house, ALICE_ID, 'Ends in ');
    const alice = house.driver.as(ALICE_ID);
    await alice.clicks('more_time');
    await house.driver.until(async () => (await alice.modal())?.callback_id === 'more_time');
    await alice.submits({ duration: '8h' }, { force: true });
    await house.driver.until(async () => (await alice.modal())?.errors.duration !== undefined);
    expect((await alice.modal())?.errors).toEqual({ duration: 'At most 1 hour here.' });
    await passes(minutes(10));
    await alice.submits({ duration: '30m' });
    await house.driver.until(async () =>
      (await alice.modal())?.errors.justification?.includes('This access ended at '),
    );
    expect(house.world.store.cases.size).toBe(1);
  });

  test('I-20: a reminder is said once, also when nobody was there at its time, and by a program that starts anew', async () => {
    await starts();
    await asks(house);
    await isTold(house, BOB_ID, 'Your approval counts for');
    await passes((hours(3) + minutes(5)) as ReturnType<typeof hours>);
    await isTold(house, BOB_ID, 'Still waiting for you');
    await house.restart();
    house.clock.advance(minutes(1));
    const bob = house.driver.as(BOB_ID);
    await bob.opensHome();
    await house.driver.until(async () => (await bob.home())?.reads.includes('Waiting for you'));
    await house.program.courier.settled();
    expect(await told(BOB_ID, 'Still waiting for you')).toHaveLength(1);
    expect(
      [...house.stores.rows.keys()].filter((key) => key.startsWith('remind:') && key.includes('bob@')),
    ).toHaveLength(1);
  });

  test('who is told that nobody decides is told who can, and gets no say by it', async () => {
    const policy = linkedDave(examplePolicy());
    const to = [{ kind: 'person' as const, id: DAVE.id }];
    await starts({
      policy: withRule(policy, 'payments-admin', { remind: [], escalate: [{ after: minutes(30), to }] }),
    });
    await asks(house);
    await passes(minutes(31));
    const message = await isTold(house, DAVE_ID, 'Nobody has decided for 31 minutes: Alice Ahn asks for admin');
    expect(message.reads).toContain('1 from dba or Bob Berg (manager) can decide.');
    expect(message.reads).not.toContain('rotate the leaked');
    expect(message.buttons.map((one) => one.text)).toEqual(['Open the card']);
    await house.driver.as(DAVE_ID).clicks('approve', { channel: CHANNEL });
    await isTold(house, DAVE_ID, "You can't decide this one.");
    expect(refusals(house)).toEqual(['not_an_approver']);
    expect(await told(BOB_ID, 'Still waiting')).toEqual([]);
  });

  test('quiet hours hold back asks of low risk and reminders until they end; high risk is asked at once', async () => {
    await starts();
    const quiet = (at: number) => Math.floor((at % 86_400_000) / 60_000);
    const now = quiet(house.clock.now());
    const quietHours = { fromMinute: (now + 1_440 - 30) % 1_440, toMinute: (now + 90) % 1_440 };
    const base = withPerson(examplePolicy(), BOB.id, { quietHours });
    house.world.policies.put(base);
    await asks(house);
    await isTold(house, BOB_ID, 'Your approval counts for: manager.');
    await passes(minutes(70));
    await isTold(house, DAN_ID, 'Still waiting for you');
    expect(await told(BOB_ID, 'Still waiting')).toEqual([]);
    await passes(minutes(25));
    await isTold(house, BOB_ID, 'Still waiting for you');
  });

  test('MR-6: above 20 pending one card lists them; each can be decided from Home; below, the rest get cards of their own', async () => {
    await starts();
    const ids: RequestId[] = [];
    const submits = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 1) {
        const asked = await house.byRest.submit(anAsk({ duration: minutes(10) }), byline({ principal: ALICE }));
        if (asked.ok) ids.push(asked.value.case.request.id);
      }
    };
    await submits(20);
    const long = 20_000;
    await house.driver.until(async () => (await cards(house)).length === 20, long);
    await submits(5);
    await cardReads(house, '25 requests from Alice Ahn waiting here');
    await house.program.courier.settled();
    expect(await cards(house)).toHaveLength(21);
    const listing = await card(house);
    expect(listing.reads).toContain('And 15 more. Above 20 at once they share this card.');
    expect(listing.buttons).toEqual([]);
    const asked = async () => (await told(DAN_ID, 'Your approval counts for')).map((one) => one.reads).join('\n');
    await house.driver.until(async () => (await asked()).includes(String(ids[0])), long);
    expect(ids.slice(20).filter((id) => house.stores.rows.has(`card:${id}`))).toEqual([]);
    const dan = house.driver.as(DAN_ID);
    await dan.opensHome();
    await house.driver.until(async () => (await dan.home())?.reads.includes('Waiting for you (1 to 10 of 25)'));
    await dan.clicksAtHome('approve');
    await house.driver.until(() => house.world.store.audit.some((row) => row.type === 'decision.made'));
    await house.driver.until(async () => (await cards(house))[20]?.reads.includes('1 of 2 approvals'));
    for (const id of ids.slice(0, 5)) await house.byRest.cancel(id, ALICE, byline({ principal: ALICE }));
    await house.driver.until(async () => (await cards(house)).length === 26, long);
    await house.driver.until(async () =>
      (await cards(house))[20]?.reads.includes('has few enough requests waiting again'),
    );
    const all = await cards(house);
    expect(all.slice(21).every((one) => one.reads.includes('Access request: Orders database'))).toBe(true);
    await house.driver.until(async () => (await asked()).includes(String(ids[24])), long);
  }, 60_000);
});

describe.each(['http', 'socket'] as const)('%s mode: App Home', (mode) => {
  test('case 39: an empty Home says so; openings that race end in one true Home', async () => {
    await starts({ mode });
    const carol = house.driver.as(CAROL_ID);
    await Promise.all([carol.opensHome(), carol.opensHome(), carol.opensHome()]);
    await house.driver.until(async () => (await carol.home())?.reads.includes('You are Carol Cole'));
    for (const empty of ['Nothing waits for you.', 'You have no active access.', 'You have no open requests.']) {
      expect((await carol.home())?.reads).toContain(empty);
    }
    await Promise.all([asks(house), carol.opensHome(), carol.opensHome()]);
    await house.driver.until(async () => (await carol.home())?.reads.includes('Alice Ahn asks for admin'));
    await decides(CAROL);
    await house.driver.until(async () => (await carol.home())?.reads.includes('You approved this at '));
    expect((await carol.home())?.reads).toContain('Nothing waits for you.');
  });

  test('case 39: Home with 200 requests: pages of ten, within the limits, and nobody else’s', async () => {
    await starts({ mode });
    for (let count = 0; count < 200; count += 1) {
      const asked = await house.byRest.submit(anAsk({ duration: minutes(10) }), byline({ principal: ALICE }));
      expect(asked.ok).toBe(true);
    }
    const alice = house.driver.as(ALICE_ID);
    await alice.opensHome();
    await house.driver.until(async () => (await alice.home())?.reads.includes('Your requests (1 to 10 of 200)'));
    await alice.clicksAtHome('show_more');
    await house.driver.until(async () => (await alice.home())?.reads.includes('Your requests (11 to 20 of 200)'));
    expect((await alice.home())?.reads).toContain('Nothing waits for you.');
    const dan = house.driver.as(DAN_ID);
    await dan.opensHome();
    await house.driver.until(async () => (await dan.home())?.reads.includes('Waiting for you (1 to 10 of 200)'));
    const dave = house.driver.as(DAVE_ID);
    await dave.opensHome();
    await house.driver.until(async () => (await dave.home())?.reads.includes("isn't linked yet"));
    const over = await house.byRest.submit(anAsk({ duration: minutes(10) }), byline({ principal: ALICE }));
    expect(over).toMatchObject({ ok: false, error: { code: 'too_many' } });
    await house.program.lifecycle.stop();
  }, 60_000);
});
