/** Owns the door: /healthz, /readyz, /metrics, and POST /slack/events after its signature, time and shape were checked. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createHttpServer, type Logger, type OpsRoutes, type Secret, setSecurityHeaders } from '@sallyport/platform';
import { verifySlackRequest } from '@slack/bolt';
import { FORM, isBareSslCheck, isRawDelivery, mediaTypeOf } from './delivery.ts';
import type { InstallDoor } from './install/door.ts';
import { EVENTS_PATH } from './manifest-facts.ts';

/** What stands behind `POST /slack/events` in HTTP mode. */
export interface EventsDoor {
  readonly signingSecret: Secret<string>;
  /** Bolt's listener; reads `rawBody` off the request. */
  readonly listener: RequestListener;
  /** False while Slack cannot be spoken to, or the program drains: 503. */
  readonly open: () => boolean;
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
}

export interface ServerOptions {
  readonly ops: OpsRoutes;
  readonly logger: Logger;
  /** Absent in Socket Mode: there is no such path. */
  readonly events?: EventsDoor;
  /** Absent: nobody installs anything here. */
  readonly install?: InstallDoor;
}

const BODY_BYTES_MAX = 1_000_000;
/** What is read and thrown away so that the sender can read our 413. */
const DISCARDED_BYTES_MAX = 16_000_000;
const SKEW_SECONDS_MAX = 300;

/** Makes the server; the caller listens. */
export function makeServer(options: ServerOptions): Server {
  return createHttpServer((req, res) => {
    answer(req, res, options).catch((err: unknown) => {
      options.logger.error('slack.door_failed', { err });
      if (res.headersSent) res.destroy();
      else end(req, res, 500);
    });
  });
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  { ops, events, install }: ServerOptions,
): Promise<void> {
  if (await ops.handle(req, res)) return;
  if (install !== undefined && (await install.handle(req, res))) return;
  const path = (req.url ?? '/').split('?', 1)[0];
  if (events === undefined || path !== EVENTS_PATH) return end(req, res, 404);
  if (req.method !== 'POST') {
    res.setHeader('allow', 'POST');
    return end(req, res, 405);
  }
  if (!events.open()) {
    res.setHeader('retry-after', '1');
    return end(req, res, 503);
  }
  await deliver(req, res, events);
}

/** The checks, in order: size, certificate question, time, signature, shape. Only then Bolt. */
async function deliver(req: IncomingMessage, res: ServerResponse, events: EventsDoor): Promise<void> {
  const raw = await readBody(req);
  if (raw === undefined) return end(req, res, 413);
  const text = raw.toString('utf8');
  const mediaType = mediaTypeOf(req.headers['content-type']);
  if (isBareSslCheck(mediaType, text)) return end(req, res, 200);
  if (!isSigned(req, text, events)) return end(req, res, 401);
  if (!isRawDelivery(mediaType, text)) return end(req, res, 400);
  // Bolt knows a form only by this exact type, and takes the body as already read.
  if (mediaType === FORM) req.headers['content-type'] = FORM;
  events.listener(Object.assign(req, { rawBody: raw }), res);
}

/** Slack's v0 signature over `v0:timestamp:body`, and a timestamp near our clock on either side. */
function isSigned(req: IncomingMessage, body: string, { signingSecret, nowMs = Date.now }: EventsDoor): boolean {
  const stamp = one(req, 'x-slack-request-timestamp');
  const signature = one(req, 'x-slack-signature');
  if (stamp === undefined || signature === undefined || !/^\d{1,12}$/.test(stamp)) return false;
  if (Math.abs(Math.floor(nowMs() / 1_000) - Number(stamp)) > SKEW_SECONDS_MAX) return false;
  try {
    const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(stamp) };
    verifySlackRequest({ signingSecret: signingSecret.reveal(), body, headers, nowMilliseconds: nowMs() });
    return true;
  } catch {
    return false;
  }
}

/** A header that was sent exactly once. */
function one(req: IncomingMessage, name: string): string | undefined {
  const sent = req.headersDistinct[name];
  return sent?.length === 1 ? sent[0] : undefined;
}

/** The whole body; undefined when it is larger than 1 MB. */
async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(req.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** An answer without content. What the client still sends is thrown away, within bounds. */
function end(req: IncomingMessage, res: ServerResponse, status: number): void {
  setSecurityHeaders(res);
  if (!req.complete) res.setHeader('connection', 'close');
  res.writeHead(status, { 'content-length': 0 });
  res.end();
  let bytes = 0;
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DISCARDED_BYTES_MAX) req.destroy();
  });
}
