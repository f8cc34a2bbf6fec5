/** The workspace as a whole: its doors, its control API, its file, and the driver over HTTP. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDriver } from './driver.ts';
import { button, buttons, modal, section, textInput } from './samples.ts';
import { BOT_TOKEN, type Scene, SIGNING_SECRET, startScene } from './tiny-app.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
beforeEach(() => {
  scene.workspace.engine.reset();
  scene.app.received.length = 0;
});
afterAll(() => scene.close());

/** A raw request: fetch would not let a test forge Host. */
function raw(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(scene.workspace.url);
    const call = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end();
  });
}

describe('the door', () => {
  test('a foreign Host or Origin is refused on every path', async () => {
    const own = new URL(scene.workspace.url).host;
    for (const path of ['/control/state', '/api/auth.test', '/response/x', '/anything']) {
      expect(await raw(path, { host: 'evil.test' })).toBe(403);
      expect(await raw(path, { host: own, origin: 'http://evil.test' })).toBe(403);
      expect(await raw(path, { host: own, origin: 'http://127.0.0.1:1' })).toBe(403);
    }
    expect(await raw('/control/state', { host: own, origin: `http://${own}` })).toBe(200);
    expect(await raw('/control/state', { host: own.replace('127.0.0.1', 'localhost') })).toBe(200);
    expect(await raw('//', { host: own })).toBe(404);
  });
});

describe('the control API', () => {
  const post = (name: string, body: unknown, type = 'application/json') =>
    fetch(`${scene.workspace.url}/control/${name}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });

  test('says what it does not do, and what is wrong with a body', async () => {
    expect((await post('dance', {})).status).toBe(404);
    expect((await post('home', { user: 'U01ALICE' }, 'text/plain')).status).toBe(415);
    const wrong = await post('home', { user: 'U01ALICE', colour: 'red' });
    expect([wrong.status, JSON.stringify(await wrong.json())]).toEqual([400, expect.stringContaining('colour')]);
    const unknown = await post('command', { user: 'U99', text: '/request-access' });
    expect([unknown.status, await unknown.json()]).toEqual([400, { error: 'there is no user U99 in this workspace' }]);
    expect((await post('fault', { method: '*', kind: 'sideways' })).status).toBe(400);
  });

  test('every action answers status, ack_ms, late, body, user_error', async () => {
    const answer = await (
      await post('command', { user: 'U01ALICE', channel: 'C01APPROVALS', text: '/request-access' })
    ).json();
    expect(answer).toEqual({ status: 200, ack_ms: expect.any(Number), late: false, body: null, user_error: null });
  });

  test('state can be waited for, and holds no secret', async () => {
    const { seq } = scene.workspace.engine.state;
    const waiting = fetch(`${scene.workspace.url}/control/state?after=${seq}&wait_ms=5000`);
    await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: 'news' });
    const text = await (await waiting).text();
    expect(text).toContain('news');
    expect(text).not.toContain(BOT_TOKEN);
    expect(text).not.toContain(SIGNING_SECRET);
  });
});

test('the driver walks a request over HTTP as it does in process', async () => {
  const driver = connectDriver(scene.workspace.url);
  const [alice, bob] = [driver.as('U01ALICE'), driver.as('U01BOB')];
  await alice.types('/request-access');
  const { trigger_id } = scene.last().payload;
  await scene.api('views.open', { trigger_id, view: modal([textInput('why')]) });
  await alice.fills({ why: 'to repair' });
  expect((await alice.modal())?.fields.why?.value).toBe('to repair');
  await alice.submits();
  expect(await alice.modal()).toBeUndefined();

  const seen = driver.until(async () => (await driver.channel('C01APPROVALS').messages())[0], 2000);
  await scene.api('chat.postMessage', {
    channel: 'C01APPROVALS',
    text: 'Alice asks',
    blocks: [section('Alice *asks*'), buttons(button('approve', '{"r":"req_7"}', 'Approve'))],
  });
  expect(await seen).toMatchObject({
    reads: 'Alice asks\n[Approve]',
    buttons: [{ text: 'Approve', action_id: 'approve' }],
  });
  expect(await bob.clicks('approve', { request: 'req_7' })).toMatchObject({ status: 200 });
  await expect(bob.clicks('approve', { request: 'req_8' })).rejects.toThrow('Seen: approve');
  await expect(driver.until(() => false, 20)).rejects.toThrow('not so within 20 ms');
  expect(await driver.violations()).toEqual([]);
});

describe('the page', () => {
  test('one person sees their channels, their ephemerals and their modals only', async () => {
    await scene.api('chat.postEphemeral', { channel: 'C01APPROVALS', user: 'U01BOB', text: 'psst' });
    const { engine } = scene.workspace;
    const titles = (user: string) => engine.seenBy(user).channels.map((c) => c.title);
    expect(titles('U01CAROL')).toContain('#secret');
    expect(titles('U01BOB')).not.toContain('#secret');
    expect(titles('U01SOLO')).toEqual(['#approvals']);
    expect(titles('U02EVE')).toEqual(['#partners']);
    expect(engine.seenBy('U01BOB').channels[0]?.ephemerals).toHaveLength(1);
    expect(engine.seenBy('U01ALICE').channels[0]?.ephemerals).toHaveLength(0);
  });
});

describe('slack S54: the file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'workspace-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('messages survive a restart and can still be updated; nobody else can read it', async () => {
    const statePath = join(folder, 'state.json');
    const first = await startScene({ statePath });
    const { ts } = await first.api('chat.postMessage', {
      channel: 'C01APPROVALS',
      text: 'card',
      blocks: [section('x')],
    });
    await first.close();
    expect(statSync(statePath).mode & 0o077).toBe(0);
    expect(readFileSync(statePath, 'utf8')).not.toContain(BOT_TOKEN);
    const second = await startScene({ statePath });
    expect(await second.api('chat.update', { channel: 'C01APPROVALS', ts, text: 'same card' })).toMatchObject({
      ok: true,
    });
    const next = await second.api('chat.postMessage', { channel: 'C01APPROVALS', text: 'later' });
    expect(Number(next.ts)).toBeGreaterThan(Number(ts));
    expect(second.workspace.engine.state.app.request_url).toBe(second.app.url);
    await second.close();
  });

  test('a damaged file is set aside, not overwritten', async () => {
    const statePath = join(folder, 'damaged.json');
    writeFileSync(statePath, '{"version":1,');
    const opened = await startScene({ statePath });
    expect(readFileSync(`${statePath}.unreadable`, 'utf8')).toBe('{"version":1,');
    await opened.close();
  });

  test('histories are bounded', async () => {
    const { engine } = scene.workspace;
    for (let i = 0; i < 60; i++) {
      await scene.api('chat.postEphemeral', { channel: 'C01APPROVALS', user: 'U01BOB', text: `${i}` });
    }
    expect(engine.state.ephemerals.U01BOB).toHaveLength(50);
    expect(engine.state.ephemerals.U01BOB?.at(-1)?.text).toBe('59');
  });
});
