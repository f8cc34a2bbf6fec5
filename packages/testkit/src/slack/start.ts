/** Starts a workspace on a loopback port, for tests and for `npm start`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDriver, type WorkspaceDriver } from './driver.ts';
import { localRemote } from './driver-remote.ts';
import { createEngine, type EngineOptions } from './engine.ts';
import type { SlackEngine } from './face.ts';
import { refuseForeign, sendJson } from './http-io.ts';

export interface WorkspaceOptions extends EngineOptions {
  /** 0: any free port. */
  port: number;
  /** Serves what the engine does not (a page). Called only for requests of this machine's own pages. */
  page?: (req: IncomingMessage, res: ServerResponse, engine: SlackEngine) => boolean | Promise<boolean>;
}

export interface RunningWorkspace {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** `http://127.0.0.1:PORT/api/` */
  apiUrl: string;
  engine: SlackEngine;
  driver: WorkspaceDriver;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. Rejects if the port is taken. */
export async function startWorkspace(options: WorkspaceOptions): Promise<RunningWorkspace> {
  let origin = '';
  const engine = createEngine(options, () => origin);
  const server = createServer((req, res) => {
    if (engine.handle(req, res) || refuseForeign(req, res)) return;
    void servePage(options, engine, req, res);
  });
  server.on('upgrade', (req, socket, head) => {
    if (!engine.upgrade(req, socket, head)) socket.destroy();
  });
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin,
    apiUrl: engine.apiUrl,
    engine,
    driver: createDriver(localRemote(engine)),
    async close() {
      await engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function servePage(
  options: WorkspaceOptions,
  engine: SlackEngine,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  try {
    if (await options.page?.(req, res, engine)) return;
    sendJson(res, 404, { error: 'not found' });
  } catch {
    sendJson(res, 500, { error: 'the page failed' });
  }
}
