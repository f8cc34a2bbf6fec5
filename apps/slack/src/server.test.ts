/** The door: what is not Slack's, or not whole, or not now, never reaches Bolt. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SIGNING_SECRET, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { asks, BOB_ID, card, cardReads, refusals } from './testing/story.ts';

const FORM = 'application/x-www-form-urlencoded';

interface Sent {
  readonly body: string;
  readonly type?: string;
  readonly secret?: string;
  readonly skewSeconds?: number;
  readonly headers?: Record<string, string>;
}

describe('case 34: the door of HTTP mode', () => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse();
  });
  afterEach(async () => {
    await house.stop();
  });

  async function send({ body, type = FORM, secret = SIGNING_SECRET, skewSeconds = 0, headers = {} }: Sent) {
    const stamp = String(Math.floor(Date.now() / 1_000) + skewSeconds);
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
    const answer = await fetch(`${house.url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': stamp,
        'x-slack-signature': signature,
        ...headers,
      },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  }

  const command = new URLSearchParams({
    command: '/request-access',
    text: 'help',
    user_id: 'U01ALICE',
    team_id: 'T01TEST',
  });
  const approveBody = async (): Promise<string> => {
    const shown = await card(house);
    const payload = {
      type: 'block_actions',
      user: { id: BOB_ID, team_id: 'T01TEST' },
      team: { id: 'T01TEST' },
      channel: { id: shown.channel },
      message: { ts: shown.ts },
      actions: [{ action_id: 'approve', value: shown.buttons[0]?.value, action_ts: '1.5', type: 'button' }],
    };
    return `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  };

  test('a rightly signed delivery is taken', async () => {
    expect((await send({ body: command.toString() })).status).toBe(200);
  });

  test.each([
    ['a wrong secret', { secret: 'another-secret' }],
    ['an old timestamp', { skewSeconds: -301 }],
    // The clock goes on between signing and looking.
    ['a future timestamp', { skewSeconds: 310 }],
    ['a timestamp that is no number', { headers: { 'x-slack-request-timestamp': '17e8' } }],
    ['an empty signature', { headers: { 'x-slack-signature': '' } }],
    ['a signature of another version', { headers: { 'x-slack-signature': 'v1=00' } }],
  ])('%s is 401 and nothing happens', async (_what, how: Partial<Sent>) => {
    await asks(house);
    expect((await send({ body: await approveBody(), ...how })).status).toBe(401);
    expect(house.world.store.audit.filter((row) => row.type === 'decision.made')).toEqual([]);
  });

  test('a delivery without any signature header is 401', async () => {
    const answer = await fetch(`${house.url}/slack/events`, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: command.toString(),
    });
    expect(answer.status).toBe(401);
  });

  test('5 MB is 413, and the door lives on', async () => {
    expect((await send({ body: `payload=${'x'.repeat(5_000_000)}` })).status).toBe(413);
    expect((await send({ body: command.toString() })).status).toBe(200);
  });

  test('a bare ssl_check is an empty 200; one that carries a payload has no effect', async () => {
    const bare = await fetch(`${house.url}/slack/events`, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: 'ssl_check=1&token=old',
    });
    expect([bare.status, await bare.text()]).toEqual([200, '']);
    await asks(house);
    const smuggled = `ssl_check=1&${await approveBody()}`;
    const unsigned = await fetch(`${house.url}/slack/events`, {
      method: 'POST',
      headers: { 'content-type': FORM },
      body: smuggled,
    });
    expect(unsigned.status).toBe(401);
    expect((await send({ body: smuggled })).status).toBe(400);
    expect(house.world.store.audit.filter((row) => row.type === 'decision.made')).toEqual([]);
  });

  test.each([
    ['null', 'application/json'],
    ['[]', 'application/json'],
    ['{}', 'application/json'],
    ['payload=', FORM],
    ['payload=null', FORM],
    ['payload=%5B%5D', FORM],
    ['payload=%7B%22type%22%3A%22block_actions%22%7D', FORM],
    ['payload=%7B%7D&payload=%7B%7D', FORM],
    [command.toString(), 'text/plain'],
  ])('case 51: a signed %s as %s is 400, and the process lives', async (body, type) => {
    expect((await send({ body, type })).status).toBe(400);
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
  });

  test('other paths are 404, other verbs 405', async () => {
    expect((await fetch(`${house.url}/slack/other`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${house.url}/slack/events`)).status).toBe(405);
  });

  test('case 35: a signed Approve that comes again has no second effect', async () => {
    await asks(house);
    const body = await approveBody();
    const statuses = [await send({ body }), await send({ body }), await send({ body })].map((one) => one.status);
    expect(statuses).toEqual([200, 200, 200]);
    await cardReads(house, '1 of 2 approvals');
    expect(house.world.store.audit.filter((row) => row.type === 'decision.made')).toHaveLength(1);
    expect(await house.driver.as(BOB_ID).ephemerals()).toEqual([]);
  });

  test('a click that lacks what Slack leaves out at times still counts; one from nowhere does not', async () => {
    await asks(house);
    const shown = await card(house);
    const click = (more: object) => ({
      type: 'block_actions',
      user: { id: BOB_ID },
      team: { id: 'T01TEST' },
      actions: [{ action_id: 'approve', value: shown.buttons[0]?.value }],
      ...more,
    });
    const post = (payload: object) => send({ body: `payload=${encodeURIComponent(JSON.stringify(payload))}` });
    await post(click({}));
    await post(click({ container: { channel_id: shown.channel, message_ts: '1.000001' } }));
    await post(click({ container: { channel_id: shown.channel, message_ts: shown.ts } }));
    await cardReads(house, '1 of 2 approvals');
    await house.driver.until(() => refusals(house).length === 2);
    expect(refusals(house)).toEqual(['malformed', 'malformed']);
  });

  test('while Slack refuses the token the door is 503 and /readyz says why', async () => {
    await house.driver.app({ token: 'revoked' });
    await send({ body: new URLSearchParams({ ...Object.fromEntries(command), text: 'list' }).toString() });
    await house.driver.until(async () => (await fetch(`${house.url}/readyz`)).status === 503);
    const told: unknown = await (await fetch(`${house.url}/readyz`)).json();
    expect(told).toMatchObject({ missing: { slack: 'Slack refuses the bot token' } });
    expect((await send({ body: command.toString() })).status).toBe(503);
  });

  test('acknowledgements are timed', async () => {
    await send({ body: command.toString() });
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    expect(metrics).toMatch(/sallyport_slack_ack_seconds_count [1-9]/);
    expect(metrics).toMatch(/sallyport_slack_outbox_oldest_seconds \d/);
    expect(metrics).toMatch(/sallyport_slack_rate_limited_total 0/);
  });
});
