/** The start: whose workspace this is and what the app may do there are checked before anything is served. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigProblems, SLACK_BOT_SCOPES } from '@sallyport/platform';
import type { WorkspaceDriver } from '@sallyport/testkit/slack';
import { type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, cardReads, isTold, opensForm } from './testing/story.ts';

describe.each(['http', 'socket'] as const)('the installation, %s mode', (mode) => {
  test('case 40: a scope that is missing is named', async () => {
    const scopes = SLACK_BOT_SCOPES.filter((scope) => scope !== 'im:write');
    const problem = await startSlackHouse({ scopes, mode }).catch((thrown: unknown) => thrown);
    expect(problem).toBeInstanceOf(ConfigProblems);
    expect(String(problem)).toContain('without im:write');
  });
});

describe('the installation', () => {
  let house: SlackHouse | undefined;
  afterEach(async () => {
    await house?.stop();
    house = undefined;
  });

  test('a bot token of a team that is not allowed is a configuration problem', async () => {
    const problem = await startSlackHouse({ teamIds: ['T09ELSE'] }).catch((thrown: unknown) => thrown);
    expect(problem).toBeInstanceOf(ConfigProblems);
    expect(String(problem)).toContain('SLACK_TEAM_IDS: the bot token is of team T01TEST');
  });

  test('case 42: another kind of token in the place of the bot token is a configuration problem', async () => {
    const before = (driver: WorkspaceDriver) =>
      driver.fault({ method: 'auth.test', kind: 'error', error: 'not_allowed_token_type' });
    const problem = await startSlackHouse({ before }).catch((thrown: unknown) => thrown);
    expect(problem).toBeInstanceOf(ConfigProblems);
    expect(String(problem)).toContain('SLACK_BOT_TOKEN: is another kind of token');
  });

  test('wrong mode: Socket Mode that is off in the app is named where the program says that it is not ready', async () => {
    const before = async (driver: WorkspaceDriver) => driver.app({ mode: 'http' });
    house = await startSlackHouse({ mode: 'socket', before, ready: false });
    const here = house;
    const missing = async () => (await fetch(`${here.url}/readyz`)).text();
    await here.driver.until(async () => (await missing()).includes('is Socket Mode on in the app'));
    await here.driver.app({ mode: 'socket' });
    await here.driver.until(async () => (await fetch(`${here.url}/readyz`)).status === 200);
  });

  test('wrong mode: another kind of token in the place of the app token is a configuration problem', async () => {
    const problems: ConfigProblems[] = [];
    const before = (driver: WorkspaceDriver) =>
      driver.fault({ method: 'apps.connections.open', kind: 'error', error: 'not_allowed_token_type' });
    house = await startSlackHouse({ mode: 'socket', before, onMisfit: (one) => void problems.push(one) });
    expect(String(problems)).toContain('SLACK_APP_TOKEN: is another kind of token');
  });

  test('a Slack that knows only the needed methods is enough for the story', async () => {
    house = await startSlackHouse();
    const here = house;
    for (const method of [
      'conversations.history',
      'conversations.replies',
      'conversations.info',
      'views.update',
      'chat.delete',
    ]) {
      await here.driver.fault({ method, kind: 'error', error: 'unknown_method', times: 1_000 });
    }
    await asks(here);
    await here.driver.as('U01BOB').clicks('approve');
    await cardReads(here, '1 of 2 approvals');
    await here.driver.as('U01DAN').clicks('approve');
    await cardReads(here, 'Active until ');
    await here.driver.as(ALICE_ID).clicks('revoke');
    await cardReads(here, 'Ended early by Alice Ahn');
    expect(await here.driver.violations()).toEqual([]);
  });

  test('case 3: a slow directory does not cost the form: it opens, and fills when the answer is there', async () => {
    house = await startSlackHouse();
    await house.driver.fault({ method: 'users.info', kind: 'delay', delay_ms: 1_200 });
    const alice = house.driver.as(ALICE_ID);
    await alice.types('/request-access', { channel: 'C01APPROVALS' });
    await house.driver.until(async () => (await alice.modal())?.reads.includes('Checking your account'));
    await house.driver.until(async () => (await alice.modal())?.callback_id === 'request_access');
    expect(await house.driver.violations()).toEqual([]);
  });

  test('case 4: when the form cannot open there is a plain sentence', async () => {
    house = await startSlackHouse();
    await house.driver.fault({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await house.driver.as(ALICE_ID).types('/request-access', { channel: 'C01APPROVALS' });
    await isTold(house, ALICE_ID, 'Slack was slow, the form could not open. Try again.');
  });

  test('options are only what this person may ask for; strangers get none', async () => {
    house = await startSlackHouse();
    const alice = house.driver.as(ALICE_ID);
    await opensForm(house, alice);
    const all = await alice.searches('resource', '');
    expect(all.options.map((one) => one.value)).toEqual(['orders-db', 'billing-api']);
    const some = await alice.searches('resource', 'BILL');
    expect(some.options.map((one) => one.value)).toEqual(['billing-api']);
    expect((await alice.searches('resource', 'nothing like it')).options).toEqual([]);
  });
});

describe.each(['http', 'socket'] as const)('%s mode: the command', (mode) => {
  test('case 2: help, list, revoke, an unknown resource, ten thousand characters', async () => {
    const here = await startSlackHouse({ mode });
    const alice = here.driver.as(ALICE_ID);
    const types = (text: string) => alice.types(`/request-access ${text}`, { channel: 'C01APPROVALS' });
    const usages = async () =>
      (await alice.ephemerals()).filter((one) => one.reads.startsWith('Use it like this: /request-access'));
    await types('help');
    await isTold(here, ALICE_ID, 'shows your pending requests, your active access and what waits for you');
    await types('prod-db');
    await isTold(here, ALICE_ID, "There is no resource 'prod-db' you can request. Did you mean orders-db?");
    await types('orders-db 30x');
    await isTold(here, ALICE_ID, 'Use it like this: /request-access [resource] [duration]');
    await types('x'.repeat(10_000));
    await here.driver.until(async () => (await usages()).length === 2);
    await types('list');
    await isTold(here, ALICE_ID, 'You have no pending request and no active access.');
    await asks(here);
    await types('list');
    await isTold(
      here,
      ALICE_ID,
      'admin on Orders database (production) for payments-deploy, 30 minutes. Pending. 0 of 2',
    );
    await types(`revoke ${here.request()}`);
    await isTold(here, ALICE_ID, 'Canceled.');
    await cardReads(here, 'Canceled by Alice Ahn at ');
    const violations = await here.driver.violations();
    await here.stop();
    expect(violations).toEqual([]);
  });
});
