/** Owns the running workspace program: the engine's server with the page and the health paths mounted on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  createLogger,
  createMetrics,
  explainListenError,
  type Logger,
  type OpsRoutes,
  opsRoutes,
} from '@sallyport/platform';
import { type RunningWorkspace, type SlackEngine, startWorkspace } from '@sallyport/testkit/slack';
import type { Config } from './config.ts';
import { makePageRoutes, type PageRoutes } from './page/routes.ts';

const HOST = '127.0.0.1';

export interface RunningProgram {
  /** `http://127.0.0.1:PORT`, of the page. */
  readonly url: string;
  readonly workspace: RunningWorkspace;
  /** Ends open pages, saves the state, stops listening. */
  close(): Promise<void>;
}

/**
 * Starts the program.
 * @throws ConfigProblems when the port cannot be had
 */
export async function start(config: Config, logger: Logger = programLogger(config)): Promise<RunningProgram> {
  const ops = opsRoutes({ logger, metrics: createMetrics(), checks: {} });
  let page: PageRoutes | undefined;
  const pageOf = (engine: SlackEngine): PageRoutes => {
    page ??= makePageRoutes(engine, Date.now);
    return page;
  };
  const workspace = await listening(config, (req, res, engine) => serve(ops, pageOf(engine), req, res));
  logger.info('workspace.listening', { url: workspace.url });
  return {
    url: workspace.url,
    workspace,
    async close() {
      ops.markStopping();
      page?.close();
      await workspace.close();
    },
  };
}

/** The program's own log. */
export function programLogger(config: Config): Logger {
  return createLogger({ name: 'workspace', level: config.logLevel });
}

async function serve(ops: OpsRoutes, page: PageRoutes, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  return (await ops.handle(req, res)) || page.handle(req, res);
}

async function listening(
  config: Config,
  page: (req: IncomingMessage, res: ServerResponse, engine: SlackEngine) => Promise<boolean>,
): Promise<RunningWorkspace> {
  try {
    return await startWorkspace({
      port: config.port,
      statePath: join(config.stateDir, 'workspace.json'),
      botToken: config.botToken.reveal(),
      signingSecret: config.signingSecret.reveal(),
      appToken: config.appToken.reveal(),
      requestUrl: config.requestUrl,
      mode: config.mode,
      page,
    });
  } catch (thrown) {
    throw explainListenError(thrown, { host: HOST, port: config.port, setting: 'SALLYPORT_STANDIN_PORT' });
  }
}
