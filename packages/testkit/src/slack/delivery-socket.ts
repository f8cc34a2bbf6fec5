/** Owns Socket Mode: tickets, connections, envelopes, acknowledgements, pings, and Slack's reasons to disconnect. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Answer, NO_ANSWER, type Parcel } from './delivery.ts';
import { secretId } from './ids.ts';
import { isRecord, parseJson } from './limits.ts';
import type { DeliveryKind, SocketAction, SocketInfo } from './model.ts';

const CONNECTIONS_MAX = 10;
const TICKET_LIFE_MS = 30_000;
const GRACE_MS = 10_000;
const MESSAGE_BYTES_MAX = 1_000_000;

const ENVELOPE_TYPES = {
  command: 'slash_commands',
  event: 'events_api',
  block_actions: 'interactive',
  view_submission: 'interactive',
  view_closed: 'interactive',
  block_suggestion: 'interactive',
  shortcut: 'interactive',
  raw: 'interactive',
} as const satisfies Record<DeliveryKind, string>;

/** Kinds whose acknowledgement may carry an answer. */
const ANSWERABLE: ReadonlySet<DeliveryKind> = new Set(['command', 'view_submission', 'block_suggestion', 'raw']);

interface Connection extends SocketInfo {
  ws: WebSocket;
  /** Told to go: gets nothing new. */
  leaving: boolean;
  alive: boolean;
}

export interface Sockets {
  /** A ticket for one connection: the secret part of the URL that `apps.connections.open` gives. */
  ticket(): string;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, ticket: string): void;
  send(parcel: Parcel, ackMs: number): Promise<Answer>;
  act(action: SocketAction, connection?: string): SocketInfo[];
  list(): SocketInfo[];
  close(): void;
}

/** Socket Mode for one app. `changed` is called when connections come and go; times in milliseconds. */
export function createSockets(appId: () => string, changed: () => void, pingMs: number): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  const tickets = new Map<string, number>();
  const waiting = new Map<string, (payload: unknown) => void>();
  const timers = new Set<NodeJS.Timeout>();
  let connections: Connection[] = [];
  let turn = 0;

  const info = ({ id, opened_at, delivered }: Connection): SocketInfo => ({ id, opened_at, delivered });
  const later = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    timers.add(timer);
  };

  const disconnect = (connection: Connection, reason: Exclude<SocketAction, 'kill'>): void => {
    connection.leaving = true;
    connection.ws.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local-workspace' } }));
    later(GRACE_MS, () => connection.ws.terminate());
  };

  const accept = (ws: WebSocket): void => {
    const crowded = connections.length >= CONNECTIONS_MAX;
    const connection: Connection = {
      id: randomUUID(),
      opened_at: Date.now(),
      delivered: 0,
      ws,
      leaving: false,
      alive: true,
    };
    connections.push(connection);
    ws.on('error', () => ws.terminate());
    ws.on('pong', () => {
      connection.alive = true;
    });
    ws.on('message', (data) => acknowledge(String(data)));
    ws.on('close', () => {
      connections = connections.filter((c) => c !== connection);
      changed();
    });
    if (crowded) disconnect(connection, 'too_many_websockets');
    else ws.send(JSON.stringify(hello(appId(), connections.length)));
    changed();
  };

  const acknowledge = (text: string): void => {
    const message = parseJson(text);
    if (!isRecord(message) || typeof message.envelope_id !== 'string') return;
    waiting.get(message.envelope_id)?.(message.payload);
    waiting.delete(message.envelope_id);
  };

  const pinger = setInterval(() => {
    for (const connection of connections) {
      if (!connection.alive) connection.ws.terminate();
      connection.alive = false;
      connection.ws.ping('Ping from local-workspace');
    }
  }, pingMs);
  pinger.unref();

  return {
    ticket() {
      for (const [old, at] of tickets) if (Date.now() - at > TICKET_LIFE_MS) tickets.delete(old);
      const ticket = secretId();
      tickets.set(ticket, Date.now());
      return ticket;
    },
    upgrade(req, socket, head, ticket) {
      const issued = tickets.get(ticket);
      tickets.delete(ticket);
      if (issued === undefined || Date.now() - issued > TICKET_LIFE_MS) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(req, socket, head, accept);
    },
    send(parcel, ackMs) {
      const open = connections.filter((c) => !c.leaving && c.ws.readyState === c.ws.OPEN);
      const connection = open[turn++ % Math.max(open.length, 1)];
      if (!connection) return Promise.resolve(NO_ANSWER);
      connection.delivered += 1;
      const envelopeId = randomUUID();
      const started = performance.now();
      connection.ws.send(JSON.stringify(envelope(envelopeId, parcel)));
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(envelopeId);
          resolve({ ...NO_ANSWER, late: true, error: 'operation_timeout' });
        }, ackMs);
        waiting.set(envelopeId, (payload) => {
          clearTimeout(timer);
          const ack_ms = Math.round(performance.now() - started);
          resolve({
            status: 200,
            ack_ms,
            late: false,
            body: ackBody(parcel.kind, payload),
            error: null,
            no_retry: false,
          });
        });
      });
    },
    act(action, id) {
      for (const connection of connections.filter((c) => id === undefined || c.id === id)) {
        if (action === 'kill') connection.ws.terminate();
        else disconnect(connection, action);
      }
      return connections.map(info);
    },
    list: () => connections.map(info),
    close() {
      clearInterval(pinger);
      for (const timer of timers) clearTimeout(timer);
      for (const connection of connections) connection.ws.terminate();
      server.close();
    },
  };
}

function hello(appId: string, connections: number): Record<string, unknown> {
  return {
    type: 'hello',
    num_connections: connections,
    connection_info: { app_id: appId },
    debug_info: { host: 'local-workspace', build_number: 1, approximate_connection_time: 18_060 },
  };
}

function envelope(envelopeId: string, parcel: Parcel): Record<string, unknown> {
  return {
    envelope_id: envelopeId,
    payload: parcel.payload,
    type: ENVELOPE_TYPES[parcel.kind],
    accepts_response_payload: ANSWERABLE.has(parcel.kind),
    ...(parcel.kind === 'event'
      ? { retry_attempt: parcel.retry?.num ?? 0, retry_reason: parcel.retry?.reason ?? '' }
      : {}),
  };
}

/** An ack's payload; `{}` is an empty ack, and kinds that take no answer have none. */
function ackBody(kind: DeliveryKind, payload: unknown): unknown {
  if (!ANSWERABLE.has(kind) || !isRecord(payload) || Object.keys(payload).length === 0) return null;
  return payload;
}
