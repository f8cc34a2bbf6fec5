/** The demo issuer's HTTP door: loopback names only, small bodies, the issuers' documents, tokens, one page, health. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createHttpServer, type Logger, type OpsRoutes, setSecurityHeaders } from '@sallyport/platform';
import type { Issuers } from '@sallyport/testkit/issuer';
import { renderPage } from './page.ts';
import type { SignInAnswer, SignInRoutes } from './sign-in-routes.ts';
import type { TokenRoutes } from './token-routes.ts';

const BODY_BYTES_MAX = 16_384;
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
/** @param formAction where forms may lead, redirects and all */
const pagePolicy = (formAction: string): string =>
  `default-src 'none'; style-src 'unsafe-inline'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`;

export interface ServerParts {
  readonly issuers: Issuers;
  readonly signIn: SignInRoutes;
  readonly tokens: TokenRoutes;
  readonly ops: OpsRoutes;
  readonly logger: Logger;
  readonly origin: string;
  readonly broker: string;
}

/** Whether the Host header names this machine: a page from elsewhere that resolves to loopback does not get in. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_NAMES.has(host.replace(/:\d{1,5}$/, '').toLowerCase());
}

/** The server, not yet listening. */
export function makeServer(parts: ServerParts): Server {
  return createHttpServer((req, res) => {
    answer(parts, req, res).catch((err: unknown) => {
      parts.logger.error('http.answer_failed', { err });
      if (!res.headersSent) sendText(res, 500, 'failed');
      else res.destroy();
    });
  });
}

async function answer(parts: ServerParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  setSecurityHeaders(res);
  if (!isLocalHost(req.headers.host)) return sendText(res, 403, 'this issuer answers only to localhost');
  if (await parts.ops.handle(req, res)) return;

  const url = new URL(req.url ?? '/', parts.origin);
  if (req.method !== 'GET' && req.method !== 'POST') {
    res.setHeader('allow', 'GET, POST');
    return sendText(res, 405, 'GET or POST');
  }
  if (url.pathname === '/' && req.method === 'GET')
    return sendPage(res, 200, renderPage(parts.origin, parts.broker), "'none'");
  const form = await readForm(req);
  if (form === undefined) return sendText(res, 413, 'that is too much');
  const signIn = await parts.signIn({
    method: req.method,
    url,
    form,
    authorization: req.headers.authorization,
  });
  if (signIn !== undefined) return sendSignIn(parts, res, signIn);
  const token = await parts.tokens(url.pathname, { ...fromParams(url.searchParams), ...fromParams(form) });
  if (token !== undefined) return sendText(res, token.status, token.text);
  if (!parts.issuers.handle(req, res)) sendText(res, 404, 'nothing here; see /');
}

function fromParams(params: URLSearchParams): Record<string, string> {
  return Object.fromEntries(params);
}

/** The form in the body; empty for GET, undefined when it is too large. */
async function readForm(req: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** Text with a line break, as a terminal likes it; `$(curl …)` drops it. */
function sendText(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  res.end(`${text}\n`);
}

function sendSignIn({ broker }: ServerParts, res: ServerResponse, answer: SignInAnswer): void {
  switch (answer.kind) {
    case 'page':
      sendPage(res, answer.status, answer.html, `'self' ${broker}`);
      break;
    case 'redirect':
      res.writeHead(303, { location: answer.location, 'cache-control': 'no-store' }).end();
      break;
    case 'json':
      res.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      res.end(JSON.stringify(answer.body));
  }
}

function sendPage(res: ServerResponse, status: number, html: string, formAction: string): void {
  res.setHeader('content-security-policy', pagePolicy(formAction));
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(html);
}
