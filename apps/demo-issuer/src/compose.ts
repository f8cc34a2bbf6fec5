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
import { makeIssuers, type ProviderClient } from '@sallyport/testkit/issuer';
import type { Config } from './config.ts';
import { keptIssuers } from './key-file.ts';
import { makeServer } from './server.ts';
import { makeSignInRoutes } from './sign-in-routes.ts';
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
  const kept = await keptIssuers(config.stateDir);
  const issuers = await makeIssuers(
    origin,
    kept.map((setup) => (setup.name === 'workforce' ? { ...setup, clients: [loginClient(config)] } : setup)),
  );
  const ops = opsRoutes({ logger, metrics, checks: {} });
  const server = makeServer({
    issuers,
    signIn: makeSignInRoutes(issuers.provider('workforce')),
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

/** The broker, where people sign in to its pages; the example policy names the same client. */
function loginClient({ broker, loginClientSecret }: Config): ProviderClient {
  return {
    id: 'sallyport-web',
    redirectUris: [`${broker}/login/callback`],
    ...(loginClientSecret === undefined ? {} : { secret: loginClientSecret.reveal() }),
  };
}
