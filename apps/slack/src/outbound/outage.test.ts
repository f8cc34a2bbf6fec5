/** Slack away, the program away, answers lost: afterwards every message is right, and there is one of each. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minutes } from '@sallyport/core';
import { ALICE, anAsk, BOB, byline, DAN } from '@sallyport/testkit/core';
import { CHANNEL, type SlackHouse, startSlackHouse } from '../testing/slack-house.ts';
import { ALICE_ID, BOB_ID, CAROL_ID, cardReads, cards, DAN_ID, isTold } from '../testing/story.ts';

const ALL = 100_000;

describe.each(['http', 'socket'] as const)('after an outage, %s mode', (mode) => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
  });
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });
  const submits = async (change: Parameters<typeof anAsk>[0] = {}): Promise<void> =>
    expect((await house.byRest.submit(anAsk(change), byline())).ok).toBe(true);
  const decides = (who: typeof BOB, verdict: 'approve' | 'deny' = 'approve', requestId = house.request()) =>
    house.byRest.decide(
      { requestId, person: who.id, verdict, revision: 1, hideFromStrangers: true, reason: 'not now' },
      byline({ principal: who }),
    );
  const isThere = () => house.driver.until(async () => (await cards(house)).length === 1);
  const calls = (method: string, channel?: string) =>
    house.workspace.engine
      .calls()
      .filter((call) => call.method === method && call.ok && (channel === undefined || call.channel === channel));

  test('I-19 case 31: Slack is down: the decision is made elsewhere; on its return the end is told once', async () => {
    await submits();
    await isThere();
    await house.driver.until(() => house.stores.done.size > 0);
    await house.driver.fault({ method: '*', kind: '500', times: ALL });
    await decides(BOB);
    await decides(DAN);
    expect(house.world.store.cases.get(house.request())?.case.grant?.status.state).toBe('active');
    await house.driver.until(() => house.workspace.engine.calls().some((call) => call.status === 500));
    await house.driver.clearFaults();
    await cardReads(house, 'Active until ');
    await isTold(house, ALICE_ID, 'Approved: admin');
    for (const user of [BOB_ID, DAN_ID, CAROL_ID]) await isTold(house, user, 'Active until ');
    expect(await cards(house)).toHaveLength(1);
    const news = (await house.driver.as(ALICE_ID).dms()).filter((one) => one.reads.includes('Approved: admin'));
    expect(news).toHaveLength(1);
  }, 40_000);

  test('I-19 case 30: chat.update dropped, 500, and 429 three times: the decision stands, and the card is right', async () => {
    await submits();
    await isThere();
    await house.driver.fault({ method: 'chat.update', channel: CHANNEL, kind: 'drop' });
    await house.driver.fault({ method: 'chat.update', channel: CHANNEL, kind: '500' });
    await house.driver.fault({ method: 'chat.update', channel: CHANNEL, kind: '429', times: 3, retry_after: 1 });
    await decides(DAN, 'deny');
    expect(house.world.store.cases.get(house.request())?.case.request.status.state).toBe('denied');
    await cardReads(house, 'Denied by Dan Dorn');
  }, 40_000);

  test('an update that was done, and its answer lost: done again, seen once', async () => {
    await submits();
    await isThere();
    await house.driver.fault({ method: 'chat.update', channel: CHANNEL, kind: 'after', times: 2 });
    await decides(BOB);
    await cardReads(house, '1 of 2 approvals');
    await house.driver.until(() => house.stores.done.size > 1);
    expect(await cards(house)).toHaveLength(1);
  });

  test('I-19 I-20 case 27: ends that fell while the program was away are shown once after it starts, to the requester first', async () => {
    await submits({ subject: ALICE });
    await isThere();
    await decides(BOB);
    await decides(DAN);
    await isTold(house, ALICE_ID, 'Approved: admin');
    await house.driver.until(() => house.stores.done.size === house.world.store.outbox.length);
    await house.program.lifecycle.stop();
    house.clock.advance(minutes(31));
    await house.sweep();
    const before = house.workspace.engine.calls().length;
    await house.restart();
    await cardReads(house, 'Ended at ');
    await isTold(house, ALICE_ID, 'Your access ended at ');
    await house.program.courier.settled();
    const order = house.workspace.engine
      .calls()
      .slice(before)
      .filter((call) => call.ok && call.method.startsWith('chat.'));
    const [first] = order;
    expect(first?.channel ?? CHANNEL).not.toBe(CHANNEL);
    const ended = (await house.driver.as(ALICE_ID).dms()).filter((one) => one.reads.includes('Your access ended'));
    expect(ended).toHaveLength(1);
  });

  test('I-19: a change no job tells of is found: cards and direct messages that lag are redrawn', async () => {
    await submits();
    await isThere();
    await house.driver.until(() => house.stores.done.size > 0);
    house.relay(false);
    await decides(BOB);
    await decides(DAN);
    await cardReads(house, 'Active until ');
    for (const user of [BOB_ID, DAN_ID, CAROL_ID]) await isTold(house, user, 'Active until ');
    await isTold(house, ALICE_ID, 'Approved: admin');
  });

  test('I-19: many cards lag after an outage: all are redrawn, none is posted again, one after the other', async () => {
    const many = 15;
    for (let one = 0; one < many; one += 1) await submits();
    await house.driver.until(async () => (await cards(house)).length === many);
    await house.driver.until(() => house.stores.done.size >= many);
    house.relay(false);
    const ids = [...house.world.store.cases.keys()];
    for (const id of ids) await decides(DAN, 'deny', id);
    await house.driver.until(async () => (await cards(house)).every((one) => one.reads.includes('Denied by Dan Dorn')));
    expect(await cards(house)).toHaveLength(many);
    expect(calls('chat.postMessage', CHANNEL).length).toBeLessThanOrEqual(2 * many);
  }, 40_000);
});

describe.each(['http', 'socket'] as const)('two processes, %s mode', (mode) => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
    await house.second();
  });
  afterEach(() => house.stop());
  const approves = (who: typeof BOB) =>
    house.byRest.decide(
      { requestId: house.request(), person: who.id, verdict: 'approve', revision: 1, hideFromStrangers: true },
      byline({ principal: who }),
    );

  test.each([
    ['nothing goes wrong', []],
    ['the answer to the post is lost', ['after']],
    ['it is lost twice', ['after', 'after']],
    ['the post fails, then its answer is lost', ['500', 'after']],
  ] as const)(
    'I-20 case 29: both draw the same request at once, and %s: one card',
    async (_, faults) => {
      for (const kind of faults) await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind });
      await house.byRest.submit(anAsk(), byline());
      await house.driver.until(async () => (await cards(house)).length > 0);
      await approves(DAN);
      await cardReads(house, '1 of 2 approvals');
      await approves(BOB);
      await cardReads(house, 'Active until ');
      await isTold(house, ALICE_ID, 'Approved: admin');
      expect(await cards(house)).toHaveLength(1);
      const told = (await house.driver.as(ALICE_ID).dms()).filter((one) => one.reads.includes('Approved: admin'));
      expect(told).toHaveLength(1);
    },
    40_000,
  );

  test('the channel refuses: neither posts there when it is back, whichever knew of it', async () => {
    await house.driver.channelChange({ id: CHANNEL, is_archived: true });
    await house.byRest.submit(anAsk(), byline());
    await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    await house.driver.channelChange({ id: CHANNEL, is_archived: false });
    await house.second();
    await approves(DAN);
    await approves(BOB);
    for (const user of [BOB_ID, DAN_ID, CAROL_ID]) await isTold(house, user, 'Active until ');
    expect(await cards(house)).toEqual([]);
  });
});
