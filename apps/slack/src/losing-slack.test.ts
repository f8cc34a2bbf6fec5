/** The workspace without us: token dead, app removed, Slack away. Nothing storms, nothing is lost, and it heals by itself. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { PersonId } from '@sallyport/core';
import { BOT_TOKEN, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, asks, BOB_ID, cardReads, cards, isTold } from './testing/story.ts';

const LOOK_MS = 400;

let house: SlackHouse | undefined;
afterEach(async () => {
  await house?.stop();
  house = undefined;
});

const readyz = async (here: SlackHouse) => {
  const answer = await fetch(`${here.url}/readyz`);
  return { status: answer.status, body: await answer.text() };
};
const becomes = (here: SlackHouse, status: number) =>
  here.driver.until(async () => (await readyz(here)).status === status);
const decides = (here: SlackHouse, who: string, verdict: 'approve' | 'deny') =>
  here.byRest.decide(
    { requestId: here.request(), person: who as PersonId, verdict, revision: 1, hideFromStrangers: true },
    { door: 'rest', traceId: 'losing-slack' },
  );
const calls = (here: SlackHouse, method: string) =>
  here.workspace.engine.calls().filter((call) => call.method === method).length;

describe.each(['http', 'socket'] as const)('without Slack, over %s', (mode) => {
  test.each([
    ['revoked', 'token_revoked'],
    ['inactive', 'account_inactive'],
  ] as const)('case 42: a token that is %s: not ready, no storm, back without a restart', async (token, code) => {
    house = await startSlackHouse({ mode, lookMs: LOOK_MS });
    const here = house;
    await asks(here);
    await here.driver.app({ token });
    await decides(here, 'bob@acme.test', 'deny');
    await becomes(here, 503);
    expect((await readyz(here)).body).toContain('Slack refuses the bot token');
    const before = here.workspace.engine.calls().length;
    await here.driver.until(async () => calls(here, 'auth.test') >= 4);
    const since = here.workspace.engine.calls().slice(before);
    expect(new Set(since.map((call) => call.method))).toEqual(new Set(['auth.test']));
    expect(here.logged.some((line) => line.includes(code))).toBe(true);
    await here.driver.app({ token: 'active' });
    await becomes(here, 200);
    await cardReads(here, 'Denied by Bob Berg');
    expect(here.logged.join('')).not.toContain(BOT_TOKEN);
  });

  test.each([
    ['app_uninstalled', { type: 'app_uninstalled' }],
    ['tokens_revoked', { type: 'tokens_revoked', tokens: { oauth: [], bot: ['U01SALLYPORT'] } }],
  ])(
    'case 46: %s: nothing is posted, requests are decided elsewhere, grants stand, then it heals',
    async (_, event) => {
      house = await startSlackHouse({ mode, lookMs: LOOK_MS });
      const here = house;
      await asks(here);
      await here.driver.app({ token: 'inactive' });
      await here.driver.event(event);
      await becomes(here, 503);
      const posted = calls(here, 'chat.update') + calls(here, 'chat.postMessage');
      for (const who of ['bob@acme.test', 'dan@acme.test']) expect((await decides(here, who, 'approve')).ok).toBe(true);
      expect((await here.world.ledger.find(here.request()))?.value.grant).toBeDefined();
      expect(calls(here, 'chat.update') + calls(here, 'chat.postMessage')).toBe(posted);
      await here.driver.app({ token: 'active' });
      await becomes(here, 200);
      await cardReads(here, 'Active until ');
      await isTold(here, ALICE_ID, 'Approved: ');
      expect(await cards(here)).toHaveLength(1);
    },
  );

  test('the tokens of people are none of ours: theirs taken back change nothing', async () => {
    house = await startSlackHouse({ mode, lookMs: LOOK_MS });
    const here = house;
    await here.driver.event({ type: 'tokens_revoked', tokens: { oauth: ['U01ALICE'], bot: [] } });
    expect((await readyz(here)).status).toBe(200);
    await asks(here);
    await here.driver.as(BOB_ID).clicks('approve');
    await cardReads(here, '1 of 2 approvals');
  });

  test('case 47: Slack away at the start: it lives, says so, and is ready when Slack is back', async () => {
    const before = (driver: SlackHouse['driver']) => driver.fault({ method: 'auth.test', kind: 'drop', times: 3 });
    house = await startSlackHouse({ mode, lookMs: LOOK_MS, before, ready: false });
    const here = house;
    const early = await readyz(here);
    expect(early.status).toBe(503);
    expect((await fetch(`${here.url}/healthz`)).status).toBe(200);
    if (mode === 'http') {
      const door = await fetch(`${here.url}/slack/events`, { method: 'POST', body: 'x' });
      expect([door.status, door.headers.get('retry-after')]).toEqual([503, '1']);
    }
    await becomes(here, 200);
    expect(calls(here, 'auth.test')).toBe(4);
  });
});
