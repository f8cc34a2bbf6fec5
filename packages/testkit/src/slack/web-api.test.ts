/** The Web API: tokens, scopes, messages and conversations answer as Slack's do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { button, buttons, section } from './samples.ts';
import { APP_TOKEN, BOT_TOKEN, type Scene, startScene } from './tiny-app.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
beforeEach(() => {
  scene.workspace.engine.reset();
});
afterAll(() => scene.close());

const kinds = () => scene.workspace.engine.violations().map((v) => v.kind);
const card = [buttons(button('approve', '1'))];

describe('who may call', () => {
  test('no, a wrong, a foreign and a dead token are told apart, always with status 200', async () => {
    expect(await scene.api('auth.test', {}, null)).toEqual({ ok: false, error: 'not_authed' });
    expect(await scene.api('auth.test', {}, 'xoxb-other')).toEqual({ ok: false, error: 'invalid_auth' });
    expect(await scene.api('auth.test', {}, APP_TOKEN)).toEqual({ ok: false, error: 'not_allowed_token_type' });
    expect(await scene.api('apps.connections.open')).toEqual({ ok: false, error: 'not_allowed_token_type' });
    scene.workspace.engine.configure({ token: 'revoked' });
    expect(await scene.api('auth.test')).toEqual({ ok: false, error: 'token_revoked' });
    scene.workspace.engine.configure({ token: 'inactive' });
    expect(await scene.api('auth.test')).toEqual({ ok: false, error: 'account_inactive' });
  });

  test('slack S40: the scopes are named in the header, a missing one in the error', async () => {
    scene.workspace.engine.configure({ scopes: ['chat:write'] });
    expect(await scene.api('users.info', { user: 'U01BOB' })).toMatchObject({
      error: 'missing_scope',
      needed: 'users:read',
    });
    const headers = { authorization: `Bearer ${BOT_TOKEN}` };
    const response = await fetch(`${scene.workspace.apiUrl}auth.test`, { method: 'POST', headers });
    expect(response.headers.get('x-oauth-scopes')).toBe('chat:write');
    expect(await response.json()).toMatchObject({ ok: true, team_id: 'T01TEST', bot_id: 'B01SALLYPORT' });
  });

  test('an unknown method and an argument nobody follows are refused loudly', async () => {
    expect(await scene.api('chat.scheduleMessage')).toMatchObject({ error: 'unknown_method' });
    const refused = await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: 'x', icon_emoji: ':x:' });
    expect(refused).toMatchObject({ error: 'invalid_arguments' });
    expect(JSON.stringify(refused)).toContain('not supported: argument icon_emoji');
    expect(kinds()).toEqual(['not_supported', 'not_supported']);
  });

  test('a form with JSON inside means the same as JSON', async () => {
    const body = new URLSearchParams({
      channel: 'C01APPROVALS',
      text: 'x',
      blocks: JSON.stringify(card),
      token: BOT_TOKEN,
    });
    const response = await fetch(`${scene.workspace.apiUrl}chat.postMessage`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ ok: true, channel: 'C01APPROVALS', message: { blocks: card } });
  });
});

describe('messages', () => {
  test('the bot writes where it is a member, and nowhere else', async () => {
    const { engine } = scene.workspace;
    const post = (channel: string) => scene.api('chat.postMessage', { channel, text: 'x' });
    expect(await post('C01APPROVALS')).toMatchObject({ ok: true });
    expect(await post('C01GENERAL')).toEqual({ ok: false, error: 'not_in_channel' });
    expect(await post('C99NOWHERE')).toEqual({ ok: false, error: 'channel_not_found' });
    engine.upsertChannel({ id: 'C01SECRET', members: ['U01CAROL'] });
    expect(await post('C01SECRET')).toEqual({ ok: false, error: 'channel_not_found' });
    engine.upsertChannel({ id: 'C01APPROVALS', is_archived: true });
    expect(await post('C01APPROVALS')).toEqual({ ok: false, error: 'is_archived' });
  });

  test('text alone on an update drops the blocks; metadata left out stays, {} clears it', async () => {
    const metadata = { event_type: 'sallyport', event_payload: { key: 'k' } };
    const { ts } = await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: 'a', blocks: card, metadata });
    const update = (more: object) => scene.api('chat.update', { channel: 'C01APPROVALS', ts, ...more });
    expect((await update({ text: 'b', blocks: card })).message).toMatchObject({ blocks: card, metadata });
    expect((await update({ text: 'c' })).message).not.toHaveProperty('blocks');
    expect((await update({ text: 'd', metadata: {} })).message).not.toHaveProperty('metadata');
  });

  test('only own messages, by channel id, can be changed', async () => {
    const alice = scene.workspace.driver.as('U01ALICE');
    await alice.types('hello', { channel: 'C01APPROVALS' });
    const [hers] = await scene.workspace.driver.channel('C01APPROVALS').messages();
    const at = { channel: 'C01APPROVALS', ts: hers?.ts };
    expect(await scene.api('chat.update', { ...at, text: 'x' })).toMatchObject({ error: 'cant_update_message' });
    expect(await scene.api('chat.delete', at)).toMatchObject({ error: 'cant_delete_message' });
    expect(await scene.api('chat.update', { channel: 'C01APPROVALS', ts: '1.1', text: 'x' })).toMatchObject({
      error: 'message_not_found',
    });
    const dm = await scene.api('chat.postMessage', { channel: 'U01BOB', text: 'x' });
    expect(dm).toMatchObject({ ok: true, channel: 'D01BOB' });
    expect(await scene.api('chat.update', { channel: 'U01BOB', ts: dm.ts, text: 'x' })).toMatchObject({
      error: 'channel_not_found',
    });
  });

  test('bad blocks, no text and a shout are refused or recorded', async () => {
    const post = (args: object) => scene.api('chat.postMessage', { channel: 'C01APPROVALS', ...args });
    expect(await post({ text: 'x', blocks: [section('')] })).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(await post({})).toMatchObject({ error: 'no_text' });
    expect(await post({ blocks: card })).toMatchObject({ ok: true });
    expect(await post({ text: '<!channel>' })).toMatchObject({ ok: true });
    expect(kinds()).toEqual(['invalid_blocks', 'no_text', 'no_text', 'broadcast_mention']);
  });

  test('an ephemeral is seen by its person only, and cannot be updated', async () => {
    const args = { channel: 'C01APPROVALS', user: 'U01BOB', text: 'psst' };
    const { message_ts: ts } = await scene.api('chat.postEphemeral', args);
    expect(await scene.workspace.driver.as('U01BOB').ephemerals()).toMatchObject([{ text: 'psst' }]);
    expect(await scene.workspace.driver.as('U01ALICE').ephemerals()).toEqual([]);
    expect(await scene.api('chat.update', { channel: 'C01APPROVALS', ts, text: 'x' })).toMatchObject({
      error: 'message_not_found',
    });
    expect(await scene.api('chat.postEphemeral', { ...args, user: 'U02EVE' })).toMatchObject({
      error: 'user_not_in_channel',
    });
  });

  test('a second post to a channel within a second is refused when the rate is strict', async () => {
    scene.workspace.engine.configure({ strict_rate: true });
    const post = () =>
      fetch(`${scene.workspace.apiUrl}chat.postMessage`, {
        method: 'POST',
        body: new URLSearchParams({ token: BOT_TOKEN, channel: 'C01APPROVALS', text: 'x' }),
      });
    expect((await post()).status).toBe(200);
    const second = await post();
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
  });
});

describe('conversations and people', () => {
  test('history is newest first, without replies, metadata only if asked for, and pages', async () => {
    const metadata = { event_type: 'sallyport', event_payload: { key: 'k' } };
    const first = await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: '1', metadata });
    await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: '2' });
    await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: 'r', thread_ts: first.ts });
    const history = (more: object = {}) => scene.api('conversations.history', { channel: 'C01APPROVALS', ...more });
    const all = await history();
    expect(all.messages.map((m) => m.text)).toEqual(['2', '1']);
    expect(all.messages[1]).toMatchObject({ reply_count: 1, thread_ts: first.ts });
    expect(all.messages[1]).not.toHaveProperty('metadata');
    expect((await history({ include_all_metadata: true })).messages[1]).toMatchObject({ metadata });
    expect((await history({ oldest: first.ts })).messages).toHaveLength(1);
    const page = await history({ limit: 1 });
    expect(page.has_more).toBe(true);
    const rest = await history({ limit: 1, cursor: page.response_metadata.next_cursor });
    expect(rest.messages[0]?.text).toBe('1');
    const replies = await scene.api('conversations.replies', { channel: 'C01APPROVALS', ts: first.ts });
    expect(replies.messages.map((m) => m.text)).toEqual(['1', 'r']);
  });

  test('a direct message is opened once; not with the deactivated, bots or strangers to us', async () => {
    const open = (users: string) => scene.api('conversations.open', { users });
    expect(await open('U01BOB')).toEqual({ ok: true, channel: { id: 'D01BOB' } });
    expect(await open('U01BOB')).toMatchObject({ already_open: true, channel: { id: 'D01BOB' } });
    expect(await open('U01GREG')).toEqual({ ok: false, error: 'user_disabled' });
    expect(await open('U01BOT')).toEqual({ ok: false, error: 'cannot_dm_bot' });
    expect(await open('U99NOBODY')).toEqual({ ok: false, error: 'user_not_found' });
  });

  test('people carry the flags that decide, and no address without its scope', async () => {
    const info = async (user: string) => (await scene.api('users.info', { user })).user;
    expect(await info('U01GINA')).toMatchObject({ is_restricted: true, is_ultra_restricted: false });
    expect(await info('U01SOLO')).toMatchObject({ is_ultra_restricted: true });
    expect(await info('U01GREG')).toMatchObject({ deleted: true });
    expect(await info('U02EVE')).toMatchObject({ is_stranger: true, team_id: 'T02OTHER', real_name: 'Bob Berg' });
    expect((await info('U01BOB')).profile).not.toHaveProperty('email');
    scene.workspace.engine.configure({ scopes: ['users:read', 'users:read.email'] });
    expect((await info('U02EVE')).profile).toMatchObject({ email: 'bob@acme.test' });
    expect((await scene.api('users.lookupByEmail', { email: 'bob@acme.test' })).user.id).toBe('U01BOB');
  });
});

describe('planned failures', () => {
  const post = (channel = 'C01APPROVALS') => scene.api('chat.postMessage', { channel, text: 'x' });
  const said = async () => (await scene.workspace.driver.channel('C01APPROVALS').messages()).length;

  test('slack S29: after means done, then the answer lost', async () => {
    await scene.workspace.driver.fault({ method: 'chat.postMessage', kind: 'after' });
    await expect(post()).rejects.toThrow();
    expect(await said()).toBe(1);
    await scene.workspace.driver.fault({ method: 'chat.postMessage', kind: 'after', status: 500 });
    expect(await post()).toMatchObject({ ok: false, error: 'internal_error' });
    expect(await said()).toBe(2);
  });

  test('a fault hits its method and channel, as often as said, and nothing else', async () => {
    await scene.workspace.driver.fault({
      method: 'chat.postMessage',
      channel: 'C01APPROVALS',
      kind: 'error',
      error: 'internal_error',
      times: 2,
    });
    expect(await post('U01BOB')).toMatchObject({ ok: true });
    expect([(await post()).error, (await post()).error, (await post()).ok]).toEqual([
      'internal_error',
      'internal_error',
      true,
    ]);
  });

  test('drop happens before the call, 429 says how long to wait', async () => {
    await scene.workspace.driver.fault({ method: '*', kind: 'drop' });
    await expect(post()).rejects.toThrow();
    expect(await said()).toBe(0);
    await scene.workspace.driver.fault({ method: 'auth.test', kind: '429', retry_after: 5 });
    const response = await fetch(`${scene.workspace.apiUrl}auth.test?token=${BOT_TOKEN}`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
    expect(scene.workspace.engine.calls().map((c) => c.status)).toEqual([0, 429]);
  });
});
