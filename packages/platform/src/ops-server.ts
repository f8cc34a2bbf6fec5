/** Owns /healthz, /readyz and /metrics: alive, able to do its job (and if not, what is missing), Prometheus text. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { withDeadline } from './deadline.ts';
import { closeServer, createHttpServer, setSecurityHeaders } from './http-server.ts';
import { type ListenOptions, listen } from './listen.ts';
import { logText } from './log-text.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

const CHECK_MS = 1_000;
const REASON_CHARACTERS_MAX = 200;

/** `true`, or a short text that says what is missing: public, so no address, no secret. */
export type ReadinessCheck = () => Promise<true | string>;

export interface OpsOptions {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** What this program needs to do its job, by name. Each has 1 s. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly missing: Readonly<Record<string, string>> };

export interface OpsRoutes {
  /** Answers the three paths (true), leaves all others alone (false). */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** What /readyz would say now. */
  readiness(): Promise<Readiness>;
  /** From now on /readyz is 503: the program drains. */
  markStopping(): void;
}

/** The three paths for a server of any kind; GET and HEAD only. */
export function opsRoutes(options: OpsOptions): OpsRoutes {
  let stopping = false;
  let last = '';

  async function readiness(): Promise<Readiness> {
    if (stopping) return { ready: false, missing: { program: 'stopping' } };
    const missing = await runChecks(options.checks);
    noteChange(missing);
    return Object.keys(missing).length === 0 ? { ready: true } : { ready: false, missing };
  }

  function noteChange(missing: Readonly<Record<string, string>>): void {
    const now = Object.keys(missing).join(', ');
    if (now === last) return;
    last = now;
    if (now === '') options.logger.info('program.ready');
    else options.logger.warn('program.not_ready', { detail: now });
  }

  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    '/healthz': async () => json(200, { alive: true }),
    '/readyz': async () => {
      const state = await readiness();
      return json(state.ready ? 200 : 503, state);
    },
    '/metrics': async () => ({ status: 200, type: options.metrics.contentType, body: await options.metrics.text() }),
  };

  return {
    readiness,
    markStopping: () => {
      stopping = true;
    },
    async handle(req, res) {
      const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
      const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
      if (answer === undefined) return false;
      await respond(req, res, answer, options.logger);
      return true;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

async function respond(
  req: IncomingMessage,
  res: ServerResponse,
  answer: () => Promise<Answer>,
  logger: Logger,
): Promise<void> {
  const reading = req.method === 'GET' || req.method === 'HEAD';
  let made: Answer;
  try {
    made = reading ? await answer() : json(405, { error: 'method not allowed' });
  } catch (err) {
    logger.error('ops.answer_failed', { err });
    made = json(500, { error: 'failed' });
  }
  setSecurityHeaders(res);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('content-type', made.type);
  res.setHeader('content-length', Buffer.byteLength(made.body));
  if (!reading) res.setHeader('allow', 'GET, HEAD');
  if (made.status === 503) res.setHeader('retry-after', '1');
  res.statusCode = made.status;
  res.end(req.method === 'HEAD' ? undefined : made.body);
  req.resume();
}

async function runChecks(checks: OpsOptions['checks']): Promise<Record<string, string>> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(name, check)] as const),
  );
  return Object.fromEntries(outcomes.flatMap(([name, told]) => (told === true ? [] : [[name, told]])));
}

/** A check that throws or is late says so without its message: that may name hosts. */
async function runCheck(name: string, check: ReadinessCheck): Promise<true | string> {
  try {
    const told = await withDeadline((async () => check())(), CHECK_MS, name);
    return told === true ? true : logText(told, REASON_CHARACTERS_MAX);
  } catch {
    return 'no answer';
  }
}

export interface OpsServerOptions extends ListenOptions {
  readonly routes: OpsRoutes;
  readonly logger: Logger;
}

export interface OpsServer {
  readonly server: Server;
  /** The port listened on. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A server with the three paths and nothing else, for a program without a door of its own.
 * @throws ConfigProblems when the port cannot be had
 */
export async function startOpsServer({ routes, logger, ...where }: OpsServerOptions): Promise<OpsServer> {
  const server = createHttpServer((req, res) => {
    routes.handle(req, res).then(
      (answered) => {
        if (!answered) notFound(req, res);
      },
      (err: unknown) => {
        logger.error('ops.answer_failed', { err });
        res.destroy();
      },
    );
  });
  const port = await listen(server, where);
  return { server, port, close: () => closeServer(server, 2_000) };
}

function notFound(req: IncomingMessage, res: ServerResponse): void {
  setSecurityHeaders(res);
  res.writeHead(404, { 'content-type': 'application/json; charset=utf-8' });
  res.end(req.method === 'HEAD' ? undefined : '{"error":"not found"}\n');
  req.resume();
}
