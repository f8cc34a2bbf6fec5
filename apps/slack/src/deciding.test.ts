/** Deciding in Slack beyond yes and no: for less, after a question, knowing what is worth knowing. In both modes. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { QUESTIONS_MAX, type RequestId } from '@sallyport/core';
import { ALICE, anAsk, byline, DAN, group, withPerson, withRule } from '@sallyport/testkit/core';
import { examplePolicy } from './testing/example-policy.ts';
import { CHANNEL, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, CAROL_ID, card, cardReads, cards, DAN_ID, isTold, refusals } from './testing/story.ts';

// A busy machine is no failure.
jest.setTimeout(20_000);

const EVIL = '<!channel> <@U01BOB> *Approved by* Bob\n>fake \u202eevil\u200b';

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

  async function opens(user: string, action: string, form: string): Promise<void> {
    const pressed = await house.driver.as(user).clicks(action);
    expect(pressed.user_error).toBeNull();
    await house.driver.until(async () => (await house.driver.as(user).modal())?.callback_id === form);
  }
  const thread = async () =>
    (await house.driver.channel('C01APPROVALS').messages()).filter((one) => one.thread_ts !== undefined);

  test('case 19a: approved for less: the ask gets smaller, earlier approvals are void, everybody is told, others decide anew', async () => {
    await asks(house);
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals. Dan Dorn approved at ');
    await opens(BOB_ID, 'approve_less', 'approve_less');
    const bob = house.driver.as(BOB_ID);
    const form = await bob.modal();
    expect(form?.reads).toContain('Alice Ahn asks for admin on Orders database (production) for 30 minutes');
    expect(form?.fields.duration).toMatchObject({ value: '30m', options: ['5m', '15m', '30m'] });
    expect((await bob.submits({ duration: '15m', scopes: '0' })).user_error).toBeNull();
    const smaller = await cardReads(house, 'For how long: 15 minutes');
    expect(smaller.reads).toContain('Role: admin (orders:read)');
    expect(smaller.reads).toContain('1 of 2 approvals. Bob Berg approved at ');
    expect(smaller.reads).toContain('Bob Berg approved less than was asked; what is left stands here.');
    const said = 'Bob Berg approved less than was asked: 15 minutes, orders:read.';
    await isTold(house, ALICE_ID, `${said} 1 of 2 approvals. Waiting for: 1 from dba.`);
    await isTold(house, DAN_ID, `${said} Your approval was for more and no longer counts.`);
    const line = ': 15 minutes, orders:read. Approvals from before no longer count.';
    await house.driver.until(async () => (await thread()).some((one) => one.reads.includes(line)));
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, 'Active until ');
    await isTold(house, ALICE_ID, 'Approved: admin on Orders database (production), active until ');
    const grant = house.world.store.cases.get(house.request())?.case.grant;
    expect(grant?.access.scopes).toEqual(['orders:read']);
    expect(Number(grant?.expiresAt) - Number(grant?.notBefore)).toBeLessThanOrEqual(15 * 60_000 + 1_000);
  });

  test('case 24: approving for less needs something that is less, and something that is left', async () => {
    await asks(house);
    await opens(BOB_ID, 'approve_less', 'approve_less');
    const bob = house.driver.as(BOB_ID);
    await bob.submits({});
    expect((await bob.modal())?.errors).toEqual({ duration: expect.stringContaining('That is all of it.') });
    await bob.submits({ duration: '15m', scopes: null }, { force: true });
    expect((await bob.modal())?.errors).toEqual({ scopes: 'Leave at least one scope.' });
    expect(house.world.store.cases.get(house.request())?.case.version).toBe(1);
  });

  test('case 22: a form to approve for less of an older revision is refused and the card redrawn', async () => {
    await asks(house);
    await opens(BOB_ID, 'approve_less', 'approve_less');
    await opens(DAN_ID, 'approve_less', 'approve_less');
    await house.driver.as(DAN_ID).submits({ duration: '5m' });
    await cardReads(house, 'For how long: 5 minutes');
    await house.driver.as(BOB_ID).submits({ duration: '15m' });
    const errors = (await house.driver.as(BOB_ID).modal())?.errors;
    expect(errors).toEqual({ duration: expect.stringContaining('This changed since you saw it.') });
    expect((await card(house)).reads).toContain('For how long: 5 minutes');
  });

  test('case 14: whoever asked neither approves for less nor asks questions', async () => {
    await asks(house);
    await house.driver.as(ALICE_ID).clicks('approve_less');
    await isTold(house, ALICE_ID, "You can't decide your own request.");
    await house.driver.as(ALICE_ID).clicks('ask_question');
    await house.driver.until(() => refusals(house).length === 2);
    expect(refusals(house)).toEqual(['own_request', 'own_request']);
    expect(await house.driver.as(ALICE_ID).modal()).toMatchObject({ title: 'Request sent' });
  });

  test('case 11: a question reaches whoever asked, the answer whoever asked that; both stand in the thread, harmlessly', async () => {
    await asks(house);
    await opens(BOB_ID, 'ask_question', 'ask_question');
    await house.driver.as(BOB_ID).submits({ text: EVIL });
    const question = await isTold(house, ALICE_ID, 'Bob Berg has a question about your request:');
    expect(question.reads).toContain('> <!channel> <@U01BOB> *Approved by* Bob\n> >fake evil');
    expect(question.acting).toEqual([]);
    expect(question.text).not.toContain('fake');
    await cardReads(house, '1 question, 1 not answered yet.');
    const alice = house.driver.as(ALICE_ID);
    await alice.closes({ all: true });
    await opens(ALICE_ID, 'answer_question', 'answer_question');
    await alice.submits({ text: 'The token of the nightly job leaked.' });
    const answer = await isTold(house, BOB_ID, 'Alice Ahn answered your question.');
    expect(answer.reads).toContain('> The token of the nightly job leaked.');
    await cardReads(house, '1 question, all answered.');
    await house.driver.until(async () => {
      const lines = (await thread()).map((one) => one.reads);
      return (
        lines.some((one) => one.startsWith('Bob Berg asks:')) &&
        lines.some((one) => one.startsWith('Alice Ahn answers:'))
      );
    });
    expect((await thread()).flatMap((one) => one.acting)).toEqual([]);
    await house.driver.until(async () => {
      const told = (await alice.dms()).find((one) => one.reads.includes('Bob Berg has a question'));
      return told?.buttons.length === 0 && told.reads.includes('Alice Ahn answers:');
    });
    const types = house.world.store.audit.map((row) => row.type);
    expect(types.filter((type) => type.startsWith('question.'))).toEqual(['question.asked', 'question.answered']);
    expect(JSON.stringify([house.world.store.audit, house.logged])).not.toContain('nightly job leaked');
  });

  test('case 49: only whoever asked for the access replies, and only to a question of that request', async () => {
    await asks(house);
    await opens(BOB_ID, 'ask_question', 'ask_question');
    await house.driver.as(BOB_ID).submits({ text: 'Why now?' });
    const question = await isTold(house, ALICE_ID, 'Bob Berg has a question');
    const reply = question.buttons.find((one) => one.action_id === 'answer_question');
    const { channel, ts } = question;
    await house.driver.as(CAROL_ID).clicks('answer_question', { channel, ts, force: true });
    await isTold(house, CAROL_ID, 'This message is out of date.');
    const metadata = String(reply?.value).replace('"q":1', '"q":7');
    const forged = await house.driver.deliver({
      kind: 'interactive',
      payload: {
        type: 'view_submission',
        user: { id: ALICE_ID, team_id: 'T01TEST' },
        team: { id: 'T01TEST' },
        view: {
          id: 'V-forged',
          callback_id: 'answer_question',
          private_metadata: metadata,
          state: { values: { text: { text: { type: 'plain_text_input', value: 'x' } } } },
        },
      },
    });
    expect(forged.body).toMatchObject({ response_action: 'errors' });
    expect(await house.world.questions.ofRequest(house.request())).toMatchObject([{ number: 1 }]);
  });
});

describe('what is worth knowing', () => {
  let house: SlackHouse;
  afterEach(async () => {
    await house.stop();
  });

  test('a first request says so; a later one says how often and what is live already; Details has everything', async () => {
    house = await startSlackHouse();
    const me = { subject: 'me' } as const;
    const first = await asks(house, me);
    expect(first.reads).toContain('Worth knowing');
    expect(first.reads).toContain('First request for this resource for Alice Ahn.');
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, 'Active until ');
    await house.driver.as(ALICE_ID).closes({ all: true });
    const second = await asks(house, me);
    expect(second.reads).toContain('1 earlier request for this resource for Alice Ahn in 30 days. The last one, ');
    expect(second.reads).toContain('was approved.');
    expect(second.reads).toContain('Alice Ahn already has admin on Orders database (production) until ');
    expect(second.reads).toContain('1 from dba: Carol Cole or Dan Dorn can answer.');
    await house.driver.as(DAN_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals. Dan Dorn');
    const bob = house.driver.as(BOB_ID);
    await bob.clicks('details');
    const details = await house.driver.until(async () => await bob.modal());
    for (const part of [
      '1 from dba: done. Dan Dorn approved at ',
      'Bob Berg (manager): open. Bob Berg can answer.',
      'Alice Ahn already has admin',
      'Scopes: orders:read orders:write',
    ]) {
      expect(details.reads).toContain(part);
    }
  });

  test('an hour that is not theirs is said, on their own clock', async () => {
    house = await startSlackHouse({ policy: withPerson(examplePolicy(), ALICE.id, { timeZone: 'Pacific/Auckland' }) });
    // Far from any clock change: 13:00 UTC of a Saturday is 02:00 on Sunday in Auckland.
    house.clock.set(Date.UTC(2031, 0, 4, 13, 0) as never);
    await asks(house, { subject: 'me' });
    await cardReads(
      house,
      'Asked on Sunday at 02:00 on the clock of Alice Ahn (Pacific/Auckland), outside working hours.',
    );
  });

  test('no history must not stand in the way: the card comes without it', async () => {
    house = await startSlackHouse();
    house.world.facts.history = async () => {
      throw new Error('the ledger has no time for this');
    };
    const shown = await asks(house);
    expect(shown.reads).not.toContain('Worth knowing');
    expect(shown.buttons.map((one) => one.text)).toContain('Approve');
  });

  test('questions end at their bound, and the form says so', async () => {
    house = await startSlackHouse();
    await asks(house);
    for (let count = 0; count < QUESTIONS_MAX; count += 1) {
      const asked = await house.world.questions.write(
        house.request(),
        (_, before, at) => ({
          ok: true,
          value: { number: before.length + 1, asked: { by: DAN.id, at: at.now, text: 'and?' } },
        }),
        byline({ principal: DAN }),
      );
      expect(asked.ok).toBe(true);
    }
    const bob = house.driver.as(BOB_ID);
    await bob.clicks('ask_question');
    await house.driver.until(async () => (await bob.modal())?.callback_id === 'ask_question');
    await bob.submits({ text: 'one more?' });
    expect((await bob.modal())?.errors).toEqual({ text: 'Enough was asked here. Talk to each other, then decide.' });
  });
});

describe.each(['http', 'socket'] as const)('%s mode: two at once', (mode) => {
  const ROUNDS = 50;
  let house: SlackHouse;
  afterEach(async () => {
    await house.stop();
  });

  test(`case 17: Approve and Deny at once, ${ROUNDS} rounds: one outcome each, and the loser is told`, async () => {
    house = await startSlackHouse({ mode, policy: oneLinePolicy() });
    const [carol, dan] = [house.driver.as(CAROL_ID), house.driver.as(DAN_ID)];
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = await house.byRest.submit(anAsk({ subject: ALICE, requester: ALICE }), byline());
      if (!asked.ok) throw new Error(asked.error.code);
      const { id } = asked.value.case.request;
      await house.driver.until(async () => (await cards(house)).some((one) => one.reads.includes(id)));
      await dan.clicks('deny', { request: id, channel: CHANNEL });
      await house.driver.until(async () => (await dan.modal())?.callback_id === 'deny_request');
      await Promise.all([
        carol.clicks('approve', { request: id, channel: CHANNEL }),
        dan.submits({ reason: 'not now' }),
      ]);
      await house.driver.until(() => stateOf(house, id) !== 'pending');
      const errors = (await dan.modal())?.errors.reason ?? '';
      if (stateOf(house, id) === 'approved') expect(errors).toContain('Carol Cole already approved this at ');
      else await isTold(house, CAROL_ID, 'Dan Dorn already denied this at ');
      await dan.closes({ all: true });
    }
    const decided = house.world.store.audit.filter((row) => row.type === 'decision.made');
    expect(decided).toHaveLength(ROUNDS);
  }, 120_000);

  test('case 19b: Deny after one approval ends it', async () => {
    house = await startSlackHouse({ mode });
    await asks(house);
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    const dan = house.driver.as(DAN_ID);
    await dan.clicks('deny');
    await house.driver.until(async () => (await dan.modal())?.callback_id === 'deny_request');
    await dan.submits({ reason: 'use the read role' });
    await cardReads(house, 'Denied by Dan Dorn at ');
    expect(stateOf(house, house.request())).toBe('denied');
  });
});

function stateOf(house: SlackHouse, id: RequestId): string | undefined {
  return house.world.store.cases.get(id)?.case.request.status.state;
}

/** One dba is enough. */
function oneLinePolicy() {
  return withRule(examplePolicy(), 'payments-admin', { approvals: [{ count: 1, from: [group('dba')] }] });
}
