/** Socket Mode: tickets, hello, envelopes, acknowledgements, and Slack's ways to end a connection. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { modal, section } from './samples.ts';
import { APP_TOKEN, type Scene, startScene } from './tiny-app.ts';

let scene: Scene;
const clients: WebSocket[] = [];
beforeEach(async () => {
  // Who misses a ping is cut off: often enough to see some, seldom enough for a busy machine to answer.
  scene = await startScene({ mode: 'socket', timing: { eventRetryMs: [5, 5, 5], pingMs: 1_000 } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await scene.close();
});

interface Client {
  ws: WebSocket;
  frames: { type: string; envelope_id?: string; retry_attempt?: number }[];
  pings: number;
}

async function connect(ack: (frame: { envelope_id: string; type: string }) => unknown = () => ({})): Promise<Client> {
  const { url } = await scene.api('apps.connections.open', {}, APP_TOKEN);
  const client: Client = { ws: new WebSocket(url), frames: [], pings: 0 };
  clients.push(client.ws);
  client.ws.on('ping', () => {
    client.pings += 1;
  });
  client.ws.on('message', (data) => {
    const frame = JSON.parse(String(data));
    client.frames.push(frame);
    const payload = frame.envelope_id ? ack(frame) : undefined;
    if (payload !== undefined) client.ws.send(JSON.stringify({ envelope_id: frame.envelope_id, payload }));
  });
  await once(client.ws, 'message');
  return client;
}

const alice = () => scene.workspace.driver.as('U01ALICE');

describe('a connection', () => {
  test('begins with hello and is kept alive by pings', async () => {
    const client = await connect();
    expect(client.frames[0]).toMatchObject({
      type: 'hello',
      num_connections: 1,
      connection_info: { app_id: 'A01SALLYPORT' },
    });
    await scene.workspace.driver.until(() => client.pings > 1);
  });

  test('needs the app token, Socket Mode on, and a fresh ticket', async () => {
    expect(await scene.api('apps.connections.open')).toMatchObject({ error: 'not_allowed_token_type' });
    const { url } = await scene.api('apps.connections.open', {}, APP_TOKEN);
    await connect();
    const opened = await new Promise((resolve) => {
      const first = new WebSocket(url);
      clients.push(first);
      first.on('open', () => {
        const second = new WebSocket(url);
        second.on('error', (error) => resolve(error.message));
      });
    });
    expect(opened).toContain('403');
    scene.workspace.engine.configure({ mode: 'http' });
    expect(await scene.api('apps.connections.open', {}, APP_TOKEN)).toMatchObject({
      ok: false,
      error: 'access_denied',
    });
  });

  test('a foreign Origin is refused', async () => {
    const { url } = await scene.api('apps.connections.open', {}, APP_TOKEN);
    const failure = await new Promise((resolve) => {
      new WebSocket(url, { origin: 'http://evil.test' }).on('error', (error) => resolve(error.message));
    });
    expect(failure).toContain('403');
  });
});

describe('envelopes', () => {
  test('carry the same payloads as HTTP, typed, saying whether an answer counts', async () => {
    const client = await connect();
    expect(await alice().types('/request-access orders-db')).toMatchObject({
      status: 200,
      body: null,
      user_error: null,
    });
    expect(client.frames[1]).toMatchObject({
      type: 'slash_commands',
      accepts_response_payload: true,
      payload: { command: '/request-access', text: 'orders-db', user_id: 'U01ALICE' },
    });
    await alice().opensHome();
    expect(client.frames[2]).toMatchObject({ type: 'events_api', accepts_response_payload: false, retry_attempt: 0 });
  });

  test('an acknowledgement can answer; {} is an empty one', async () => {
    await connect((frame) => (frame.type === 'interactive' ? { response_action: 'clear' } : { text: 'hi' }));
    expect(await alice().types('/request-access')).toMatchObject({ body: { text: 'hi' } });
    expect(await alice().ephemerals()).toMatchObject([{ reads: 'hi' }]);
    const { trigger_id } = JSON.parse((await scene.workspace.driver.snapshot()).deliveries.at(-1)?.body ?? '{}');
    await scene.api('views.open', { trigger_id, view: modal([section('x')]) });
    expect(await alice().submits()).toMatchObject({ body: { response_action: 'clear' } });
    expect(await alice().modal()).toBeUndefined();
  });

  test('each goes to one connection, in turn', async () => {
    const [a, b] = [await connect(), await connect()];
    for (let i = 0; i < 4; i++) await alice().types('/request-access');
    expect([a.frames.length, b.frames.length]).toEqual([3, 3]);
  });

  test('no acknowledgement is a timeout, no connection a failed dispatch; events come again', async () => {
    expect((await alice().types('/request-access')).user_error).toContain('dispatch_failed');
    const client = await connect(() => undefined);
    expect(await alice().types('/request-access')).toMatchObject({ late: true, status: null });
    await scene.workspace.driver.event({ type: 'app_uninstalled' });
    await scene.workspace.driver.until(() => client.frames.some((f) => f.retry_attempt === 1));
    expect(scene.workspace.engine.violations()[0]).toMatchObject({ kind: 'ack_over_3s', where: 'command' });
  });
});

describe('slack S36: the end of a connection', () => {
  test('after a disconnect message nothing new goes there', async () => {
    const [a, b] = [await connect(), await connect()];
    const [first] = await scene.workspace.driver.socket('list');
    await scene.workspace.driver.socket('refresh_requested', first?.id);
    await scene.workspace.driver.until(() => a.frames.some((f) => f.type === 'disconnect'));
    expect(a.frames.at(-1)).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' });
    await alice().types('/request-access');
    await alice().types('/request-access');
    expect(b.frames.filter((f) => f.type === 'slash_commands')).toHaveLength(2);
  });

  test('kill cuts the line; the eleventh connection is one too many', async () => {
    await connect();
    await scene.workspace.driver.socket('kill');
    await scene.workspace.driver.until(() => scene.workspace.engine.sockets().length === 0);
    for (let i = 0; i < 10; i++) await connect();
    expect((await connect()).frames[0]).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
  });
});
