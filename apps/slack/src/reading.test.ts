/** Everybody can read it: by ear, without colour, without signs, at their own time. Every state of a request, and what is said of it. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { minutes } from '@sallyport/core';
import type { PersonDriver } from '@sallyport/testkit/slack';
import { unreadable } from './testing/readable.ts';
import { CHANNEL, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, CAROL_ID, cardReads, DAN_ID, isTold } from './testing/story.ts';

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  let house: SlackHouse;
  afterEach(() => house.stop());

  test('case 45: text and labels on everything, no state told by colour or sign alone, times in the zone of the reader', async () => {
    house = await startSlackHouse({ mode });
    const alice = house.driver.as(ALICE_ID);
    const bob = house.driver.as(BOB_ID);
    const dan = house.driver.as(DAN_ID);
    const people = [alice, bob, dan, house.driver.as(CAROL_ID)];
    const closes = async () => void (await Promise.all(people.map((one) => one.closes({ all: true }))));
    const opens = async (who: PersonDriver, action: string) => {
      await who.clicks(action);
      await house.driver.until(async () => await who.modal());
    };
    await asks(house, { subject: 'me', ticket: 'OPS-1' });
    for (const action of ['details', 'approve_less', 'ask_question']) {
      await closes();
      await opens(bob, action);
    }
    await bob.submits({ text: 'Which orders?' });
    await isTold(house, ALICE_ID, 'Bob Berg has a question');
    await closes();
    await opens(alice, 'answer_question');
    await alice.submits({ text: 'Those of last night.' });
    await cardReads(house, 'all answered');
    await bob.clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    for (const who of people) await who.opensHome();
    await alice.types('/request-access list', { channel: CHANNEL });
    await alice.types('/request-access help', { channel: CHANNEL });
    await dan.clicks('approve');
    await cardReads(house, 'Active until ');
    await closes();
    await dan.clicks('revoke', { channel: CHANNEL });
    await cardReads(house, 'Ended early by ');
    await closes();
    await asks(house, { role: 'admin' });
    await closes();
    await dan.clicks('deny', { request: house.request() });
    await house.driver.until(async () => (await dan.modal())?.callback_id === 'deny_request');
    await dan.submits({ reason: 'Use the read role.' });
    await cardReads(house, 'Denied by Dan Dorn');
    await closes();
    await asks(house, { role: 'admin' });
    await house.driver.until(async () => (await alice.dms()).at(-1)?.buttons.some((one) => one.action_id === 'cancel'));
    await alice.clicks('cancel');
    await cardReads(house, 'Canceled by Alice Ahn');
    await closes();
    await asks(house, { role: 'read', subject: 'me', duration: '15m' });
    await cardReads(house, 'Active until ');
    house.clock.advance(minutes(16));
    await house.sweep();
    await cardReads(house, 'time was over.');
    await house.program.courier.settled();
    expect(house.unreadable()).toEqual([]);
    expect(await house.driver.violations()).toEqual([]);
  });
});

describe('what is found', () => {
  const button = (more: object) => ({
    type: 'actions',
    elements: [{ type: 'button', text: { type: 'plain_text', text: 'Approve' }, action_id: 'a', ...more }],
  });
  const rich = (...elements: object[]) => ({
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements }],
  });
  const input = (label: string) => ({
    type: 'input',
    label: { type: 'plain_text', text: label },
    element: { type: 'plain_text_input', initial_value: '🔥 by 13:00' },
  });

  test.each([
    ['a message without text', [], ' ', 'a message without text'],
    ['a button that says not what about', [button({})], 'x', 'to nobody'],
    ['a button called otherwise', [button({ accessibility_label: 'Yes please' })], 'x', 'is called'],
    ['a field without a name', [input('')], 'x', 'a field without a name'],
    ['a sign for a state', [rich({ type: 'text', text: '✅ Approved' })], 'x', 'a sign in'],
    ['an emoji', [rich({ type: 'emoji', name: 'white_check_mark' })], 'x', 'a sign instead of a word'],
    ['a sign in the fallback', [], ':lock: Approved', 'a sign in'],
    ['a time of nobody’s zone', [rich({ type: 'text', text: 'Expires 18:30.' })], 'x', 'a bare time'],
    ['a date without a fallback', [rich({ type: 'date', timestamp: 1, format: '{time}' })], 'x', 'a time without UTC'],
    ['what acts', [rich({ type: 'user', user_id: 'U01BOB' })], 'x', 'a user that acts'],
  ])('%s', (_what, blocks, text, expected) => {
    expect(unreadable({ place: 'card', blocks: blocks as never, text })).toEqual([expect.stringContaining(expected)]);
  });

  test('people’s own words may hold what they like', () => {
    const quote = {
      type: 'rich_text',
      elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text: '🔥 13:00' }] }],
    };
    const blocks = [quote, input('Why'), button({ accessibility_label: 'Approve request req_1' })];
    expect(unreadable({ place: 'card', blocks: blocks as never, text: 'x' })).toEqual([]);
  });
});
