/** The door of the local server: loopback callers of its own pages only, bodies bounded, answers written once. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export const BODY_BYTES_MAX = 1_000_000;

/**
 * Whether the request comes from this machine's own name and, if a browser names an Origin, from our own pages.
 * Without it any web page could drive the workspace through the visitor's browser, or by DNS rebinding.
 */
export function isLocalRequest(req: IncomingMessage): boolean {
  const host = req.headers.host ?? '';
  const { origin } = req.headers;
  return isLoopbackHost(host) && (origin === undefined || origin === `http://${host}`);
}

/** Answers 403 and returns true for a foreign Host or Origin. */
export function refuseForeign(req: IncomingMessage, res: ServerResponse): boolean {
  if (isLocalRequest(req)) return false;
  sendJson(res, 403, { ok: false, error: 'foreign Host or Origin' });
  return true;
}

/** The path of a request; never throws, whatever the request line holds. */
export function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?')[0] ?? '/';
}

/** The query of a request. */
export function queryOf(req: IncomingMessage): URLSearchParams {
  return new URLSearchParams((req.url ?? '').split('?')[1] ?? '');
}

/** The whole body as text; undefined if it is larger than allowed. */
export async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of req) {
    const bytes = Buffer.from(part as Uint8Array);
    size += bytes.length;
    if (size > BODY_BYTES_MAX) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Writes a JSON answer, unless the caller has gone. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (res.destroyed || res.headersSent) return;
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  res.end(JSON.stringify(body));
}

function isLoopbackHost(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host);
}
