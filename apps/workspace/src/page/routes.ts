/** Owns the page's own paths: the document, its files, the live stream and the acts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SlackEngine } from '@sallyport/testkit/slack';
import { knownZone } from '../view/dates.ts';
import { pageView } from '../view/page.ts';
import { type ActAnswer, parseAct, play } from './act.ts';
import { loadAssets } from './assets.ts';
import { readJson } from './body.ts';
import { CONTENT_SECURITY_POLICY, DOCUMENT } from './document.ts';
import { makeLive } from './live.ts';

export interface PageRoutes {
  /** Answers the page's paths (true), leaves all others alone (false). */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** Ends the open streams. */
  close(): void;
}

/** The page of one engine. `now`: milliseconds since 1970. */
export function makePageRoutes(engine: SlackEngine, now: () => number): PageRoutes {
  const assets = loadAssets();
  const live = makeLive(engine);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://page.invalid');
    if (pathname === '/page/act') {
      await act(engine, req, res);
      return true;
    }
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (!isRead) return false;
    if (pathname === '/page/live') {
      openStream(req, res, searchParams);
      return true;
    }
    if (pathname === '/') {
      send(req, res, 200, 'text/html; charset=utf-8', DOCUMENT);
      return true;
    }
    const asset = pathname.startsWith('/assets/') ? assets.get(pathname.slice('/assets/'.length)) : undefined;
    if (asset === undefined) return false;
    send(req, res, 200, asset.type, asset.body);
    return true;
  }

  function openStream(req: IncomingMessage, res: ServerResponse, ask: URLSearchParams): void {
    const user = ask.get('as') || firstPerson(engine.state);
    if (!Object.hasOwn(engine.state.users, user)) {
      sendJson(req, res, 404, { error: 'unknown person' });
      return;
    }
    const zone = knownZone(ask.get('zone'));
    const open = ask.get('channel') ?? '';
    setPageHeaders(res);
    const draw = () =>
      pageView(engine.seenBy(user), {
        open,
        reader: { zone, now: now() },
        groups: engine.state.groups,
        violations: engine.violations(),
        channelName: (id) => engine.state.channels[id]?.name,
        directOf: (id) => directOf(engine.state, id),
      });
    if (!live.open(req, res, draw)) sendJson(req, res, 503, { error: 'too many pages are open' });
  }

  return { handle, close: live.close };
}

/** Who one is at first: a full member. */
function firstPerson(state: SlackEngine['state']): string {
  return Object.values(state.users).find((user) => !user.is_bot && !user.deleted)?.id ?? '';
}

function directOf(state: SlackEngine['state'], user: string): { direct: string; newest: string } {
  const channel = Object.values(state.channels).find(({ kind, members }) => kind === 'im' && members.includes(user));
  if (channel === undefined) return { direct: '', newest: '' };
  const newest = state.messages[channel.id]?.findLast((message) => message.user !== user)?.ts ?? '';
  return { direct: channel.id, newest };
}

async function act(engine: SlackEngine, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method !== 'POST') return sendJson(req, res, 405, { error: 'POST only' });
  const parsed = parseAct(await readJson(req));
  if (parsed === undefined) return sendJson(req, res, 400, { error: 'not an act this page knows' });
  if (!Object.hasOwn(engine.state.users, parsed.as)) return sendJson(req, res, 404, { error: 'unknown person' });
  sendJson(req, res, 200, await playSafely(engine, parsed));
}

/** What the engine does not accept (a message that is gone, a closed modal) is told, not thrown. */
async function playSafely(engine: SlackEngine, parsed: Parameters<typeof play>[1]): Promise<ActAnswer> {
  try {
    return await play(engine, parsed);
  } catch (thrown) {
    const because = thrown instanceof Error ? thrown.message : 'unknown';
    return { trouble: `The workspace could not do that: ${because}`, ackMs: null, isLate: false };
  }
}

function sendJson(req: IncomingMessage, res: ServerResponse, status: number, value: unknown): void {
  send(req, res, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

function send(req: IncomingMessage, res: ServerResponse, status: number, type: string, body: string | Buffer): void {
  setPageHeaders(res);
  res.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}

function setPageHeaders(res: ServerResponse): void {
  res.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('cross-origin-opener-policy', 'same-origin');
  res.setHeader('cross-origin-resource-policy', 'same-origin');
}
