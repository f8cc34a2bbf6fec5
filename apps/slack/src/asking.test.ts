/** Asking in Slack: half a command, thousands of resources, a start, asks that are repeated, a message one asks about. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { minutes, type ResourceId, type RuleId } from '@sallyport/core';
import {
  ALICE,
  aResource,
  aRole,
  aRule,
  BOB,
  changed,
  group,
  ORDERS_READ,
  READ,
  withPerson,
  withRole,
  withRule,
} from '@sallyport/testkit/core';
import type { PersonDriver, SeenModal } from '@sallyport/testkit/slack';
import { examplePolicy } from './testing/example-policy.ts';
import { CHANNEL, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, cardReads, isTold, opensForm, STORY_FORM } from './testing/story.ts';

// A busy machine is no failure.
jest.setTimeout(20_000);

const DAY_S = 24 * 3_600;
const nowS = (): number => Math.floor(Date.now() / 1_000);

async function formReads(house: SlackHouse, person: PersonDriver, part: string): Promise<SeenModal> {
  return house.driver.until(async () => {
    const modal = await person.modal();
    return modal?.reads.includes(part) ? modal : undefined;
  });
}

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  let house: SlackHouse;
  let alice: PersonDriver;
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
    alice = house.driver.as(ALICE_ID);
  });
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });

  test.each([
    [
      'a length before the reason',
      'orders-db 45m rotate the keys',
      { resource: 'orders-db', duration: '45m', justification: 'rotate the keys' },
    ],
    [
      'typographic quotes',
      'orders-db 30m “rotate Bob’s keys”',
      { resource: 'orders-db', duration: '30m', justification: "rotate Bob's keys" },
    ],
    [
      'for a workload',
      'orders-db for payments-deploy 30m',
      { resource: 'orders-db', subject: 'workload:payments-deploy', duration: '30m' },
    ],
    ['for me', 'orders-db for me', { resource: 'orders-db', subject: 'me' }],
    ['for so long', 'orders-db for 45m', { resource: 'orders-db', duration: '45m' }],
    [
      'for something that is no workload',
      'orders-db for the audit',
      { resource: 'orders-db', justification: 'for the audit' },
    ],
    ['only a length', '30m', { resource: null, duration: '30m' }],
    ['part of a name', 'billing', { resource: 'billing-api' }],
    ['an id in capitals', 'ORDERS-DB', { resource: 'orders-db' }],
  ])('case 2: half a command fills the form: %s', async (_what, text, wanted) => {
    await opensForm(house, alice, `/request-access ${text}`);
    const fields = (await alice.modal())?.fields ?? {};
    const seen = Object.fromEntries(Object.keys(wanted).map((field) => [field, fields[field]?.value ?? null]));
    expect(seen).toEqual(wanted);
  });

  test('case 7: roles, lengths and what a role means follow the choice', async () => {
    const policy = withRole(house.world.policies.inForce(), 'orders-db' as ResourceId, READ, {
      description: 'Look at orders, change nothing.',
    });
    house.world.policies.put(policy);
    await opensForm(house, alice);
    await alice.chooses('resource', 'orders-db');
    await formReads(house, alice, '(choose: read | admin)');
    await alice.chooses('role', 'read');
    const form = await formReads(house, alice, 'Look at orders, change nothing. Scopes: orders:read.');
    expect(form.fields.duration?.options).toContain('8h');
    await alice.chooses('role', 'admin');
    const admin = await formReads(house, alice, 'Scopes: orders:read, orders:write.');
    expect(admin.fields.duration?.options).toEqual(['15m', '30m', '1h']);
    expect(admin.reads).toContain('Needs 2 approvals: 1 from dba and Bob Berg (manager). 3 people can answer.');
  });

  test('case 3: a directory that is too slow: a form within three seconds, and then a plain sentence in it', async () => {
    await house.driver.fault({ method: 'users.info', kind: 'delay', delay_ms: 2_500 });
    await alice.types('/request-access', { channel: 'C01APPROVALS' });
    await house.driver.until(async () => (await alice.modal())?.reads.includes('Checking your account'));
    await house.driver.until(async () => (await alice.modal())?.reads.includes('We could not check your account.'));
    await alice.closes({ all: true });
    await opensForm(house, alice);
  });

  test('nobody could approve: the form says so before it is sent, and refuses it', async () => {
    const nobody = withRule(house.world.policies.inForce(), 'payments-admin', {
      approvals: [{ count: 1, from: [group('ghosts')] }],
    });
    house.world.policies.put(nobody);
    await opensForm(house, alice, '/request-access orders-db');
    await alice.chooses('role', 'admin');
    await formReads(house, alice, 'Nobody can approve this, so it cannot be sent.');
    await alice.submits({ justification: STORY_FORM.justification });
    expect((await alice.modal())?.errors).toEqual({ role: 'Nobody can approve this.' });
    expect(house.world.store.cases.size).toBe(0);
  });

  test('a start: asked for later, it says so on form, card and in the grant', async () => {
    const starts = nowS() + 2 * DAY_S;
    const posted = await asks(house, { starts: String(starts) });
    expect(posted.reads).toContain('Starting: ');
    expect(Number(house.world.store.cases.get(house.request())?.case.request.notBefore)).toBe(starts * 1_000);
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2');
    await house.driver.as('U01DAN').clicks('approve');
    await cardReads(house, 'Starts ');
    expect(house.world.store.cases.get(house.request())?.case.grant?.notBefore).toBe(starts * 1_000);
  });

  test('case 8: a start that is over or too far is an error on its block; the form stays, its values too', async () => {
    await opensForm(house, alice, '/request-access orders-db');
    await alice.chooses('role', 'admin');
    const rest = { justification: STORY_FORM.justification };
    await alice.submits({ ...rest, starts: String(nowS() - 2 * DAY_S) });
    expect((await alice.modal())?.errors).toEqual({ starts: 'That is over. Choose a later time, or leave it empty.' });
    await alice.submits({ starts: String(nowS() + 31 * DAY_S) });
    const form = await alice.modal();
    expect(form?.errors).toEqual({ starts: 'At most 30 days ahead.' });
    expect(form?.fields.justification?.value).toBe(STORY_FORM.justification);
    expect(house.world.store.cases.size).toBe(0);
  });

  test('repeated asks: the form offers what was asked lately, a press fills it in, "Request again" opens it filled', async () => {
    await asks(house, { ticket: 'OPS-7' });
    await alice.closes({ all: true });
    await opensForm(house, alice);
    const fresh = await alice.modal();
    expect(fresh?.reads).toContain('[admin on Orders database (production) for payments-deploy, 30 minutes]');
    await alice.fills({ justification: 'something I began to type' });
    await alice.clicksInModal('fill_again');
    const filled = await house.driver.until(async () => {
      const modal = await alice.modal();
      return modal?.fields.resource?.value === 'orders-db' ? modal : undefined;
    });
    const values = Object.fromEntries(Object.entries(filled.fields).map(([name, field]) => [name, field.value]));
    expect(values).toMatchObject({ ...STORY_FORM, ticket: 'OPS-7', starts: null });
    await alice.closes({ all: true });
    await house.driver.as(BOB_ID).clicks('deny');
    await house.driver.until(async () => (await house.driver.as(BOB_ID).modal())?.callback_id === 'deny_request');
    await house.driver.as(BOB_ID).submits({ reason: 'tomorrow' });
    await isTold(house, ALICE_ID, 'Denied by Bob Berg.');
    await alice.clicks('open_request');
    const again = await formReads(house, alice, 'Needs 2 approvals');
    expect(again.fields.justification?.value).toBe(STORY_FORM.justification);
  });

  test('several asks of late are all offered, and the form opens with them', async () => {
    for (const duration of ['15m', '30m', '1h']) {
      await asks(house, { duration });
      await alice.closes({ all: true });
    }
    await opensForm(house, alice);
    expect((await alice.modal())?.reads.match(/^\[admin on Orders database .*\]$/gm)).toHaveLength(3);
    await alice.clicksInModal('fill_again');
  });

  test('another’s request is filled in for nobody', async () => {
    await asks(house);
    house.world.policies.put(withPerson(house.world.policies.inForce(), BOB.id, { groups: ['payments'] }));
    const bob = house.driver.as(BOB_ID);
    await opensForm(house, bob);
    const value = JSON.stringify({ r: house.request(), v: 1 });
    const modal = await bob.modal();
    await house.driver.deliver({
      kind: 'interactive',
      payload: {
        type: 'block_actions',
        user: { id: BOB_ID, team_id: 'T01TEST' },
        team: { id: 'T01TEST' },
        view: { id: modal?.id, type: 'modal', callback_id: 'request_access', state: { values: {} } },
        actions: [{ action_id: 'fill_again', value, action_ts: '1.1' }],
      },
    });
    await house.driver.until(async () => (await bob.modal())?.callback_id === 'request_access');
    expect((await bob.modal())?.reads).not.toContain(STORY_FORM.justification);
  });

  test('the shortcut on a message opens the form with the message’s address as ticket, not its words', async () => {
    const posted = await asks(house);
    await alice.closes({ all: true });
    const started = await alice.shortcutOn({ channel: CHANNEL, ts: posted.ts }, 'request_access_from_message');
    expect(started.user_error).toBeNull();
    const form = await house.driver.until(async () => await alice.modal());
    expect(form.fields.ticket?.value).toMatch(new RegExp(`/archives/${CHANNEL}/p${posted.ts.replace('.', '')}$`));
    expect(form.fields.justification?.value).toBeNull();
  });

  test('case 10: a form sent by another than who opened it is refused', async () => {
    house.world.policies.put(withPerson(house.world.policies.inForce(), BOB.id, { groups: ['payments'] }));
    await opensForm(house, alice, '/request-access orders-db');
    const view = (await alice.modal())?.view;
    const option = (value: string) => ({ selected_option: { value } });
    const sent = await house.driver.deliver({
      kind: 'interactive',
      payload: {
        type: 'view_submission',
        user: { id: BOB_ID, team_id: 'T01TEST' },
        team: { id: 'T01TEST' },
        view: {
          id: view?.id,
          callback_id: 'request_access',
          private_metadata: view?.private_metadata,
          state: {
            values: {
              resource: { resource: option('orders-db') },
              role: { role: option('admin') },
              justification: { justification: { value: 'rotate the leaked credentials' } },
            },
          },
        },
      },
    });
    expect(sent.body).toMatchObject({
      response_action: 'errors',
      errors: { justification: expect.stringContaining('This form is out of date.') },
    });
    expect(house.world.store.cases.size).toBe(0);
  });
});

describe.each(['http', 'socket'] as const)('%s mode: too late', (mode) => {
  test('case 4: a form that comes too late is made good by a plain sentence, and the next one opens', async () => {
    const house = await startSlackHouse({ mode });
    const alice = house.driver.as(ALICE_ID);
    await house.driver.fault({ method: 'users.info', kind: 'delay', delay_ms: 1_200 });
    const typed = alice.types('/request-access', { channel: 'C01APPROVALS' });
    await house.driver.age('triggers', 3_100);
    await typed;
    await isTold(house, ALICE_ID, 'Slack was slow, the form could not open. Try again.');
    expect(await house.driver.violations()).toMatchObject([{ kind: 'expired_trigger_id' }]);
    await opensForm(house, alice);
    await house.stop();
  });
});

describe.each(['http', 'socket'] as const)('%s mode: a thousand resources', (mode) => {
  let house: SlackHouse;
  afterEach(async () => {
    await house.stop();
  });

  test('case 5: case 6: search by prefix, words and nothing; within Slack’s limits; only what may be asked for', async () => {
    house = await startSlackHouse({ mode, policy: manyResources(3_000) });
    const alice = house.driver.as(ALICE_ID);
    await opensForm(house, alice);
    const values = async (typed: string) => (await alice.searches('resource', typed)).options.map((one) => one.value);
    const all = await values('');
    expect(all).toHaveLength(100);
    expect(await values('svc-01234')).toEqual(['svc-01234']);
    expect(await values('number 1234')).toEqual(['svc-01234']);
    expect((await values('01')).every((one) => one.includes('01'))).toBe(true);
    expect(await values('no such thing')).toEqual([]);
    expect(await values('forbidden')).toEqual([]);
    await alice.closes({ all: true });
    await opensForm(house, alice, '/request-access svc-02999 15m');
    await alice.submits({ role: 'read', justification: STORY_FORM.justification });
    await alice.closes({ all: true });
    await opensForm(house, alice);
    expect((await values(''))[0]).toBe('svc-02999');
    expect(await house.driver.violations()).toEqual([]);
  });
});

/** So many resources that Alice may read at once, and one nobody may. */
function manyResources(count: number) {
  const base = withPerson(examplePolicy(), ALICE.id, {});
  const made = Array.from({ length: count }, (_, index) => {
    const id = `svc-${String(index).padStart(5, '0')}` as ResourceId;
    return aResource(id, [aRole(READ, [ORDERS_READ], { maxDuration: minutes(60) })], {
      name: `Service number ${index}`,
    });
  });
  const forbidden = aResource('forbidden' as ResourceId, [aRole(READ, [ORDERS_READ])], { name: 'Forbidden' });
  return changed(base, {
    resources: [...base.resources, ...made, forbidden],
    rules: [
      ...base.rules,
      ...made.map(({ id }) =>
        aRule(`read-${id}` as RuleId, {
          who: [group('payments')],
          resource: id,
          roles: [READ],
          effect: 'auto_approve',
          approvals: [],
        }),
      ),
    ],
  });
}
