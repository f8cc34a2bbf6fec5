/** Signing in at the demo identity provider, as a browser and a relying party do it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compose, loadConfig, type Program } from './index.ts';

const CALLBACK = 'http://localhost:8080/login/callback';
let stateDir: string;
let origin: string;
let program: Program;

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'demo-sign-in-'));
  await start();
});
afterAll(async () => {
  await program.lifecycle.stop();
  await rm(stateDir, { recursive: true });
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const own = { SALLYPORT_DEMO_ISSUER_PORT: String(port), SALLYPORT_STATE_DIR: stateDir, LOG_LEVEL: 'silent' };
  program = await compose(loadConfig({ ...own, ...env }));
  await program.lifecycle.start();
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

function authorizeUrl(change: Readonly<Record<string, string>> = {}): string {
  const params = {
    response_type: 'code',
    client_id: 'sallyport-web',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 's-1',
    nonce: 'n-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...change,
  };
  return `${origin}/workforce/authorize?${new URLSearchParams(params)}`;
}

async function choose(form: Readonly<Record<string, string>>, change: Readonly<Record<string, string>> = {}) {
  const body = new URLSearchParams(form);
  const answer = await fetch(authorizeUrl(change), { method: 'POST', body, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? 'none:');
}

async function redeem(code: string, change: Readonly<Record<string, string>> = {}, headers = {}) {
  const form = { grant_type: 'authorization_code', client_id: 'sallyport-web', code, redirect_uri: CALLBACK };
  const body = new URLSearchParams({ ...form, code_verifier: verifier, ...change });
  const answer = await fetch(`${origin}/workforce/token`, { method: 'POST', headers, body });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, string>> };
}

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('signing in', () => {
  test('one picks a person and is sent back with a code, which is worth an ID token once', async () => {
    const page = await fetch(authorizeUrl());
    expect(await page.text()).toContain('Alice Ahn');
    const back = await choose({ sub: 'alice' });
    expect(back.origin + back.pathname).toBe(CALLBACK);
    expect(back.searchParams.get('state')).toBe('s-1');
    expect(back.searchParams.get('iss')).toMatch(/\/workforce$/);
    const code = back.searchParams.get('code') ?? '';
    const first = await redeem(code);
    expect(first.status).toBe(200);
    expect(claimsOf(first.body.id_token ?? '')).toMatchObject({ sub: 'alice', aud: 'sallyport-web', nonce: 'n-1' });
    expect(await redeem(code)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('anybody else by name, and nobody at all', async () => {
    const back = await choose({ sub: '', other: 'mallory' });
    const { body } = await redeem(back.searchParams.get('code') ?? '');
    expect(claimsOf(body.id_token ?? '').sub).toBe('mallory');
    expect((await choose({ decline: '1' })).searchParams.get('error')).toBe('access_denied');
  });

  test.each([
    ['another verifier', { code_verifier: randomBytes(32).toString('base64url') }],
    ['another redirect URI', { redirect_uri: `${CALLBACK}/` }],
    ['no verifier', { code_verifier: '' }],
  ])('a code with %s is worth nothing', async (_, change) => {
    const code = (await choose({ sub: 'alice' })).searchParams.get('code') ?? '';
    expect(await redeem(code, change)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  test.each([
    ['a redirect URI that is not registered to the letter', { redirect_uri: `${CALLBACK}?x=1` }],
    ['a redirect URI elsewhere', { redirect_uri: 'https://evil.test/login/callback' }],
    ['an unknown client', { client_id: 'somebody' }],
  ])('%s is told to the person, and leads nowhere', async (_, change) => {
    const answer = await fetch(authorizeUrl(change), { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });

  test.each([
    ['no PKCE', { code_challenge: '' }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no openid', { scope: 'profile' }, 'invalid_scope'],
    ['prompt=none: there is no session', { prompt: 'none' }, 'login_required'],
  ])('%s is told to the relying party', async (_, change, error) => {
    const answer = await fetch(authorizeUrl(change), { redirect: 'manual' });
    expect(new URL(answer.headers.get('location') ?? 'none:').searchParams.get('error')).toBe(error);
  });

  test('the page runs no script, and its form leads here and to the broker only', async () => {
    const answer = await fetch(authorizeUrl({ state: '"><script>alert(1)</script>' }));
    expect(await answer.text()).not.toContain('<script');
    expect(answer.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:8080;");
  });

  test('a client that was given a secret has to prove it', async () => {
    await program.lifecycle.stop();
    await start({ SALLYPORT_LOGIN_CLIENT_SECRET: 'demo secret: %' });
    const code = async () => (await choose({ sub: 'alice' })).searchParams.get('code') ?? '';
    expect((await redeem(await code())).status).toBe(401);
    const basic = Buffer.from(`sallyport-web:${encodeURIComponent('demo secret: %')}`).toString('base64');
    expect((await redeem(await code(), {}, { authorization: `Basic ${basic}` })).status).toBe(200);
  });
});
