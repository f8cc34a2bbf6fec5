/** Checks the door of the page: what it serves, with which policy, and to whom it does not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigProblems, createLogger } from '@sallyport/platform';
import { loadConfig } from './config.ts';
import { type RunningProgram, start } from './server.ts';

const logger = createLogger({ name: 'workspace', level: 'silent' });
let folder = '';
let program: RunningProgram;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workspace-'));
  // Port 9 (discard) of this machine: nothing answers there, so the app is away.
  const config = loadConfig({ SALLYPORT_STANDIN_PORT: '0', SALLYPORT_STATE_DIR: folder, SALLYPORT_SLACK_PORT: '9' });
  program = await start(config, logger);
});

afterAll(async () => {
  await program.close();
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** A request with any Host, Origin or body; `fetch` would not let us lie about the first. */
function ask(
  path: string,
  how: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = how;
    const sent = request(`${program.url}${path}`, { method, headers, agent: false }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += String(chunk);
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const act = (value: unknown, headers: Record<string, string> = {}) =>
  ask('/page/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  });

/** Views of the live stream until one satisfies the wish, for at most five seconds. */
async function seen(query: string, wish: (view: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  const response = await fetch(`${program.url}/page/live?${query}`, { signal: AbortSignal.timeout(5000) });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (const event of text.split('\n\n').slice(0, -1)) {
      if (!event.startsWith('data: ')) continue;
      const view = JSON.parse(event.slice('data: '.length)) as Record<string, unknown>;
      if (wish(view)) return view;
    }
    text = text.slice(text.lastIndexOf('\n\n') + 2);
  }
  throw new Error('the stream ended');
}

describe('what it serves', () => {
  test('the document, with a policy that allows nothing inline and nothing from elsewhere', async () => {
    const { status, headers, body } = await ask('/?as=U01ALICE&channel=C01APPROVALS');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('http');
    expect(body).toContain('<title>Local workspace, not Slack</title>');
    expect(body).not.toMatch(/https?:\/\//);
    expect(body).not.toContain('U01ALICE');
  });

  test('every file the document and its modules name', async () => {
    const { body } = await ask('/');
    const wanted = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map((found) => found[1] ?? '');
    expect(wanted).toContain('/assets/main.js');
    const done = new Set<string>();
    for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
      if (done.has(path)) continue;
      done.add(path);
      const file = await ask(path);
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.headers['x-content-type-options']).toBe('nosniff');
      if (path.endsWith('.js')) {
        wanted.push(
          ...[...file.body.matchAll(/^import .* from '\.\/([a-z-]+\.js)';$/gm)].map((m) => `/assets/${m[1]}`),
        );
      }
    }
    expect(done.size).toBeGreaterThan(10);
  });

  test('nothing beside them', async () => {
    for (const path of [
      '/assets/../package.json',
      '/assets/tsconfig.json',
      '/assets/%2e%2e/package.json',
      '/nothing',
    ]) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  test('its health', async () => {
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
    expect((await ask('/metrics')).status).toBe(200);
  });
});

describe('to whom it does not', () => {
  test('a foreign Host is refused everywhere (DNS rebinding)', async () => {
    for (const path of ['/', '/assets/main.js', '/page/live?as=U01ALICE', '/readyz', '/control/state']) {
      expect([path, (await ask(path, { headers: { host: 'evil.test' } })).status]).toEqual([path, 403]);
    }
  });

  test('a foreign Origin is refused, and does nothing', async () => {
    const before = program.workspace.engine.state.seq;
    const said = { do: 'say', as: 'U01ALICE', channel: 'C01APPROVALS', text: 'by another page' };
    expect((await act(said, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await act(said, { origin: 'null' })).status).toBe(403);
    expect(program.workspace.engine.state.seq).toBe(before);
  });

  test('a form of another page cannot act: only JSON that says so is taken', async () => {
    const body = JSON.stringify({ do: 'home', as: 'U01ALICE' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const refused = await ask('/page/act', { method: 'POST', headers: { 'content-type': type }, body });
      expect(refused.status).toBe(400);
    }
  });

  test('acts nobody knows, unknown people and other methods are refused', async () => {
    expect((await act({ do: 'fly', as: 'U01ALICE' })).status).toBe(400);
    expect((await act({ do: 'home', as: 'U01ALICE', more: 1 })).status).toBe(400);
    expect((await act({ do: 'home', as: 'U01NOBODY' })).status).toBe(404);
    expect((await act({ do: 'home', as: '__proto__' })).status).toBe(404);
    expect((await ask('/page/act')).status).toBe(405);
    expect((await ask('/page/live?as=U01NOBODY')).status).toBe(404);
  });
});

describe('the live page', () => {
  test('starts with what the person sees, and follows', async () => {
    const follow = seen('as=U01BOB&channel=C01APPROVALS&zone=Europe/Berlin', (view) =>
      JSON.stringify(view).includes('hello Bob'),
    );
    await act({ do: 'say', as: 'U01ALICE', channel: 'C01APPROVALS', text: 'hello Bob' });
    expect(await follow).toMatchObject({
      you: { name: 'Bob Berg', standing: 'Full member' },
      here: { title: 'approvals' },
    });
  });

  test('without a person it chooses one, and a private channel is not shown to others', async () => {
    const view = await seen('', () => true);
    expect(view).toMatchObject({ you: { id: 'U01ALICE' } });
    const secret = await seen('as=U01ALICE&channel=C01SECRET', () => true);
    expect(JSON.stringify(secret)).not.toContain('C01SECRET');
  });

  test('an app that is away is told in the person’s own page', async () => {
    const answer = await act({ do: 'say', as: 'U01DAVE', channel: 'C01APPROVALS', text: '/request-access' });
    expect(answer.status).toBe(200);
    const view = await seen('as=U01DAVE&channel=C01APPROVALS', (drawn) =>
      JSON.stringify(drawn.notices).includes('/request-access failed'),
    );
    expect(view).toMatchObject({ you: { id: 'U01DAVE' } });
    const other = await seen('as=U01BOB&channel=C01APPROVALS', () => true);
    expect(other.notices).toEqual([]);
  });
});

test('a taken port is a configuration problem, not a crash', async () => {
  const port = new URL(program.url).port;
  const config = loadConfig({ SALLYPORT_STANDIN_PORT: port, SALLYPORT_STATE_DIR: folder });
  await expect(start(config, logger)).rejects.toBeInstanceOf(ConfigProblems);
});
