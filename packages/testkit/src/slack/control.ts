/** Serves `/control/*`: the calls as POST with JSON, and `GET /control/state`, which can wait for a change. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { control, isControlName } from './control-calls.ts';
import type { SlackEngine } from './face.ts';
import { queryOf, readBody, sendJson } from './http-io.ts';
import { parseJson } from './limits.ts';
import type { ApiCall, Delivery, Fault, SocketInfo, WorkspaceState } from './model.ts';
import { WorkspaceRefusal } from './store.ts';

const WAIT_MS_MAX = 20_000;

/** Everything there is to know, as `GET /control/state` answers. */
export interface Snapshot {
  state: Readonly<WorkspaceState>;
  deliveries: readonly Delivery[];
  calls: readonly ApiCall[];
  sockets: readonly SocketInfo[];
  faults: readonly Fault[];
}

/** The snapshot of an engine. */
export function snapshotOf(engine: SlackEngine): Snapshot {
  const { state } = engine;
  return {
    state,
    deliveries: engine.deliveries(),
    calls: engine.calls(),
    sockets: engine.sockets(),
    faults: engine.faults(),
  };
}

/** Answers one request below `/control/`; `name` is the rest of the path. */
export async function serveControl(
  engine: SlackEngine,
  req: IncomingMessage,
  res: ServerResponse,
  name: string,
): Promise<void> {
  if (req.method === 'GET' && name === 'state') return serveState(engine, req, res);
  if (req.method !== 'POST') return sendJson(res, 405, { error: 'POST JSON, or GET /control/state' });
  if (!isControlName(name)) return sendJson(res, 404, { error: `not supported: ${name}` });
  if (!(req.headers['content-type'] ?? '').startsWith('application/json')) {
    return sendJson(res, 415, { error: 'content-type must be application/json' });
  }
  const text = await readBody(req);
  if (text === undefined) return sendJson(res, 413, { error: 'body too large' });
  const body = text === '' ? {} : parseJson(text);
  try {
    sendJson(res, 200, await control(engine, name, body));
  } catch (error) {
    if (!(error instanceof WorkspaceRefusal)) throw error;
    sendJson(res, 400, { error: error.message });
  }
}

/** `?after=SEQ&wait_ms=N`: answers when the sequence has passed `after`, or when the time is over. */
async function serveState(engine: SlackEngine, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const query = queryOf(req);
  const after = Number(query.get('after') ?? -1);
  const waitMs = Math.min(Number(query.get('wait_ms') ?? 0) || 0, WAIT_MS_MAX);
  if (waitMs > 0) await changeAfter(engine, after, waitMs);
  sendJson(res, 200, snapshotOf(engine));
}

/** Resolves when something has changed after the sequence number, or after the given milliseconds. */
export function changeAfter(engine: SlackEngine, after: number, ms: number): Promise<void> {
  if (engine.state.seq > after) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = engine.subscribe(end);
    const timer = setTimeout(end, ms);
  });
}
