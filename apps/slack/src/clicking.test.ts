/** What is pressed, in both modes: forged, repeated, unknown, by somebody who has no say any more, after a restart. */
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BOB, byline, DAN, withPerson } from '@sallyport/testkit/core';
import { actionListeners } from './listeners/index.ts';
import { CHANNEL, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
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
  STORY_FORM,
} from './testing/story.ts';

const TEAM = 'T01TEST';

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

  /** A press as Slack would send it, said by the test: any button, any value, from any message. */
  const press = (user: string, at: { channel: string; ts: string }, action: object, more: object = {}) =>
    house.driver.deliver({
      kind: 'interactive',
      payload: {
        type: 'block_actions',
        user: { id: user, team_id: TEAM },
        team: { id: TEAM },
        container: { type: 'message', channel_id: at.channel, message_ts: at.ts },
        actions: [{ type: 'button', action_ts: '1.5', ...action }],
        ...more,
      },
    });
  const approveOf = async (request: string) => {
    const shown = (await cards(house)).find((one) => one.reads.includes(request));
    return shown?.buttons.find((one) => one.action_id === 'approve')?.value;
  };
  const decisions = () => house.world.store.audit.filter((row) => row.type === 'decision.made');

  test('case 23: an unknown button is acknowledged, said to be out of date, and the card is redrawn', async () => {
    const shown = await asks(house);
    const updates = () => house.workspace.engine.calls().filter((call) => call.method === 'chat.update').length;
    const before = updates();
    expect((await press(BOB_ID, shown, { action_id: 'approve_v0', value: 'x' })).status).toBe(200);
    await isTold(house, BOB_ID, 'This message is out of date. Here is the current one.');
    await house.driver.until(() => updates() > before);
  });

  test('case 48: every known action is acknowledged exactly once', async () => {
    const shown = await asks(house);
    for (const action_id of Object.keys(actionListeners)) {
      const sent = await press('U01DAVE', shown, { action_id, value: '{}', action_ts: `1.${action_id.length}` });
      expect([action_id, sent.status, sent.late]).toEqual([action_id, 200, false]);
    }
    expect(house.logged.join('\n')).not.toContain('slack.bolt_failed');
  });

  test('case 35: an Approve that is delivered three times has one effect', async () => {
    const shown = await asks(house);
    const value = await approveOf(house.request());
    for (let times = 0; times < 3; times += 1) {
      expect((await press(BOB_ID, shown, { action_id: 'approve', value })).status).toBe(200);
    }
    await cardReads(house, '1 of 2 approvals');
    expect(decisions()).toHaveLength(1);
    expect(await house.driver.as(BOB_ID).ephemerals()).toEqual([]);
  });

  test('case 49: the value of another request, a message that is none of ours and somebody else’s message count for nothing', async () => {
    const first = await asks(house);
    const value = await approveOf(house.request());
    await house.driver.as(ALICE_ID).closes({ all: true });
    const second = await asks(house, { duration: '15m' });
    await press(BOB_ID, second, { action_id: 'approve', value });
    await press(BOB_ID, { channel: CHANNEL, ts: '1.000001' }, { action_id: 'approve', value });
    const bobs = await isTold(house, BOB_ID, 'Your approval counts for: manager.');
    await press(DAN_ID, bobs, { action_id: 'approve', value });
    await press(BOB_ID, first, { action_id: 'approve', value: JSON.stringify({ r: 'req_', v: 1 }) });
    await house.driver.until(() => refusals(house).length === 4);
    expect(refusals(house)).toEqual(['malformed', 'malformed', 'malformed', 'malformed']);
    await isTold(house, DAN_ID, 'This message is out of date.');
    expect(decisions()).toEqual([]);
  });

  test('case 16: an account is known by its ids: an id of another kind counts, another team, an organisation, a name and an address do not', async () => {
    const shown = await asks(house);
    const policy = house.world.policies.inForce();
    house.world.policies.put(withPerson(policy, BOB.id, { slack: { team: TEAM, user: 'W01WANDA' } }));
    const value = await approveOf(house.request());
    const approve = (user: string, action_ts: string, more: object) =>
      press(user, shown, { action_id: 'approve', value, action_ts }, more);
    // Bob's name and address, by another company's account; and his former id.
    await house.driver.user({ id: 'U02EVE', real_name: 'Bob Berg', email: 'bob@acme.test' });
    await approve('U02EVE', '1.1', { user: { id: 'U02EVE', team_id: 'T02OTHER', name: 'bob' } });
    await approve('U01BOB', '1.2', {});
    await approve('W01WANDA', '1.3', { team: { id: 'T02OTHER' } });
    await approve('W01WANDA', '1.4', { is_enterprise_install: true });
    await house.driver.until(() => refusals(house).length === 4);
    expect(new Set(refusals(house))).toEqual(new Set(['identity_rejected']));
    expect(decisions()).toEqual([]);
    await house.driver.as('W01WANDA').clicks('approve', { channel: CHANNEL });
    await cardReads(house, '1 of 2 approvals. Bob Berg approved at ');
  });

  test('case 20: who left the group before the click is refused, and a group of Slack gives no say', async () => {
    await asks(house);
    const policy = house.world.policies.inForce();
    house.world.policies.put(withPerson(withPerson(policy, DAN.id, { groups: [] }), 'dave@acme.test', daveIsLinked));
    // The group of Slack that is called like the policy's lists both.
    house.workspace.engine.upsertGroup({ id: 'S01DBA', handle: 'dba', users: [DAN_ID, 'U01DAVE', CAROL_ID] });
    await house.driver.as(DAN_ID).clicks('approve', { channel: CHANNEL });
    await isTold(house, DAN_ID, "You can't decide this one. It needs 1 from dba or Bob Berg (manager).");
    await house.driver.as('U01DAVE').clicks('approve', { channel: CHANNEL });
    await isTold(house, 'U01DAVE', "You can't decide this one.");
    expect(refusals(house)).toEqual(['not_an_approver', 'not_an_approver']);
    expect((await card(house)).reads).toContain('0 of 2 approvals');
    const groups = house.workspace.engine.calls().filter((call) => call.method.startsWith('usergroups.'));
    expect(groups).toEqual([]);
  });

  test('case 9: a form sent twice at once is one request', async () => {
    const alice = house.driver.as(ALICE_ID);
    await opensForm(house, alice);
    const { resource, ...rest } = STORY_FORM;
    await alice.fills({ resource });
    await Promise.all([alice.submits(rest), alice.submits(rest)]);
    await house.driver.until(async () => (await cards(house)).length > 0);
    await house.program.courier.settled();
    expect(house.world.store.cases.size).toBe(1);
    expect(await cards(house)).toHaveLength(1);
  });

  test('case 6: case 7: a forged resource, a forged or stale role and another’s pipeline are refused on their fields', async () => {
    const forged = async (change: object) => {
      const select = (value: string) => ({ type: 'static_select', selected_option: { value } });
      const values = {
        resource: { resource: select('orders-db') },
        role: { role: select('admin') },
        duration: { duration: select('30m') },
        justification: { justification: { type: 'plain_text_input', value: STORY_FORM.justification } },
        ...change,
      };
      const sent = await house.driver.deliver({
        kind: 'interactive',
        payload: {
          type: 'view_submission',
          user: { id: ALICE_ID, team_id: TEAM },
          team: { id: TEAM },
          view: { id: `V-${JSON.stringify(change).length}`, callback_id: 'request_access', state: { values } },
        },
      });
      return sent.body;
    };
    const chosen = (field: string, value: string) => ({ [field]: { [field]: { selected_option: { value } } } });
    const refused = (field: string, sentence: string) => ({
      response_action: 'errors',
      errors: { [field]: expect.stringContaining(sentence) },
    });
    const none = 'no such resource or role';
    expect(await forged(chosen('resource', 'no-such-thing'))).toEqual(refused('resource', none));
    expect(await forged(chosen('role', 'operator'))).toEqual(refused('role', none));
    expect(await forged(chosen('subject', 'person:bob@acme.test'))).toEqual(refused('subject', 'neither you nor'));
    expect(house.world.store.cases.size).toBe(0);
  });

  test('case 53: an answer address that is not Slack’s is never called; the person is told by direct message', async () => {
    const shown = await asks(house);
    const called: string[] = [];
    const elsewhere = createServer((req, res) => {
      called.push(req.url ?? '');
      res.end('ok');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = elsewhere.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const value = await approveOf(house.request());
    for (const response_url of [
      `http://127.0.0.1:${port}/hook`,
      'https://hooks.slack.com.evil.test/x',
      'file:///etc/passwd',
    ]) {
      const action = { action_id: 'approve', value, action_ts: `2.${response_url.length}` };
      expect((await press(ALICE_ID, shown, action, { response_url })).status).toBe(200);
    }
    const own = async () =>
      (await house.driver.as(ALICE_ID).dms()).filter((one) => one.reads.includes('your own request'));
    await house.driver.until(async () => (await own()).length === 3);
    await new Promise((resolve) => elsewhere.close(resolve));
    expect(called).toEqual([]);
  });

  test('case 54: after a stop and a start the same card goes on', async () => {
    const posted = await asks(house);
    await house.restart();
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await house.restart();
    await house.driver.as(DAN_ID).clicks('approve');
    const done = await cardReads(house, 'Active until ');
    expect(done.ts).toBe(posted.ts);
    expect(await cards(house)).toHaveLength(1);
    expect(house.world.store.cases.get(house.request())?.case.decisions.map((one) => one.person)).toEqual([
      BOB.id,
      DAN.id,
    ]);
  });

  test('case 54: what was decided while it was stopped stands on the same card after the start', async () => {
    const posted = await asks(house);
    await house.program.lifecycle.stop();
    await house.byRest.decide(
      {
        requestId: house.request(),
        person: DAN.id,
        verdict: 'deny',
        revision: 1,
        reason: 'use read',
        hideFromStrangers: true,
      },
      byline({ principal: DAN }),
    );
    await house.restart();
    expect((await cardReads(house, 'Denied by Dan Dorn at ')).ts).toBe(posted.ts);
    expect(await cards(house)).toHaveLength(1);
  });
});

describe('Socket Mode', () => {
  test('case 52: while no address for a new connection can be had it is asked for again, and nothing ends', async () => {
    const house = await startSlackHouse({ mode: 'socket' });
    await asks(house);
    await house.driver.fault({ method: 'apps.connections.open', kind: 'error', error: 'internal_error', times: 2 });
    await house.driver.socket('kill');
    const opens = () => house.workspace.engine.calls().filter((call) => call.method === 'apps.connections.open');
    await house.driver.until(async () => opens().length >= 4 && (await house.driver.socket('list')).length === 1);
    expect(opens().filter((call) => !call.ok)).toHaveLength(2);
    await house.driver.as(BOB_ID).clicks('approve');
    await cardReads(house, '1 of 2 approvals');
    await house.stop();
  });
});

const daveIsLinked = { slack: { team: TEAM, user: 'U01DAVE' } };
