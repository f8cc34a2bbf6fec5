/** Builds the demo issuer from its configuration. */
import type { Server } from 'node:http';
import {
  closeServer,
  createLifecycle,
  createLogger,
  createMetrics,
  type Lifecycle,
  listen,
  opsRoutes,
} from '@sallyport/platform';
import { makeIssuers } from '@sallyport/testkit/issuer';
import type { Config } from './config.ts';
import { keptIssuers } from './key-file.ts';
import { makeServer } from './server.ts';
import { makeTokenRoutes } from './token-routes.ts';

export interface Program {
  readonly lifecycle: Lifecycle;
  readonly server: Server;
}

/**
 * The whole program, not yet started. Its issuers are `http://localhost:PORT/workforce` and `…/ci`, by name and not by
 * address: that is what policies and tokens say.
 */
export async function compose(config: Config): Promise<Program> {
  const logger = createLogger({ name: 'demo-issuer', level: config.logLevel });
  const metrics = createMetrics();
  const origin = `http://localhost:${config.port}`;
  const issuers = await makeIssuers(origin, await keptIssuers(config.stateDir));
  const ops = opsRoutes({ logger, metrics, checks: {} });
  const server = makeServer({
    issuers,
    tokens: makeTokenRoutes(issuers, config.broker),
    ops,
    logger,
    origin,
    broker: config.broker,
  });
  const lifecycle = createLifecycle(logger);
  lifecycle.add('http', {
    start: async () => {
      await listen(server, { host: config.host, port: config.port, setting: 'SALLYPORT_DEMO_ISSUER_PORT' });
    },
    stop: () => closeServer(server),
  });
  lifecycle.add('ready', { stop: () => ops.markStopping() });
  return { lifecycle, server };
}
