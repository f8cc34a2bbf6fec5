/** Delivery under faults of Slack: one card, the newest state, nobody else held up. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minutes } from '@sallyport/core';
import { ALICE, anAsk, BOB, byline, DAN, DEPLOY } from '@sallyport/testkit/core';
import { CHANNEL, type SlackHouse, startSlackHouse } from '../testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, CAROL_ID, cardReads, cards, DAN_ID, isTold } from '../testing/story.ts';

describe.each(['http', 'socket'] as const)('delivery, %s mode', (mode) => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
  });
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });
  const submits = (change: Parameters<typeof anAsk>[0] = {}) => house.byRest.submit(anAsk(change), byline());
  const decides = (who: typeof BOB, verdict: 'approve' | 'deny', more: object = {}) =>
    house.byRest.decide(
      { requestId: house.request(), person: who.id, verdict, revision: 1, hideFromStrangers: true, ...more },
      byline({ principal: who }),
    );
  const posts = () =>
    house.workspace.engine.calls().filter((call) => call.method === 'chat.postMessage' && call.channel === CHANNEL);

  test('case 29: an answer that got lost after the post was done: the card is found, not posted again', async () => {
    await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind: 'after' });
    await submits();
    await house.driver.until(() => house.stores.done.size > 0);
    expect(await cards(house)).toHaveLength(1);
    await decides(DAN, 'approve');
    await cardReads(house, '1 of 2 approvals');
    expect(await cards(house)).toHaveLength(1);
    // The card once, and Dan's line in its thread.
    await house.driver.until(() => posts().filter((call) => call.ok).length === 2);
  });

  test('a post that failed before it was done is done again', async () => {
    await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind: '500' });
    await submits();
    const again = 15_000;
    await house.driver.until(async () => (await cards(house))[0]?.reads.includes('Pending. 0 of 2'), again);
    expect(await cards(house)).toHaveLength(1);
  });

  test('case 28: a rate limit on one channel holds up neither the requester’s message nor somebody’s form', async () => {
    await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind: '429', retry_after: 1 });
    await submits();
    await isTold(house, ALICE_ID, 'Sent to dba and Bob Berg.');
    await house.driver.as(BOB_ID).types('/request-access help', { channel: CHANNEL });
    await isTold(house, BOB_ID, 'opens the form');
    expect(await cards(house)).toEqual([]);
    await house.driver.until(async () => (await cards(house)).length === 1);
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    expect(metrics).toContain('sallyport_slack_rate_limited_total 1');
  });

  test('case 30: an update that is dropped is made good, and the decision stands', async () => {
    await submits();
    await house.driver.until(async () => (await cards(house)).length === 1);
    await house.driver.fault({ method: 'chat.update', channel: CHANNEL, kind: '500', times: 2 });
    await decides(BOB, 'approve');
    await cardReads(house, '1 of 2 approvals');
  });

  test('ten quick changes are few updates, and the last one wins', async () => {
    await submits();
    await house.driver.until(async () => (await cards(house)).length === 1);
    await decides(BOB, 'approve', { narrow: { duration: minutes(29) } });
    for (let revision = 2; revision < 10; revision += 1) {
      await decides(BOB, 'approve', { revision, narrow: { duration: minutes(30 - revision) } });
    }
    await cardReads(house, 'For how long: 21 minutes');
    await house.program.courier.settled();
    const updates = house.workspace.engine
      .calls()
      .filter((call) => call.method === 'chat.update' && call.channel === CHANNEL);
    expect(updates.length).toBeLessThan(9);
  });

  test('a card somebody deleted is posted anew', async () => {
    await submits();
    const first = await house.driver.until(async () => (await cards(house))[0]);
    await house.driver.fault({ method: 'chat.update', channel: CHANNEL, kind: 'error', error: 'message_not_found' });
    await decides(BOB, 'approve');
    const second = await house.driver.until(async () => (await cards(house)).find((one) => one.ts !== first.ts));
    expect(second.reads).toContain('1 of 2 approvals');
  });

  test('case 32: an archived channel: approvers get cards by message and can decide there; the requester is told', async () => {
    await house.driver.channelChange({ id: CHANNEL, is_archived: true });
    await submits();
    const message = await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    expect(message.buttons.map((one) => one.text)).toEqual([
      'Approve',
      'Deny',
      'Approve for less',
      'Ask a question',
      'Details',
    ]);
    await isTold(house, ALICE_ID, 'The approval channel could not be reached');
    await house.driver.as(DAN_ID).clicks('approve');
    await isTold(house, BOB_ID, 'Pending. 1 of 2 approvals. Dan Dorn approved at ');
    await house.driver.as(BOB_ID).clicks('approve');
    await isTold(house, ALICE_ID, 'Approved: admin');
    await isTold(house, CAROL_ID, 'Active until ');
    expect(house.logged.join('\n')).toContain('slack.channel_unusable');
  });

  test('GX-2: no card in a channel other companies see', async () => {
    await house.driver.channelChange({ id: CHANNEL, is_ext_shared: true });
    await submits();
    await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    expect(await cards(house)).toEqual([]);
  });

  test('blocks Slack refuses are our bug: at least the text arrives', async () => {
    await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind: 'error', error: 'invalid_blocks' });
    await submits();
    const posted = await house.driver.until(async () => (await cards(house))[0]);
    expect(posted.text).toContain('Pending, 0 of 2 approvals.');
    expect(house.logged.join('\n')).toContain('slack.blocks_refused');
  });

  test('a person who cannot be written to holds up nobody', async () => {
    await house.driver.user({ id: BOB_ID, deleted: true });
    await submits();
    await isTold(house, DAN_ID, 'Your approval counts for: dba.');
    await house.driver.until(() => house.stores.done.size > 0);
  });

  test('a workload’s own request: its owners get the messages', async () => {
    await submits({ requester: DEPLOY, subject: DEPLOY, door: 'oauth' });
    await isTold(house, ALICE_ID, 'Sent to dba and Bob Berg.');
    const posted = await house.driver.until(async () => (await cards(house))[0]);
    expect(posted.reads).toContain('From: payments-deploy (workload)');
  });

  test('what was approved and over before anybody could be told is told as over', async () => {
    house.relay(false);
    await house.driver.fault({ method: 'chat.postMessage', kind: '500', times: 100 });
    await submits({ subject: ALICE });
    await decides(BOB, 'approve');
    await decides(DAN, 'approve');
    house.clock.advance(minutes(31));
    await house.sweep();
    await house.driver.clearFaults();
    house.relay(true);
    await isTold(house, ALICE_ID, 'Your access ended at ');
    const told = (await house.driver.as(ALICE_ID).dms()).map((message) => message.reads).join('\n');
    expect(told).not.toContain('active until');
    expect(told).not.toContain('Sent to');
  }, 15_000);

  test('I-15: neither token nor secret is in the log, a message or its metadata', async () => {
    await asks(house, { justification: 'rotate the leaked credentials now' });
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    const { state } = await house.driver.snapshot();
    const everything = `${house.logged.join('\n')}${JSON.stringify([state.messages, state.views, state.homes])}`;
    expect(everything).not.toMatch(/xoxb-|xapp-|slack-house-signing-secret|response_url|\/response\//);
    expect(house.logged.join('\n')).not.toContain('rotate the leaked');
    const metadata = Object.values(state.messages)
      .flat()
      .map((message) => JSON.stringify(message.metadata ?? {}));
    expect(metadata.join('\n')).not.toContain('@');
  });
});
