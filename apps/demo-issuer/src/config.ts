/** Owns the demo issuer's configuration. */
import {
  type Environment,
  host,
  type LogLevel,
  logLevel,
  parseEnv,
  port,
  type Secret,
  sallyportEnv,
  secretText,
  url,
} from '@sallyport/platform';
import { z } from 'zod';

const schema = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_HOST: host(),
  SALLYPORT_DEMO_ISSUER_PORT: port(8084),
  SALLYPORT_BROKER_PORT: port(8080),
  SALLYPORT_ISSUER: url().optional(),
  SALLYPORT_STATE_DIR: z.string().default('.sallyport'),
  SALLYPORT_LOGIN_CLIENT_SECRET: secretText().optional(),
  LOG_LEVEL: logLevel(),
});

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Folder of the file with the issuers' keys. */
  readonly stateDir: string;
  /** Audience of job tokens: the broker's issuer identifier. */
  readonly broker: string;
  /** What the broker must prove when somebody signs in to its pages; absent: it is a public client. */
  readonly loginClientSecret: Secret<string> | undefined;
  readonly logLevel: LogLevel;
}

/**
 * Reads the environment.
 * @throws ConfigProblems with every problem found; in production always, for here anybody gets a token for anybody
 */
export function loadConfig(env: Environment): Config {
  const given = parseEnv(schema, env, { also: refusals });
  return {
    host: given.SALLYPORT_HOST,
    port: given.SALLYPORT_DEMO_ISSUER_PORT,
    stateDir: given.SALLYPORT_STATE_DIR,
    broker: given.SALLYPORT_ISSUER ?? `http://localhost:${given.SALLYPORT_BROKER_PORT}`,
    loginClientSecret: given.SALLYPORT_LOGIN_CLIENT_SECRET,
    logLevel: given.LOG_LEVEL,
  };
}

function refusals(given: Readonly<Record<string, string>>): { name: string; problem: string }[] {
  const problems: { name: string; problem: string }[] = [];
  if (given.SALLYPORT_ENV === 'production') {
    problems.push({
      name: 'SALLYPORT_ENV',
      problem: 'the demo issuer never runs in production: it gives anybody a token for anybody',
    });
  }
  if (given.SALLYPORT_HOST !== undefined && !LOOPBACK.has(given.SALLYPORT_HOST)) {
    problems.push({ name: 'SALLYPORT_HOST', problem: 'the demo issuer listens on loopback only: 127.0.0.1 or ::1' });
  }
  return problems;
}
