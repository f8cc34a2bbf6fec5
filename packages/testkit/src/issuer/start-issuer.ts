/** A server with OIDC issuers, for tests. */
import { createServer } from 'node:http';
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
    if (answer?.handle(req, res) !== true) res.writeHead(404).end();
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
