/** Owns the edge of the program: the door that listens, and behind it Bolt with the receiver of the mode. */
import {
  type ConfigProblems,
  closeServer,
  type Logger,
  listen,
  type Metrics,
  type OpsRoutes,
  opsRoutes,
  type ReadinessCheck,
} from '@sallyport/platform';
import { type BoltAppOptions, httpReceiver, makeBoltApp } from './bolt-app.ts';
import { boltLogger } from './bolt-logger.ts';
import type { Config } from './config.ts';
import type { InstallDoor } from './install/door.ts';
import type { Fetch } from './outbound/guarded-fetch.ts';
import { makeServer, type ServerOptions } from './server.ts';
import { makeSocketMode } from './socket-mode.ts';
import type { Workspaces } from './workspaces.ts';

export interface EdgeOptions {
  readonly config: Pick<Config, 'slack' | 'apiUrl' | 'host' | 'port'>;
  readonly workspaces: Workspaces;
  /** Whether deliveries are taken now. */
  readonly open: () => boolean;
  /** Where people install the app; absent: nowhere. */
  readonly install: InstallDoor | undefined;
  /** For Bolt and `respond()`. */
  readonly fetch: Fetch;
  /** What /readyz asks besides the edge's own. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** The settings turned out not to fit. */
  readonly onMisfit: (problems: ConfigProblems) => void;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface Edge {
  start(): Promise<void>;
  /** Takes no more deliveries; those running go on. */
  stop(): Promise<void>;
  /** Waits for running listeners, but no longer than `ms`. */
  drained(ms: number): Promise<void>;
  /** The port listened on, once started. */
  port(): number;
}

const CLOSE_MS = 8_000;

/** Makes the edge of the configured mode. */
export function makeEdge(options: EdgeOptions): Edge {
  const { slack } = options.config;
  return slack.mode === 'http' ? httpEdge(options, slack) : socketEdge(options, slack);
}

type Mode<M> = Extract<Config['slack'], { readonly mode: M }>;

function httpEdge(options: EdgeOptions, { signingSecret }: Mode<'http'>): Edge {
  const { logger, metrics, checks, open } = options;
  const ops = opsRoutes({ logger, metrics, checks });
  const { receiver, listener } = httpReceiver(signingSecret, boltLogger(logger));
  const app = makeBoltApp(boltOptions(options, receiver));
  let draining = false;
  const events = { signingSecret, listener, open: () => open() && !draining };
  const { install } = options;
  const door = makeDoor(options, { ops, logger, events, ...(install === undefined ? {} : { install }) });
  return {
    start: door.listen,
    async stop() {
      draining = true;
      await door.close();
    },
    drained: app.drained,
    port: door.port,
  };
}

function socketEdge(options: EdgeOptions, { appToken }: Mode<'socket'>): Edge {
  const { logger, metrics, checks, fetch } = options;
  const { apiUrl } = options.config;
  const socket = makeSocketMode({
    appToken,
    apiUrl,
    fetch,
    logger,
    boltLogger: boltLogger(logger),
    onMisfit: options.onMisfit,
  });
  const ops = opsRoutes({ logger, metrics, checks: { ...checks, socket: socket.check } });
  const app = makeBoltApp(boltOptions(options, socket.receiver));
  const door = makeDoor(options, { ops, logger });
  return {
    async start() {
      await door.listen();
      socket.start();
    },
    stop: async () => void (await Promise.all([socket.stop(), door.close()])),
    drained: app.drained,
    port: door.port,
  };
}

function boltOptions(options: EdgeOptions, receiver: BoltAppOptions['receiver']): BoltAppOptions {
  const { workspaces, fetch, metrics, logger, config } = options;
  return { receiver, workspaces, apiUrl: config.apiUrl, fetch, metrics, logger };
}

/** The server, not listening yet. */
function makeDoor({ config, logger }: EdgeOptions, served: ServerOptions & { readonly ops: OpsRoutes }) {
  const server = makeServer(served);
  let port = 0;
  return {
    async listen() {
      port = await listen(server, { host: config.host, port: config.port, setting: 'SALLYPORT_SLACK_PORT' });
      logger.info('slack.listening', { host: config.host, port });
    },
    async close() {
      served.ops.markStopping();
      await closeServer(server, CLOSE_MS);
    },
    port: () => port,
  };
}
