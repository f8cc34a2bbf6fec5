/** Serves the workspace's own paths on somebody's HTTP server: /api, /response, /control, and the WebSocket /socket. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveConsent } from './consent.ts';
import { serveControl } from './control.ts';
import type { SlackEngine } from './face.ts';
import { isLocalRequest, pathOf, queryOf, readBody, refuseForeign, sendJson } from './http-io.ts';
import { isRecord, parseJson } from './limits.ts';
import type { Fault } from './model.ts';
import type { Parts } from './parts.ts';
import { type UrlAnswer, useResponseUrl } from './response-urls.ts';
import type { WebApi } from './web-api.ts';

export type Wire = Pick<SlackEngine, 'handle' | 'upgrade'>;

type Serve = (req: IncomingMessage, res: ServerResponse, name: string) => Promise<void>;

/** The doors of one engine. Foreign Host or Origin is refused at each. */
export function createWire(parts: Parts, api: WebApi, engine: SlackEngine): Wire {
  const areas = new Map<string, Serve>([
    ['api', api.serve],
    ['response', (req, res, id) => serveResponse(parts, req, res, id)],
    ['control', (req, res, name) => serveControl(engine, req, res, name)],
    ['oauth', (req, res, name) => serveConsent(parts, req, res, name)],
  ]);
  return {
    handle(req, res) {
      const [, area = '', ...rest] = pathOf(req).split('/');
      const serve = areas.get(area);
      if (!serve) return false;
      if (refuseForeign(req, res)) return true;
      serve(req, res, rest.join('/')).catch(() => sendJson(res, 500, { ok: false, error: 'fatal_error' }));
      return true;
    },
    upgrade(req: IncomingMessage, socket: Duplex, head: Buffer) {
      if (!/^\/socket\/?$/.test(pathOf(req))) return false;
      socket.on('error', () => socket.destroy());
      if (isLocalRequest(req)) parts.sockets.upgrade(req, socket, head, queryOf(req).get('ticket') ?? '');
      else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return true;
    },
  };
}

/** A response URL: JSON, or a form with `payload`. Its failures are planned under the method `response_url`. */
async function serveResponse(parts: Parts, req: IncomingMessage, res: ServerResponse, id: string): Promise<void> {
  const fault = parts.faults.take('response_url', undefined);
  if (fault?.kind === 'delay') await sleep(fault.delay_ms ?? 1000, undefined, { ref: false });
  const planned = fault && plannedAnswer(fault);
  const text = req.method === 'POST' ? await readBody(req) : undefined;
  const body = parseJson(text ?? '') ?? parseJson(new URLSearchParams(text ?? '').get('payload') ?? '');
  const real = (): UrlAnswer =>
    isRecord(body)
      ? useResponseUrl(parts.store, id, body)
      : { status: 400, body: { ok: false, error: 'invalid_payload' } };
  const answer = planned ?? real();
  if (fault?.kind === 'drop' || (fault?.kind === 'after' && fault.status === undefined)) res.destroy();
  else sendJson(res, fault?.kind === 'after' ? (fault.status ?? 500) : answer.status, answer.body);
}

/** What a planned failure answers instead; undefined for those that let the call happen. */
function plannedAnswer(fault: Fault): UrlAnswer | undefined {
  if (fault.kind === 'delay' || fault.kind === 'after') return undefined;
  if (fault.kind === '429') return { status: 429, body: { ok: false, error: 'ratelimited' } };
  return {
    status: fault.status ?? (fault.kind === 'error' ? 404 : 500),
    body: { ok: false, error: fault.error ?? 'planned' },
  };
}
