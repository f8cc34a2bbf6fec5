/** Presses on messages: who may press, what the app is told, and what response URLs do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { button, buttons, section } from './samples.ts';
import { type Scene, startScene } from './tiny-app.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
beforeEach(() => {
  scene.workspace.engine.reset();
  scene.app.received.length = 0;
  scene.app.answer = () => ({});
});
afterAll(() => scene.close());

const as = (user: string) => scene.workspace.driver.as(user);
const last = () => scene.last().payload;
const card = () =>
  scene.api('chat.postMessage', {
    channel: 'C01APPROVALS',
    text: 'Alice Ahn asks',
    blocks: [section('Pending'), buttons(button('approve', '{"r":"req_1","v":1}', 'Approve'))],
  });
const respond = async (body: object) => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(last().response_url, init);
  return { status: response.status, body: await response.json() };
};
const channel = () => scene.workspace.driver.channel('C01APPROVALS').messages();

describe('block_actions', () => {
  test('tells who, from which team, on which message, which button', async () => {
    const { ts } = await card();
    expect(await as('U01BOB').clicks('approve', { request: 'req_1' })).toMatchObject({ status: 200, user_error: null });
    expect(last()).toMatchObject({
      type: 'block_actions',
      user: { id: 'U01BOB', username: 'bob', name: 'bob', team_id: 'T01TEST' },
      team: { id: 'T01TEST', domain: 'acme-test' },
      enterprise: null,
      is_enterprise_install: false,
      api_app_id: 'A01SALLYPORT',
      container: { type: 'message', message_ts: ts, channel_id: 'C01APPROVALS', is_ephemeral: false },
      channel: { id: 'C01APPROVALS', name: 'approvals' },
      message: { ts, user: 'U01SALLYPORT', bot_id: 'B01SALLYPORT', text: 'Alice Ahn asks' },
      actions: [{ type: 'button', action_id: 'approve', value: '{"r":"req_1","v":1}' }],
    });
    expect(last().trigger_id).toEqual(expect.any(String));
    expect(last().actions[0]?.action_ts).toMatch(/^\d+\.\d{6}$/);
  });

  test('slack S15: whoever sees the button can press it, guests too; others only by force', async () => {
    await card();
    expect(await as('U01GINA').clicks('approve')).toMatchObject({ status: 200 });
    await expect(as('U02EVE').clicks('approve')).rejects.toThrow('sees no approve');
    expect(await as('U02EVE').clicks('approve', { force: true })).toMatchObject({ status: 200 });
    expect(last().user).toEqual({ id: 'U02EVE', username: 'bob', name: 'bob', team_id: 'T02OTHER' });
    expect(last().team.id).toBe('T01TEST');
    expect((await as('U01BOT').clicks('approve')).user_error).toContain('bot');
    expect(await as('U01GREG').clicks('approve', { force: true })).toMatchObject({ status: 200 });
  });

  test('slack S22: a stale click presses the button as it was, with the message as it was', async () => {
    const { ts } = await card();
    await scene.api('chat.update', { channel: 'C01APPROVALS', ts, text: 'done', blocks: [section('Active')] });
    await expect(as('U01BOB').clicks('approve')).rejects.toThrow();
    await as('U01BOB').clicks('approve', { stale: true });
    expect(last().actions[0]?.value).toBe('{"r":"req_1","v":1}');
    expect(last().message.text).toBe('Alice Ahn asks');
  });

  test('an ephemeral carries no message', async () => {
    const blocks = [buttons(button('retry', '1'))];
    await scene.api('chat.postEphemeral', { channel: 'C01APPROVALS', user: 'U01BOB', text: 'x', blocks });
    await as('U01BOB').clicks('retry');
    expect(last().container).toMatchObject({ type: 'message', is_ephemeral: true });
    expect(last()).not.toHaveProperty('message');
  });
});

describe('response URLs', () => {
  test('slack S38: five uses, then 404 and a violation', async () => {
    await card();
    await as('U01BOB').clicks('approve');
    for (let i = 0; i < 5; i++) expect((await respond({ replace_original: false, text: `${i}` })).status).toBe(200);
    expect(await respond({ replace_original: false, text: 'six' })).toEqual({
      status: 404,
      body: { ok: false, error: 'used_url' },
    });
    expect((await as('U01BOB').ephemerals()).map((e) => e.reads)).toEqual(['0', '1', '2', '3', '4']);
    expect(scene.workspace.engine.violations()).toMatchObject([{ kind: 'response_url_over_5' }]);
  });

  test('slack S38: dead after thirty minutes', async () => {
    await card();
    await as('U01BOB').clicks('approve');
    await scene.workspace.driver.age('response_urls', 30 * 60_000 + 1);
    expect(await respond({ text: 'late' })).toEqual({ status: 404, body: { ok: false, error: 'expired_url' } });
  });

  test('from a message the original is replaced unless told not to; delete_original deletes', async () => {
    await card();
    await as('U01BOB').clicks('approve');
    await respond({ replace_original: false, text: 'only Bob' });
    expect((await channel())[0]?.reads).toContain('Pending');
    await respond({ text: 'replaced' });
    expect((await channel()).map((m) => m.reads)).toEqual(['replaced']);
    await respond({ delete_original: true });
    expect(await channel()).toEqual([]);
  });

  test('from an ephemeral the same, for its person', async () => {
    const blocks = [buttons(button('retry', '1'))];
    await scene.api('chat.postEphemeral', { channel: 'C01APPROVALS', user: 'U01BOB', text: 'x', blocks });
    await as('U01BOB').clicks('retry');
    await respond({ replace_original: true, text: 'better' });
    expect((await as('U01BOB').ephemerals()).map((e) => e.reads)).toEqual(['better']);
    await respond({ delete_original: true });
    expect(await as('U01BOB').ephemerals()).toEqual([]);
  });

  test('from a command: ephemeral by default, where the bot is no member too', async () => {
    await as('U01ALICE').types('/request-access', { channel: 'C01GENERAL' });
    await respond({ text: 'hello' });
    expect(await as('U01ALICE').ephemerals()).toMatchObject([{ channel: 'C01GENERAL', reads: 'hello' }]);
    expect((await respond({ blocks: [section('')] })).status).toBe(400);
  });

  test('planned failures hit them as response_url', async () => {
    await as('U01ALICE').types('/request-access');
    await scene.workspace.driver.fault({ method: 'response_url', kind: '500' });
    expect((await respond({ text: 'x' })).status).toBe(500);
    expect((await respond({ text: 'x' })).status).toBe(200);
  });
});
