/** The demo issuer as a shell, a browser and the broker see it. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compose, loadConfig, type Program } from './index.ts';

let stateDir: string;
let origin: string;
let port: number;
let program: Program;

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const config = () =>
  loadConfig({ SALLYPORT_DEMO_ISSUER_PORT: String(port), SALLYPORT_STATE_DIR: stateDir, LOG_LEVEL: 'silent' });

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** fetch does not send a Host of our choice. */
const statusWithHost = (host: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/ci/token?workload=payments-deploy', headers: { host } }, (res) => {
      res.resume();
      resolve(res.statusCode);
    })
      .once('error', reject)
      .end();
  });

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'demo-issuer-'));
  port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  program = await compose(config());
  await program.lifecycle.start();
});
afterAll(async () => {
  await program.lifecycle.stop();
  await rm(stateDir, { recursive: true });
});

describe('tokens', () => {
  test('curl gets a person a token for the audience the example policy wants', async () => {
    const answer = await fetch(`${origin}/workforce/token?sub=alice`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(claimsOf(await answer.text())).toMatchObject({
      iss: `http://localhost:${port}/workforce`,
      aud: 'sallyport',
      sub: 'alice',
    });
  });

  test('each job gets a token of its own, by GET or POST, for the broker unless it names another audience', async () => {
    const got = await (await fetch(`${origin}/ci/token?workload=payments-deploy`)).text();
    const posted = await fetch(`${origin}/ci/token`, {
      method: 'POST',
      body: new URLSearchParams({
        workload: 'payments-deploy',
        audience: 'https://elsewhere.test',
        ref: 'refs/heads/x',
      }),
    });
    const first = claimsOf(got);
    const second = claimsOf(await posted.text());
    expect(first).toMatchObject({ aud: 'http://localhost:8080', repository_id: '123', repository_owner_id: '42' });
    expect(second).toMatchObject({ aud: 'https://elsewhere.test', ref: 'refs/heads/x' });
    expect(first.jti).not.toBe(second.jti);
  });

  test.each([
    ['/workforce/token', 400],
    ['/workforce/token?sub=alice&admin=1', 400],
    ['/ci/token', 400],
    ['/ci/token?workload=nobody', 404],
    ['/nowhere', 404],
  ])('%s is answered %d', async (at, status) => {
    expect((await fetch(origin + at)).status).toBe(status);
  });

  test('a body over the bound is refused', async () => {
    const answer = await fetch(`${origin}/ci/token`, { method: 'POST', body: `workload=${'x'.repeat(20_000)}` });
    expect(answer.status).toBe(413);
  });
});

describe('the house rules of a stand-in', () => {
  test('tokens and keys stay good over a restart, in a file only its owner reads', async () => {
    const before = await (await fetch(`${origin}/ci/jwks`)).json();
    await program.lifecycle.stop();
    program = await compose(config());
    await program.lifecycle.start();
    expect(await (await fetch(`${origin}/ci/jwks`)).json()).toEqual(before);
    expect((await stat(path.join(stateDir, 'demo-issuer.json'))).mode & 0o777).toBe(0o600);
  });

  test('a foreign Host is refused, a loopback name is not', async () => {
    expect(await statusWithHost('evil.example.test')).toBe(403);
    expect(await statusWithHost(`localhost:${port}`)).toBe(200);
    expect(await statusWithHost(`LOCALHOST:${port}`)).toBe(200);
    expect(await statusWithHost('localhost.evil.example.test')).toBe(403);
  });

  test.each([
    [{ SALLYPORT_ENV: 'production' }, /never runs in production/],
    [{ SALLYPORT_HOST: '0.0.0.0' }, /loopback only/],
  ])('%j is refused', (env, message) => {
    expect(() => loadConfig(env)).toThrow(message);
  });

  test('the page shows commands with this house’s addresses and runs no script', async () => {
    const answer = await fetch(`${origin}/`);
    const html = await answer.text();
    expect(html).toContain(`http://localhost:${port}/ci/token?workload=payments-deploy`);
    expect(html).not.toContain('<script');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('it is ready', async () => {
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });
});
