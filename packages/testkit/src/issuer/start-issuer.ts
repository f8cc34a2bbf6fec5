/** A server with OIDC issuers, for tests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IssuerSetup, type Issuers, makeIssuers } from './issuers.ts';

export interface StartIssuerOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly issuers: readonly IssuerSetup[];
}

export interface IssuerServer extends Issuers {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts issuers on loopback. Each is `ORIGIN/NAME`, found by discovery or at `ORIGIN/NAME/jwks`. */
export async function startIssuer({ port = 0, issuers }: StartIssuerOptions): Promise<IssuerServer> {
  let answer: Issuers | undefined;
  const server = createServer((req, res) => {
    if (answer === undefined) res.writeHead(503).end();
    else if (req.method === 'POST' && req.url?.endsWith('/token')) void answerToken(answer, req, res);
    else if (!answer.handle(req, res)) res.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made = await makeIssuers(origin, issuers);
  answer = made;
  return {
    ...made,
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerToken(issuers: Issuers, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  const { status, body } = await issuers.provider(req.url?.split('/')[1] ?? '').token(form, req.headers.authorization);
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
