/** Installing the app in several workspaces by its own page: who is taken, what is kept, who hears what, and what ends it. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { minutes, type PersonId, type Policy } from '@sallyport/core';
import { aPerson, changed } from '@sallyport/testkit/core';
import { begins, comesBack, consents, installs } from './testing/browser.ts';
import { examplePolicy } from './testing/example-policy.ts';
import {
  BOT_TOKEN,
  CLIENT_SECRET,
  type HouseOptions,
  type SlackHouse,
  startSlackHouse,
} from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, card, cardReads, isTold } from './testing/story.ts';

const HOME = 'T01TEST';
const OTHER = 'T02OTHER';
const ERIN = 'U03ERIN';
const OTHER_CHANNEL = 'C03OTHER';
const LOOK_MS = 400;

/** Erin is a dba too, in the other workspace. */
const withErin = (policy: Policy): Policy =>
  changed(policy, {
    people: [
      ...policy.people,
      aPerson('erin@acme.test' as PersonId, { groups: ['dba'], slack: { team: OTHER, user: ERIN } }),
    ],
  });
const cardsThere = (policy: Policy): Policy =>
  changed(policy, {
    resources: policy.resources.map((one) => ({ ...one, slackChannel: OTHER_CHANNEL, slackTeam: OTHER })),
  });

let house: SlackHouse | undefined;
afterEach(async () => {
  await house?.stop();
  house = undefined;
});

async function starts(options: HouseOptions = {}): Promise<SlackHouse> {
  house = await startSlackHouse({
    installs: 'alone',
    teamIds: [HOME, OTHER],
    policy: withErin(examplePolicy()),
    ready: options.installs === 'beside',
    lookMs: LOOK_MS,
    ...options,
  });
  const { engine } = house.workspace;
  engine.upsertUser({ id: ERIN, team_id: OTHER, real_name: 'Erin Eck' });
  engine.upsertChannel({ id: OTHER_CHANNEL, team_id: OTHER, members: [ERIN, 'U02OTHERSALLYPORT'] });
  return house;
}
const readyz = async (here: SlackHouse) => {
  const answer = await fetch(`${here.url}/readyz`);
  return { status: answer.status, body: await answer.text() };
};
const decides = (here: SlackHouse, who: string) =>
  here.byRest.decide(
    { requestId: here.request(), person: who as PersonId, verdict: 'approve', revision: 1, hideFromStrangers: true },
    { door: 'rest', traceId: 'installing' },
  );
const calls = (here: SlackHouse, method: string) =>
  here.workspace.engine.calls().filter((call) => call.method === method).length;
const stored = (here: SlackHouse) => [...here.installations.rows.values()].filter((row) => !row.ended);

describe('installing by the page', () => {
  test('nothing is there, then one workspace, and the story works in it; the token is kept sealed', async () => {
    const here = await starts();
    expect((await readyz(here)).body).toContain('installed in no workspace: open /slack/install');
    const page = await installs(here, ALICE_ID);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Installed in Acme (T01TEST)');
    expect((await readyz(here)).status).toBe(200);
    await asks(here);
    await here.driver.as(BOB_ID).clicks('approve');
    await cardReads(here, '1 of 2 approvals');
    const [row] = stored(here);
    expect(row).toMatchObject({ team: HOME, version: 1, botUserId: 'U01SALLYPORT' });
    expect(row?.sealedToken).toMatch(/^ey/);
    for (const secret of ['xoxb-01TEST', CLIENT_SECRET]) {
      expect(JSON.stringify(row) + page.text + here.logged.join('')).not.toContain(secret);
    }
    await here.restart();
    await here.driver.as('U01DAN').clicks('approve');
    await cardReads(here, 'Active until ');
    expect(await here.driver.violations()).toEqual([]);
  });

  test('two workspaces: each person hears in their own, a resource says where its card belongs', async () => {
    const here = await starts({ policy: cardsThere(withErin(examplePolicy())) });
    await installs(here, ALICE_ID);
    await installs(here, ERIN);
    const alice = here.driver.as(ALICE_ID);
    await alice.types('/request-access', { channel: 'C01APPROVALS' });
    await here.driver.until(async () => (await alice.modal())?.callback_id === 'request_access');
    await alice.fills({ resource: 'orders-db' });
    await alice.submits({
      role: 'admin',
      subject: 'workload:payments-deploy',
      duration: '30m',
      justification: 'leaked keys',
    });
    const shown = await here.driver.until(async () => (await here.driver.channel(OTHER_CHANNEL).messages())[0]);
    await isTold(here, ALICE_ID, 'Sent to ');
    await isTold(here, BOB_ID, 'Alice Ahn');
    await isTold(here, ERIN, 'Alice Ahn');
    await here.driver.as(ERIN).clicks('approve', { channel: OTHER_CHANNEL });
    await here.driver.until(async () =>
      (await here.driver.channel(OTHER_CHANNEL).messages()).find(
        (one) => one.ts === shown.ts && one.reads.includes('1 of 2 approvals'),
      ),
    );
    await here.driver.as(ERIN).opensHome();
    await here.driver.until(async () => (await here.driver.as(ERIN).home())?.reads.includes('Orders database'));
    expect(await here.driver.violations()).toEqual([]);
  });

  test('the bot token wins for its team, and what names no team goes there', async () => {
    const here = await starts({ installs: 'beside' });
    await installs(here, ERIN);
    expect((await installs(here, ALICE_ID)).text).toContain('SLACK_BOT_TOKEN');
    await asks(here);
    await isTold(here, ERIN, 'Alice Ahn');
    expect((await card(here)).reads).toContain('Pending');
    expect(await here.driver.violations()).toEqual([]);
  });
});

describe('who is not taken', () => {
  test('a team that is not listed: said, not kept, and the app is taken out of it again', async () => {
    const here = await starts({ teamIds: [HOME] });
    await installs(here, ALICE_ID);
    const page = await installs(here, ERIN);
    expect(page.status).toBe(403);
    expect(page.text).toContain('T02OTHER');
    expect(calls(here, 'auth.revoke')).toBe(1);
    expect(stored(here).map((row) => row.team)).toEqual([HOME]);
    expect((await readyz(here)).status).toBe(200);
  });

  test('case 40: fewer scopes than are needed are named, and nothing is kept', async () => {
    const here = await starts();
    const { authorize, cookie } = await begins(here);
    authorize.searchParams.set('scope', 'commands,chat:write');
    const page = await comesBack(await consents(authorize, ERIN), cookie);
    expect(page.status).toBe(403);
    expect(page.text).toContain('im:write, users:read');
    expect(stored(here)).toEqual([]);
    expect(calls(here, 'auth.revoke')).toBe(1);
  });

  test('fewer scopes where it is at work: the token that works is not taken back', async () => {
    const here = await starts();
    await installs(here, ERIN);
    const { authorize, cookie } = await begins(here);
    authorize.searchParams.set('scope', 'commands,chat:write');
    expect((await comesBack(await consents(authorize, ERIN), cookie)).status).toBe(403);
    expect(calls(here, 'auth.revoke')).toBe(0);
    expect(stored(here)).toHaveLength(1);
  });

  test('case 16: a whole organisation', async () => {
    const here = await starts();
    await here.driver.app({ org_wide: true });
    const page = await installs(here, ERIN);
    expect([page.status, stored(here).length]).toEqual([403, 0]);
    expect(page.text).toContain('whole organisation');
  });

  test('another browser, a second time, a made-up state, eleven minutes: not finished, and no code is used', async () => {
    const here = await starts();
    const { authorize, cookie } = await begins(here);
    const other = await begins(here);
    const back = await consents(authorize, ERIN);
    expect((await comesBack(back)).status).toBe(400);
    expect((await comesBack(back, other.cookie)).status).toBe(400);
    expect((await comesBack(back, `${cookie}; ${cookie}`)).status).toBe(400);
    expect((await comesBack(`${here.url}/slack/oauth_redirect?code=x`, cookie)).status).toBe(400);
    here.clock.advance(minutes(11));
    expect((await comesBack(back, cookie)).status).toBe(400);
    expect(calls(here, 'oauth.v2.access')).toBe(0);
    const good = await begins(here);
    const once = await consents(good.authorize, ERIN);
    expect((await comesBack(once, good.cookie)).status).toBe(200);
    expect((await comesBack(once, good.cookie)).status).toBe(400);
    expect(calls(here, 'oauth.v2.access')).toBe(1);
  });

  test('a no at Slack, a code Slack refuses, Slack away: said, nothing kept', async () => {
    const here = await starts();
    const no = await begins(here);
    expect((await comesBack(await consents(no.authorize, ERIN, 'cancel'), no.cookie)).text).toContain(
      'canceled in Slack',
    );
    await here.driver.fault({ method: 'oauth.v2.access', kind: 'error', error: 'invalid_code' });
    expect((await installs(here, ERIN)).status).toBe(400);
    await here.driver.fault({ method: 'oauth.v2.access', kind: 'drop' });
    const away = await installs(here, ERIN);
    expect([away.status, stored(here).length]).toEqual([503, 0]);
    expect(here.logged.some((line) => line.includes('slack.install_refused'))).toBe(true);
    expect(here.logged.join('')).not.toContain(CLIENT_SECRET);
    const markup = `${here.url}/slack/oauth_redirect?state=%3Cscript%3E&error=%3Cscript%3E`;
    expect((await comesBack(markup)).text).not.toContain('<script');
  });

  test('pages run no script, are not kept or framed, and take nothing but GET', async () => {
    const here = await starts();
    const page = await fetch(`${here.url}/slack/install`);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax; Max-Age=600$/);
    expect((await fetch(`${here.url}/slack/install`, { method: 'POST' })).status).toBe(405);
  });

  test('without credentials of the app there is no such page', async () => {
    house = await startSlackHouse();
    expect((await fetch(`${house.url}/slack/install`)).status).toBe(404);
  });
});

describe('what ends it', () => {
  test.each([
    ['app_uninstalled', { type: 'app_uninstalled' }],
    ['tokens_revoked', { type: 'tokens_revoked', tokens: { oauth: [], bot: ['U02OTHERSALLYPORT'] } }],
  ])(
    'case 46: %s: that workspace is left alone, the other goes on, and installing again heals it',
    async (why, event) => {
      const here = await starts();
      await installs(here, ALICE_ID);
      await installs(here, ERIN);
      await here.driver.uninstall(OTHER);
      await here.driver.event(event, undefined, OTHER);
      await here.driver.until(() => stored(here).length === 1);
      expect(
        here.logged.some((line) => line.includes('slack.removed') && line.includes(OTHER) && line.includes(why)),
      ).toBe(true);
      await asks(here);
      await here.driver.until(() => here.logged.some((line) => line.includes('slack.not_installed')));
      expect((await readyz(here)).status).toBe(200);
      expect(await here.driver.as(ERIN).dms()).toEqual([]);
      // Decided elsewhere: Erin's voice counts wherever she is heard.
      expect((await decides(here, 'erin@acme.test')).ok).toBe(true);
      await cardReads(here, '1 of 2 approvals');
      await installs(here, ERIN);
      await isTold(here, ERIN, 'Alice Ahn');
      expect(here.installations.rows.get(OTHER)).toMatchObject({ version: 2, ended: false });
      expect(await here.driver.violations()).toEqual([]);
    },
  );

  test('old news: an event about an installation that was made again ends nothing', async () => {
    const here = await starts();
    await installs(here, ERIN);
    await here.driver.event({ type: 'app_uninstalled' }, undefined, OTHER);
    await here.driver.until(async () => (await readyz(here)).status === 200);
    expect(stored(here)).toHaveLength(1);
  });

  test('case 42: a token that is dead without news: only auth.test there, everything here', async () => {
    const here = await starts({ installs: 'beside' });
    await installs(here, ERIN);
    await here.driver.uninstall(OTHER);
    await here.driver.until(() => here.logged.some((line) => line.includes('slack.disconnected')));
    await asks(here);
    await here.driver.as(BOB_ID).clicks('approve');
    await cardReads(here, '1 of 2 approvals');
    const dead = here.workspace.engine.calls().filter((call) => call.error === 'account_inactive');
    expect(new Set(dead.map((call) => call.method))).toEqual(new Set(['auth.test']));
    expect(stored(here)).toHaveLength(1);
  });

  test('of two equal ones none is the usual: approvers are asked by direct message, and the operator is told', async () => {
    const here = await starts();
    await installs(here, ALICE_ID);
    await installs(here, ERIN);
    const alice = here.driver.as(ALICE_ID);
    await alice.types('/request-access orders-db', { channel: 'C01APPROVALS' });
    await here.driver.until(async () => (await alice.modal())?.callback_id === 'request_access');
    await alice.submits({ role: 'admin', duration: '30m', justification: 'leaked keys' });
    await isTold(here, ERIN, 'Alice Ahn');
    await here.driver.as(ERIN).clicks('approve', { channel: 'D03ERIN' });
    await isTold(here, ALICE_ID, '1 of 2');
    expect(here.logged.some((line) => line.includes('slack.team_unclear'))).toBe(true);
  });

  test('a token sealed under another key is named, and opens nothing', async () => {
    const here = await starts();
    await installs(here, ERIN);
    const row = here.installations.rows.get(OTHER);
    if (row === undefined) throw new Error('nothing was kept');
    await here.installations.put({ ...row, team: HOME, appId: 'A', installedBy: 'U' }, { door: 'slack', traceId: 'x' });
    await here.driver.until(() => here.logged.some((line) => line.includes('slack.installation_unreadable')));
    expect(calls(here, 'auth.revoke')).toBe(0);
    expect(here.logged.join('')).not.toContain(BOT_TOKEN);
  });
});
