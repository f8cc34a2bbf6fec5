/** Owns the workspace program's configuration. */
import {
  type Environment,
  host,
  type LogLevel,
  logLevel,
  parseEnv,
  port,
  type Secret,
  sallyportEnv,
  secret,
  secretText,
} from '@sallyport/platform';
import { z } from 'zod';

const schema = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_HOST: host(),
  SALLYPORT_STANDIN_PORT: port(8083),
  SALLYPORT_SLACK_PORT: port(8081),
  SALLYPORT_STATE_DIR: z.string().default('.sallyport'),
  SLACK_BOT_TOKEN: secretText().default(secret('xoxb-local-workspace')),
  SLACK_SIGNING_SECRET: secretText().default(secret('local-workspace-signing-secret')),
  SLACK_APP_TOKEN: secretText().default(secret('xapp-local-workspace')),
  SLACK_MODE: z.enum(['http', 'socket'], { error: 'must be http or socket' }).default('http'),
  LOG_LEVEL: logLevel(),
});

export interface Config {
  /** On 127.0.0.1, whatever SALLYPORT_HOST says: here anybody can act as anybody. */
  readonly port: number;
  /** Folder of the workspace's state file. */
  readonly stateDir: string;
  /** Where the app takes what people do; used in `http` mode. */
  readonly requestUrl: string;
  readonly mode: 'http' | 'socket';
  readonly botToken: Secret<string>;
  readonly signingSecret: Secret<string>;
  readonly appToken: Secret<string>;
  readonly logLevel: LogLevel;
}

/**
 * Reads the environment.
 * @throws ConfigProblems with every problem found; in production always, for here anybody can act as anybody
 */
export function loadConfig(env: Environment): Config {
  const given = parseEnv(schema, env, { also: refusals });
  return {
    port: given.SALLYPORT_STANDIN_PORT,
    stateDir: given.SALLYPORT_STATE_DIR,
    requestUrl: `http://${reachable(given.SALLYPORT_HOST)}:${given.SALLYPORT_SLACK_PORT}/slack/events`,
    mode: given.SLACK_MODE,
    botToken: given.SLACK_BOT_TOKEN,
    signingSecret: given.SLACK_SIGNING_SECRET,
    appToken: given.SLACK_APP_TOKEN,
    logLevel: given.LOG_LEVEL,
  };
}

function refusals(given: Readonly<Record<string, string>>) {
  if (given.SALLYPORT_ENV !== 'production') return [];
  const problem = 'the local workspace never runs in production: anybody on this machine can act as anybody in it';
  return [{ name: 'SALLYPORT_ENV', problem }];
}

/** Where a program that listens on this host is found from this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
