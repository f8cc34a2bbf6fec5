/** What reaches the app over HTTP: signed, typed, timed and repeated as Slack does it. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Received, type Scene, SIGNING_SECRET, startScene } from './tiny-app.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ timing: { eventRetryMs: [5, 5, 5] } });
});
beforeEach(() => {
  scene.workspace.engine.reset();
  scene.app.received.length = 0;
  scene.app.answer = () => ({});
});
afterAll(() => scene.close());

const alice = () => scene.workspace.driver.as('U01ALICE');
const last = (): Received => scene.last();

/** Slack's own check, computed afresh. */
function signatureHolds({ headers, body }: Received): boolean {
  const base = `v0:${headers['x-slack-request-timestamp']}:${body}`;
  return headers['x-slack-signature'] === `v0=${createHmac('sha256', SIGNING_SECRET).update(base).digest('hex')}`;
}

describe('slack S1: a slash command', () => {
  test('is a signed form with exactly the content type Bolt takes', async () => {
    const done = await alice().types('/request-access orders-db 30m', { channel: 'C01APPROVALS' });
    expect(done).toMatchObject({ status: 200, late: false, user_error: null });
    expect(last().headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Math.abs(Number(last().headers['x-slack-request-timestamp']) - Date.now() / 1000)).toBeLessThan(5);
    expect(signatureHolds(last())).toBe(true);
    expect(last().payload).toMatchObject({
      command: '/request-access',
      text: 'orders-db 30m',
      user_id: 'U01ALICE',
      user_name: 'alice',
      team_id: 'T01TEST',
      channel_id: 'C01APPROVALS',
      channel_name: 'approvals',
      is_enterprise_install: 'false',
    });
    expect(last().payload.response_url).toContain(`${scene.workspace.url}/response/`);
  });

  test('control characters are escaped, names become ids, smart quotes stay', async () => {
    await alice().types('/request-access <a> & “x” @bob #approvals @nobody');
    expect(last().payload.text).toBe('&lt;a&gt; &amp; “x” <@U01BOB|bob> <#C01APPROVALS|approvals> @nobody');
  });

  test('an answer in the acknowledgement is shown: ephemeral unless in_channel', async () => {
    scene.app.answer = () => ({ body: 'just text', headers: { 'content-type': 'text/plain' } });
    await alice().types('/request-access help', { channel: 'C01APPROVALS' });
    expect(await alice().ephemerals()).toMatchObject([{ reads: 'just text', channel: 'C01APPROVALS' }]);
    scene.app.answer = () => ({ body: { response_type: 'in_channel', text: 'for all' } });
    await alice().types('/request-access', { channel: 'C01APPROVALS' });
    expect(await scene.workspace.driver.channel('C01APPROVALS').messages()).toMatchObject([{ reads: 'for all' }]);
  });

  test('an unknown one never reaches the app', async () => {
    expect((await alice().types('/requst-access')).user_error).toContain('is not a valid command');
    expect(scene.app.received).toHaveLength(0);
  });
});

describe('when the app fails, the person sees what Slack shows', () => {
  test('slack S4: no answer in time is operation_timeout and a violation', async () => {
    scene.app.answer = () => ({ delayMs: 3_500 });
    const done = await alice().types('/request-access');
    expect(done).toMatchObject({
      status: null,
      late: true,
      user_error: '/request-access failed with the error "operation_timeout"',
    });
    expect(await alice().notices()).toMatchObject([{ text: done.user_error }]);
    expect(await scene.workspace.driver.violations()).toMatchObject([{ kind: 'ack_over_3s', where: 'command' }]);
  });

  test('a 500, a 404 and a closed port are told apart', async () => {
    scene.app.answer = () => ({ status: 500 });
    expect((await alice().types('/request-access')).user_error).toContain('http_service_error');
    scene.app.answer = () => ({ status: 404 });
    expect((await alice().types('/request-access')).user_error).toContain('http_client_error');
    scene.workspace.engine.configure({ request_url: 'http://127.0.0.1:1/' });
    expect((await alice().types('/request-access')).user_error).toContain('dispatch_failed');
    scene.workspace.engine.configure({ request_url: scene.app.url });
    expect(await scene.workspace.driver.violations()).toEqual([]);
  });
});

describe('events', () => {
  const uninstalled = { type: 'app_uninstalled' };

  test('slack S33: an unanswered event comes again three times, same id, with number and reason', async () => {
    scene.app.answer = () => ({ status: 503 });
    await scene.workspace.driver.event(uninstalled, 'Ev1');
    await scene.workspace.driver.until(() => scene.app.received.length === 4);
    expect(scene.app.received.map((r) => r.headers['x-slack-retry-num'])).toEqual([undefined, '1', '2', '3']);
    expect(scene.app.received[1]?.headers['x-slack-retry-reason']).toBe('http_error');
    expect(new Set(scene.app.received.map((r) => r.payload.event_id))).toEqual(new Set(['Ev1']));
    expect(scene.app.received.every(signatureHolds)).toBe(true);
    expect(last().headers['content-type']).toBe('application/json');
    expect(last().payload).toMatchObject({
      type: 'event_callback',
      team_id: 'T01TEST',
      event: uninstalled,
      authorizations: [{ team_id: 'T01TEST', is_bot: true, user_id: 'U01SALLYPORT' }],
    });
  });

  test('x-slack-no-retry ends the repetitions', async () => {
    scene.app.answer = () => ({ status: 503, headers: { 'x-slack-no-retry': '1' } });
    await scene.workspace.driver.event(uninstalled);
    await alice().types('/request-access');
    expect(scene.app.received.map((r) => r.payload.type ?? 'command')).toEqual(['event_callback', 'command']);
  });

  test('what the app did not subscribe to is not sent', async () => {
    expect((await scene.workspace.driver.event({ type: 'message' })).user_error).toContain('not subscribed');
    expect(scene.app.received).toHaveLength(0);
  });

  test('a changed person is announced, and opening Home says so', async () => {
    await scene.workspace.driver.user({ id: 'U01BOB', deleted: true });
    await scene.workspace.driver.until(() => scene.app.received.length === 1);
    expect(last().payload.event).toMatchObject({ type: 'user_change', user: { id: 'U01BOB', deleted: true } });
    await alice().opensHome();
    expect(last().payload.event).toMatchObject({
      type: 'app_home_opened',
      tab: 'home',
      user: 'U01ALICE',
      channel: 'D01ALICE',
    });
  });
});

describe('slack S34: forged deliveries', () => {
  const forged = async (forge: Parameters<Scene['workspace']['engine']['deliver']>[0]) => {
    await scene.workspace.driver.deliver(forge);
    return last();
  };

  test('another secret, a skewed clock, no or a literal signature, raw bytes and headers', async () => {
    expect(signatureHolds(await forged({ kind: 'interactive', payload: {}, secret: 'other' }))).toBe(false);
    const old = await forged({ kind: 'command', skew_seconds: -301 });
    expect(signatureHolds(old)).toBe(true);
    expect(Number(old.headers['x-slack-request-timestamp'])).toBeLessThan(Date.now() / 1000 - 300);
    expect((await forged({ kind: 'command', signature: null })).headers).not.toHaveProperty('x-slack-signature');
    expect((await forged({ kind: 'command', signature: 'v0=0' })).headers['x-slack-signature']).toBe('v0=0');
    const raw = await forged({ kind: 'raw', raw_body: 'null', headers: { 'content-type': 'application/json' } });
    expect([raw.body, raw.headers['content-type'], signatureHolds(raw)]).toEqual(['null', 'application/json', true]);
  });

  test('slack S35: a replay is the same bytes, headers and signature again', async () => {
    await alice().types('/request-access orders-db');
    const original = last();
    const done = await scene.workspace.driver.deliver({ kind: 'replay', copies: 3 });
    expect(done.all).toHaveLength(3);
    expect(scene.app.received).toHaveLength(4);
    expect(last().body).toBe(original.body);
    expect(last().headers['x-slack-signature']).toBe(original.headers['x-slack-signature']);
  });
});
