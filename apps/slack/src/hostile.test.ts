/** Whatever people write, everywhere it is shown it stays their words: every hostile text through every place of one conversation. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { hours, minutes } from '@sallyport/core';
import { ALICE, anAsk, byline, deceptions, HOSTILE_TEXTS } from '@sallyport/testkit/core';
import { actingParts, plainText } from '@sallyport/testkit/slack';
import { everythingShown, type Shown, strings } from './testing/readable.ts';
import { CHANNEL, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, cardReads, cards, DAN_ID, isTold, opensForm } from './testing/story.ts';

// A busy machine is no failure.
jest.setTimeout(40_000);

let house: SlackHouse;
afterEach(async () => {
  const violations = await house.driver.violations();
  await house.stop();
  expect(violations).toEqual([]);
});

const everything = () => everythingShown(house.workspace.engine);

/** What is wrong with something shown. A field may hold a false line: it is somebody's own, in a box. */
function wrongWith({ place, blocks, text = '' }: Shown): readonly string[] {
  const read = plainText(blocks.filter((block) => block.type !== 'input'));
  const all = [
    ...actingParts(blocks, text).map((acting) => `${acting.kind} ${acting.target} acts`),
    ...deceptions(`${text}\n${read}`),
    ...strings(blocks).flatMap((one) => deceptions(one).filter((what) => what.includes('hidden'))),
  ];
  return all.map((what) => `${place}: ${what}`);
}

/** What is left to be read of a text, in one line: enough to see that it is shown at all. */
const mark = (text: string): string => /[A-Za-z]{4,}/.exec(text)?.[0] ?? '';

/** Halves of characters are refused before they are stored: below. */
const whole = Object.entries(HOSTILE_TEXTS).filter(([, text]) => text.isWellFormed());

describe.each(whole)('%s', (_what, hostile) => {
  test('case 11: is harmless in every place of a conversation', async () => {
    house = await startSlackHouse();
    const found: Shown[] = [];
    const look = () => found.push(...everything());
    const [alice, bob, dan] = [house.driver.as(ALICE_ID), house.driver.as(BOB_ID), house.driver.as(DAN_ID)];
    const opens = async (who: typeof bob, action: string, form: string) => {
      const pressed = await who.clicks(action);
      expect(pressed.user_error).toBeNull();
      await house.driver.until(async () => (await who.modal())?.callback_id === form);
      look();
    };
    await alice.types(`/request-access ${hostile}`, { channel: CHANNEL });
    await house.driver.until(async () => (await alice.modal()) ?? (await alice.ephemerals())[0]);
    look();
    await alice.closes({ all: true });

    await asks(house, { justification: hostile, ticket: hostile.slice(0, 100) });
    look();
    await alice.closes({ all: true });
    await opens(bob, 'details', 'sallyport_note');
    await bob.closes({ all: true });
    await opens(bob, 'approve_less', 'approve_less');
    await bob.closes({ all: true });
    await opens(bob, 'ask_question', 'ask_question');
    await bob.submits({ text: hostile });
    await isTold(house, ALICE_ID, 'Bob Berg has a question about your request:');
    await opens(alice, 'answer_question', 'answer_question');
    await alice.submits({ text: hostile });
    await isTold(house, BOB_ID, 'Alice Ahn answered your question.');
    await alice.types('/request-access list', { channel: CHANNEL });
    house.clock.advance(minutes(65));
    await isTold(house, DAN_ID, 'Still waiting for you');
    for (const who of [alice, dan]) {
      await who.opensHome();
      await house.driver.until(async () => await who.home());
    }
    look();
    await opens(dan, 'deny', 'deny_request');
    await dan.submits({ reason: hostile });
    await cardReads(house, 'Denied by Dan Dorn at ');
    await isTold(house, ALICE_ID, 'Denied by Dan Dorn.');
    await house.program.courier.settled();
    await opens(alice, 'open_request', 'request_access');

    expect([...new Set(found.flatMap(wrongWith))]).toEqual([]);
    const shownIn = (place: string) =>
      found.filter((one) => one.place === place).some((one) => strings(one.blocks).join('\n').includes(mark(hostile)));
    const words = [
      'card',
      'thread line',
      'direct message',
      'form sallyport_note',
      'form answer_question',
      'form request_access',
    ];
    expect(words.filter((place) => !shownIn(place))).toEqual([]);
    const places = new Set(found.map((one) => one.place));
    expect([...places]).toEqual(
      expect.arrayContaining(['ephemeral', 'Home', 'form deny_request', 'form approve_less']),
    );
    expect(JSON.stringify(house.logged)).not.toContain(
      JSON.stringify(JSON.stringify(hostile).slice(1, -1)).slice(1, -1),
    );
  });
});

test('a flood of hostile requests is listed without their words', async () => {
  house = await startSlackHouse();
  for (let count = 0; count < 21; count += 1) {
    const asked = anAsk({ duration: minutes(10), justification: Object.values(HOSTILE_TEXTS).join(' ').slice(0, 500) });
    await house.byRest.submit(asked, byline({ principal: ALICE }));
  }
  await house.driver.until(async () => (await cards(house)).some((one) => one.reads.includes('waiting here')));
  expect(everything().flatMap(wrongWith)).toEqual([]);
});

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  test('case 12: as long as it may be, with emoji, reversed and invisible ones: valid blocks, cut on the card, whole in Details', async () => {
    house = await startSlackHouse({ mode });
    const long = `start \u202e\u200b${'👩🏽‍🚒 rotate '.repeat(129)} the very end`;
    expect(long.length).toBeGreaterThan(1_700);
    const asked = await house.byRest.submit(anAsk({ justification: long }), byline({ principal: ALICE }));
    expect(asked.ok).toBe(true);
    const shown = await house.driver.until(async () => (await cards(house))[0]);
    expect(shown.reads).toContain('… (cut, press Details)');
    const bob = house.driver.as(BOB_ID);
    await bob.clicks('details');
    const details = await house.driver.until(async () => await bob.modal());
    expect(details.reads.match(/rotate/g)?.length).toBe(long.match(/rotate/g)?.length);
    expect(everything().flatMap(wrongWith)).toEqual([]);
  });

  test.each([
    ['three thousand characters', 'rotate '.repeat(430)],
    ['a NUL', 'a reason with \0 in it'],
    ['half a character', HOSTILE_TEXTS['half a character'] ?? ''],
  ])('case 12: %s is refused on its field, and nothing is stored', async (_what, justification) => {
    house = await startSlackHouse({ mode });
    const alice = house.driver.as(ALICE_ID);
    await opensForm(house, alice, '/request-access orders-db 30m');
    const sent = { role: 'admin', subject: 'workload:payments-deploy', justification };
    await alice.submits(sent, { force: true });
    expect((await alice.modal())?.errors).toEqual({ justification: expect.stringMatching(/does not fit|At most 500/) });
    expect(house.world.store.cases.size).toBe(0);
  });

  test('case 43: no token, no answer address and no needless e-mail address in a log, in metadata, in values or at Home', async () => {
    house = await startSlackHouse({ mode });
    await asks(house);
    const bob = house.driver.as(BOB_ID);
    await bob.opensHome();
    await house.driver.until(async () => (await bob.home())?.reads.includes('Waiting for you'));
    await bob.clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await bob.clicks('approve');
    const found = everything();
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, 'Active until ');
    house.clock.advance(hours(2));
    await house.sweep();
    await cardReads(house, 'time was over.');
    await bob.opensHome();
    const home = await house.driver.until(async () => await bob.home());
    const { state } = await house.driver.snapshot();
    const messages = Object.values(state.messages).flat();
    const said = JSON.stringify([messages, state.ephemerals, state.views, state.homes]);
    expect(`${said}${house.logged.join('\n')}`).not.toMatch(
      /xox[a-z]-|xapp-|eyJ|signing-secret|response_url|\/response\/|hooks\.slack/,
    );
    expect(JSON.stringify(messages.map((one) => one.metadata ?? {}))).not.toContain('@');
    const values = strings(found.map((one) => one.blocks)).filter((one) => one.startsWith('{"'));
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((one) => !/^\{"[rg]":"(?:req|grt)_[0-9a-z]+"(?:,"v":\d+)?(?:,"q":\d+)?\}$/.test(one))).toEqual(
      [],
    );
    expect(home.reads.match(/\S+@acme\.test/g)).toEqual(['(bob@acme.test']);
  });
});
