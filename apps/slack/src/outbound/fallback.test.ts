/** Where a request goes when its channel takes no card: approvers, then the fallback channel; and that there is one card. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { DIGEST_OVER, type Policy } from '@sallyport/core';
import { anAsk, BOB, byline, changed, DAN } from '@sallyport/testkit/core';
import type { SeenMessage } from '@sallyport/testkit/slack';
import { examplePolicy } from '../testing/example-policy.ts';
import { CHANNEL, type SlackHouse, startSlackHouse } from '../testing/slack-house.ts';
import { ALICE_ID, BOB_ID, CAROL_ID, cardReads, cards, DAN_ID, isTold } from '../testing/story.ts';

const FALLBACK = 'C01FALLBACK';
const APPROVERS = [BOB_ID, CAROL_ID, DAN_ID];
const withFallback = (): Policy => changed(examplePolicy(), { slack: { fallbackChannel: FALLBACK } });

describe.each(['http', 'socket'] as const)('a card its channel does not take, %s mode', (mode) => {
  let house: SlackHouse;
  const begin = async (policy: Policy = withFallback()): Promise<void> => {
    house = await startSlackHouse({ policy, mode });
  };
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });
  const submits = () => house.byRest.submit(anAsk(), byline());
  const approves = (who: typeof BOB) =>
    house.byRest.decide(
      { requestId: house.request(), person: who.id, verdict: 'approve', revision: 1, hideFromStrangers: true },
      byline({ principal: who }),
    );
  const archives = (is: boolean, id = CHANNEL) => house.driver.channelChange({ id, is_archived: is });
  const nobodyCanBeWrittenTo = async (): Promise<void> => {
    for (const channel of APPROVERS) {
      const fault = {
        method: 'conversations.open',
        channel,
        kind: 'error',
        error: 'cannot_dm_bot',
        times: 100,
      } as const;
      await house.driver.fault(fault);
    }
  };
  const inFallback = async (): Promise<SeenMessage[]> =>
    (await house.driver.channel(FALLBACK).messages()).filter((one) => [undefined, one.ts].includes(one.thread_ts));
  const fallbackReads = (part: string) =>
    house.driver.until(async () => (await inFallback()).find((one) => one.reads.includes(part)));
  const buttons = (message: SeenMessage) => message.buttons.map((one) => one.action_id);
  const metric = async (name: string) =>
    (await (await fetch(`${house.url}/metrics`)).text())
      .split('\n')
      .find((line) => line.startsWith(`sallyport_${name}`));

  test('case 32: no approver can be written to: the card is in the fallback channel, decided there, and says how it ended', async () => {
    await begin();
    await archives(true);
    await nobodyCanBeWrittenTo();
    await submits();
    const posted = await fallbackReads('Pending. 0 of 2 approvals.');
    expect(posted.reads).toContain('Here because its own channel could not take it');
    expect(buttons(posted)).toContain('approve');
    await isTold(house, ALICE_ID, 'it was posted in the fallback channel');
    await house.driver.as(DAN_ID).clicks('approve');
    await fallbackReads('1 of 2 approvals');
    await approves(BOB);
    const done = await fallbackReads('Active until ');
    expect(done.ts).toBe(posted.ts);
    expect(buttons(done)).toEqual(['revoke']);
    expect(await inFallback()).toHaveLength(1);
    expect(house.logged.join('\n')).toContain('slack.card_rerouted');
    expect(await metric('slack_cards_rerouted_total{to="fallback"}')).toMatch(/ 1$/);
    expect(await metric('slack_channels_unusable')).toMatch(/ 1$/);
  });

  test('while one approver can be written to, the fallback channel stays empty', async () => {
    await begin();
    await archives(true);
    const fault = { method: 'conversations.open', kind: 'error', error: 'cannot_dm_bot', times: 100 } as const;
    for (const channel of [BOB_ID, CAROL_ID]) await house.driver.fault({ ...fault, channel });
    await submits();
    const message = await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    expect(buttons(message)).toContain('approve');
    await isTold(house, ALICE_ID, 'so the approvers were asked by direct message');
    await house.driver.until(() => house.stores.done.size > 0);
    expect(await inFallback()).toEqual([]);
  });

  test('where nobody has Slack, it goes to the fallback channel at once', async () => {
    const base = withFallback();
    const people = base.people.map((one) => {
      const { slack: _, ...rest } = one;
      return one.slack?.user === ALICE_ID ? one : rest;
    });
    await begin(changed(base, { people }));
    await archives(true);
    await submits();
    await fallbackReads('Pending. 0 of 2 approvals.');
  });

  test('no fallback channel, and nobody to be written to: the operator and the requester hear of it', async () => {
    await begin(examplePolicy());
    await archives(true);
    await nobodyCanBeWrittenTo();
    await submits();
    await isTold(house, ALICE_ID, 'Please tell one of them yourself.');
    expect(house.logged.join('\n')).toContain('slack.nobody_reached');
    // No card anywhere, so the channel's return brings it.
    await archives(false);
    await house.restart();
    await cardReads(house, 'Pending. 0 of 2 approvals.');
  });

  test('the fallback channel refuses too: the requester is told, and nothing is posted into one others read', async () => {
    await begin();
    await archives(true);
    await house.driver.channelChange({ id: FALLBACK, is_ext_shared: true });
    await nobodyCanBeWrittenTo();
    await submits();
    await isTold(house, ALICE_ID, 'Please tell one of them yourself.');
    expect(await inFallback()).toEqual([]);
  });

  test('never two cards: the channel is back, and the request stays with its approvers, in a process that knows nothing of it', async () => {
    await begin();
    await archives(true);
    await submits();
    await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    await archives(false);
    await house.restart();
    await approves(DAN);
    const redrawn = await isTold(house, BOB_ID, 'Pending. 1 of 2 approvals.');
    expect(buttons(redrawn)).toContain('approve');
    await approves(BOB);
    for (const user of APPROVERS) await isTold(house, user, 'Active until ');
    expect(await cards(house)).toEqual([]);
    expect(await inFallback()).toEqual([]);
  });

  test('a channel the policy names since then gets the card; messages to approvers become links to it', async () => {
    await begin();
    await archives(true);
    await submits();
    await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    const resources = withFallback().resources.map((one) => ({ ...one, slackChannel: 'C01SECRET' }));
    house.world.policies.put(changed(withFallback(), { resources }));
    await approves(DAN);
    await house.driver.until(async () =>
      (await house.driver.channel('C01SECRET').messages()).some((one) => one.reads.includes('1 of 2 approvals')),
    );
    const link = await house.driver.until(async () =>
      (await house.driver.as(BOB_ID).dms()).find((one) => buttons(one).includes('open_card')),
    );
    expect(buttons(link)).toEqual(['open_card']);
  });

  test('a card that stands when its channel is archived: approvers get buttons, and on its return it tells the end', async () => {
    await begin();
    await submits();
    await house.driver.until(async () => (await cards(house)).length === 1);
    await archives(true);
    await approves(DAN);
    const message = await isTold(house, BOB_ID, 'Pending. 1 of 2 approvals.');
    expect(buttons(message)).toContain('approve');
    await approves(BOB);
    await isTold(house, CAROL_ID, 'Active until ');
    await archives(false);
    await house.restart();
    await cardReads(house, 'Active until ');
    expect(await cards(house)).toHaveLength(1);
  });

  test('many of one requester while the channel refuses: approvers get cards of the first, nothing of the rest', async () => {
    await begin();
    await archives(true);
    for (let one = 0; one < DIGEST_OVER + 3; one += 1) {
      expect((await submits()).ok).toBe(true);
      await house.driver.until(() => house.stores.done.size > one);
    }
    const asked = (await house.driver.as(DAN_ID).dms()).filter((one) => buttons(one).includes('approve'));
    expect(asked).toHaveLength(DIGEST_OVER);
    expect([...(await cards(house)), ...(await inFallback())]).toEqual([]);
  }, 40_000);

  test('GX-2: the card stands in an archived channel, nobody can be written to, others read the fallback channel: none goes there', async () => {
    await begin();
    await nobodyCanBeWrittenTo();
    await submits();
    await house.driver.until(async () => (await cards(house)).length === 1);
    await archives(true);
    await house.driver.channelChange({ id: FALLBACK, is_ext_shared: true });
    await approves(DAN);
    await isTold(house, ALICE_ID, '1 of 2. Waiting for');
    await house.driver.until(() => house.logged.some((line) => line.includes('slack.nobody_reached')));
    expect(await inFallback()).toEqual([]);
  });

  test('a post whose answer was lost, then the channel refuses: on its return the lost card is found and kept true', async () => {
    await begin();
    await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind: 'after' });
    await house.driver.fault({ method: 'conversations.history', channel: CHANNEL, kind: '500', times: 1 });
    await house.driver.fault({
      method: 'conversations.history',
      channel: CHANNEL,
      kind: 'error',
      error: 'is_archived',
    });
    await house.driver.fault({ method: 'chat.postMessage', channel: CHANNEL, kind: 'error', error: 'is_archived' });
    await submits();
    await isTold(house, DAN_ID, 'Pending. 0 of 2 approvals.');
    await house.restart();
    await approves(DAN);
    await cardReads(house, '1 of 2 approvals');
    expect(await cards(house)).toHaveLength(1);
  }, 30_000);
});
