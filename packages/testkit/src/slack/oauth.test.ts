/** Installing the app: consent, code, a token for each team that sees that team and no other, and the way out. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { APP_TOKEN, type Scene, startScene } from './tiny-app.ts';

const CREDENTIALS = { clientId: '11.22', clientSecret: 'client-secret-of-tests' };
const SCOPES = 'chat:write,im:write,users:read,channels:read';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ credentials: CREDENTIALS });
});
beforeEach(() => {
  const { engine } = scene.workspace;
  engine.reset();
  engine.upsertUser({ id: 'U03ERIN', team_id: 'T02OTHER', real_name: 'Erin Eck' });
  engine.upsertChannel({ id: 'C03OTHER', team_id: 'T02OTHER', members: ['U03ERIN'] });
});
afterAll(() => scene.close());

const address = (more: Record<string, string> = {}) => {
  const asked = new URL('/oauth/v2/authorize', scene.workspace.url);
  asked.search = new URLSearchParams({ client_id: '11.22', scope: SCOPES, state: 's1', ...more }).toString();
  return asked;
};

/** Says yes or no on the consent page. @returns where the browser is sent */
async function consents(user: string, answer: 'allow' | 'cancel' = 'allow', more: Record<string, string> = {}) {
  const sent = await fetch(address(more), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ user, answer }),
  });
  return { status: sent.status, back: new URL(sent.headers.get('location') ?? 'about:blank') };
}

async function access(code: string, secret = CREDENTIALS.clientSecret, more: Record<string, string> = {}) {
  const answer = await fetch(`${scene.workspace.apiUrl}oauth.v2.access`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`11.22:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ code, ...more }),
  });
  return (await answer.json()) as Record<string, unknown> & { access_token: string };
}

const installs = async (user: string) =>
  (await access((await consents(user)).back.searchParams.get('code') ?? '')).access_token;

describe('consent', () => {
  test('the page says what is asked and that it is not Slack; it refuses another app and another way back', async () => {
    const shown = await (await fetch(address())).text();
    expect(shown).toContain('Local workspace, not Slack');
    for (const scope of SCOPES.split(',')) expect(shown).toContain(`<code>${scope}</code>`);
    expect((await fetch(address({ client_id: '33.44' }))).status).toBe(400);
    expect((await fetch(address({ redirect_uri: 'https://evil.test/' }))).status).toBe(400);
    const foreign = await fetch(address(), { headers: { origin: 'https://evil.test' } });
    expect(foreign.status).toBe(403);
  });

  test('yes and no both lead back to the one address, with the state', async () => {
    const { back } = await consents('U01ALICE');
    expect(`${back.origin}${back.pathname}`).toBe(`${new URL(scene.app.url).origin}/slack/oauth_redirect`);
    expect(back.searchParams.get('state')).toBe('s1');
    const no = (await consents('U01ALICE', 'cancel')).back.searchParams;
    expect([no.get('error'), no.get('state'), no.get('code')]).toEqual(['access_denied', 's1', null]);
    expect((await consents('U01GINA')).status).toBe(400);
  });
});

describe('oauth.v2.access', () => {
  test('wrong credentials, no code, a used one, an old one and another way back are told apart', async () => {
    const code = async () => (await consents('U03ERIN')).back.searchParams.get('code') ?? '';
    expect(await access(await code(), 'wrong')).toEqual({ ok: false, error: 'bad_client_secret' });
    expect(await access('none')).toEqual({ ok: false, error: 'invalid_code' });
    const once = await code();
    expect(await access(once)).toMatchObject({ ok: true });
    expect(await access(once)).toEqual({ ok: false, error: 'invalid_code' });
    const elsewhere = await access(await code(), undefined, { redirect_uri: 'https://evil.test/' });
    expect(elsewhere).toEqual({ ok: false, error: 'bad_redirect_uri' });
  });

  test('answers as Slack: team, bot, scopes, who installed it; the same token again while it lives', async () => {
    const { back } = await consents('U03ERIN');
    const answer = await access(back.searchParams.get('code') ?? '');
    expect(answer).toMatchObject({
      ok: true,
      token_type: 'bot',
      scope: SCOPES,
      bot_user_id: 'U02OTHERSALLYPORT',
      app_id: 'A01SALLYPORT',
      team: { id: 'T02OTHER', name: 'Other' },
      enterprise: null,
      is_enterprise_install: false,
      authed_user: { id: 'U03ERIN' },
    });
    expect(await installs('U03ERIN')).toBe(answer.access_token);
    scene.workspace.engine.configure({ org_wide: true });
    const everywhere = await access((await consents('U03ERIN')).back.searchParams.get('code') ?? '');
    expect(everywhere).toMatchObject({ is_enterprise_install: true, team: null });
  });
});

describe('a token of another team', () => {
  test('is who it is there, and sees that team and no other', async () => {
    const token = await installs('U03ERIN');
    const api = (method: string, args = {}) => scene.api(method, args, token);
    expect(await api('auth.test')).toMatchObject({ team_id: 'T02OTHER', bot_id: 'B02OTHERSALLYPORT' });
    expect(await api('users.info', { user: 'U03ERIN' })).toMatchObject({ ok: true });
    expect(await api('users.info', { user: 'U01ALICE' })).toEqual({ ok: false, error: 'user_not_found' });
    expect(await api('conversations.info', { channel: 'C01APPROVALS' })).toMatchObject({ error: 'channel_not_found' });
    expect(await api('chat.postMessage', { channel: 'C03OTHER', text: 'x' })).toMatchObject({
      error: 'not_in_channel',
    });
    expect(await api('conversations.open', { users: 'U01ALICE' })).toMatchObject({ error: 'user_not_found' });
    expect(await scene.api('conversations.open', { users: 'U03ERIN' })).toMatchObject({ error: 'user_not_found' });
    const dm = await api('chat.postMessage', { channel: 'U03ERIN', text: 'hello' });
    expect(dm).toMatchObject({ ok: true, message: { user: 'U02OTHERSALLYPORT' } });
    expect(await scene.workspace.driver.as('U03ERIN').dms()).toMatchObject([{ text: 'hello' }]);
    expect(await api('apps.connections.open')).toEqual({ ok: false, error: 'not_allowed_token_type' });
  });

  test('what its people do is sent as of their team', async () => {
    await installs('U03ERIN');
    const erin = scene.workspace.driver.as('U03ERIN');
    await erin.opensHome();
    expect(scene.last().payload).toMatchObject({
      team_id: 'T02OTHER',
      authorizations: [{ team_id: 'T02OTHER', user_id: 'U02OTHERSALLYPORT' }],
    });
    await erin.shortcut('request_access_shortcut');
    expect(scene.last().payload).toMatchObject({ team: { id: 'T02OTHER' }, user: { team_id: 'T02OTHER' } });
    await scene.workspace.driver.as('U01ALICE').shortcut('request_access_shortcut');
    expect(scene.last().payload).toMatchObject({ team: { id: 'T01TEST' } });
  });

  test('revoked or taken out it is dead, that of the first team is not; installed again it is a new one', async () => {
    const token = await installs('U03ERIN');
    expect(await scene.api('auth.revoke', { test: true }, token)).toEqual({ ok: true, revoked: false });
    expect(await scene.api('auth.revoke', {}, token)).toEqual({ ok: true, revoked: true });
    expect(await scene.api('auth.test', {}, token)).toEqual({ ok: false, error: 'account_inactive' });
    expect(await scene.api('auth.test')).toMatchObject({ ok: true, team_id: 'T01TEST' });
    const again = await installs('U03ERIN');
    expect(again).not.toBe(token);
    await scene.workspace.driver.uninstall('T02OTHER');
    await scene.workspace.driver.event({ type: 'app_uninstalled' }, undefined, 'T02OTHER');
    expect(scene.last().payload).toMatchObject({ team_id: 'T02OTHER', event: { type: 'app_uninstalled' } });
    expect(await scene.api('auth.test', {}, again)).toEqual({ ok: false, error: 'account_inactive' });
    expect(await scene.api('auth.test', {}, APP_TOKEN)).toEqual({ ok: false, error: 'not_allowed_token_type' });
  });
});
