/** A tiny Slack app for the workspace's own tests: keeps what it was sent, answers what it was told, calls the Web API. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningWorkspace, startWorkspace, type WorkspaceOptions } from './start.ts';

export const BOT_TOKEN = 'xoxb-local-test';
export const APP_TOKEN = 'xapp-local-test';
export const SIGNING_SECRET = 'signing-secret-of-tests';

/** The members tests reach for, of whatever was sent. Each kind has only some; a wrong path fails the test that takes it. */
export interface Sent {
  type: string;
  text: string;
  trigger_id: string;
  response_url: string;
  event_id: string;
  event: Record<string, unknown>;
  user: { id: string };
  team: { id: string };
  container: Record<string, unknown>;
  message: { text: string };
  view: { id: string; state: { values: Record<string, Record<string, { selected_option: { value: string } }>> } };
  actions: { value: string; action_ts: string }[];
}

/** The members tests reach for, of whatever the Web API answered. */
export interface ApiAnswer {
  ok: boolean;
  error?: string;
  url: string;
  ts: string;
  message_ts: string;
  message: Record<string, unknown>;
  messages: { text: string }[];
  has_more: boolean;
  response_metadata: { next_cursor: string };
  user: { id: string; profile: Record<string, unknown> };
  view: { id: string; hash: string; previous_view_id: string };
}

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  /** The command's form, the `payload` of an interaction, or the event's envelope. */
  payload: Sent;
}

export interface TinyAnswer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  delayMs?: number;
}

export interface TinyApp {
  url: string;
  received: Received[];
  /** What to answer; by default 200 and nothing. */
  answer: (received: Received) => TinyAnswer | Promise<TinyAnswer>;
  close(): Promise<void>;
}

/** Listens on a free loopback port. */
export async function startTinyApp(): Promise<TinyApp> {
  const received: Received[] = [];
  const app: TinyApp = { url: '', received, answer: () => ({}), close: async () => {} };
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const part of req) body += String(part);
    const one = { headers: req.headers, body, payload: payloadOf(req.headers['content-type'] ?? '', body) as Sent };
    received.push(one);
    const { status = 200, body: answer, headers = {}, delayMs = 0 } = await app.answer(one);
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
    res
      .writeHead(status, headers)
      .end(typeof answer === 'object' ? JSON.stringify(answer) : (answer as string | undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  app.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  app.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return app;
}

export interface Scene {
  app: TinyApp;
  workspace: RunningWorkspace;
  /** What the app was sent last. Throws if that is nothing. */
  last(): Received;
  /** Calls a Web API method with the bot token (or another; null: none). */
  api(method: string, args?: Record<string, unknown>, token?: string | null): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** A workspace and an app that know each other. */
export async function startScene(options: Partial<WorkspaceOptions> = {}): Promise<Scene> {
  const app = await startTinyApp();
  const workspace = await startWorkspace({
    port: 0,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    signingSecret: SIGNING_SECRET,
    requestUrl: app.url,
    ...options,
  });
  return {
    app,
    workspace,
    last() {
      const received = app.received.at(-1);
      if (!received) throw new Error('the app was sent nothing');
      return received;
    },
    async api(method, args = {}, token = BOT_TOKEN) {
      const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
      const headers = { 'content-type': 'application/json; charset=utf-8', ...authorization };
      const response = await fetch(workspace.apiUrl + method, { method: 'POST', headers, body: JSON.stringify(args) });
      return (await response.json()) as ApiAnswer;
    },
    async close() {
      await workspace.close();
      await app.close();
    },
  };
}

function payloadOf(contentType: string, body: string): unknown {
  try {
    if (contentType === 'application/json') return JSON.parse(body);
    const form = Object.fromEntries(new URLSearchParams(body));
    return form.payload === undefined ? form : JSON.parse(form.payload);
  } catch {
    return body;
  }
}
