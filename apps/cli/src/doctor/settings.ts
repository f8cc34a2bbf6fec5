/** Owns what the doctor reads from the environment: everything, each for itself, so that one bad value hides no other look. */
import {
  auditKey,
  ConfigProblems,
  databaseUrl,
  type Environment,
  host,
  keyEncryptionKey,
  logLevel,
  parseEnv,
  port,
  redisUrl,
  sallyportEnv,
  secretText,
  url,
} from '@sallyport/platform';
import { z } from 'zod';
import { httpIssuers } from '../settings.ts';
import { type Finding, fine, wrong } from './finding.ts';

const everything = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_ISSUER: url().optional(),
  SALLYPORT_BROKER_PORT: port(8080),
  SALLYPORT_SLACK_PORT: port(8081),
  SALLYPORT_WORKER_PORT: port(8082),
  SALLYPORT_HOST: host(),
  SALLYPORT_POLICY: z.string().optional(),
  SALLYPORT_SIGNING_KEYS: z.string().optional(),
  SALLYPORT_KEY_ENCRYPTION_KEY: keyEncryptionKey().optional(),
  SALLYPORT_AUDIT_KEY: auditKey().optional(),
  SALLYPORT_ALLOW_HTTP_ISSUERS: httpIssuers,
  SALLYPORT_TOKEN: secretText().optional(),
  DATABASE_URL: databaseUrl().optional(),
  REDIS_URL: redisUrl().optional(),
  LOG_LEVEL: logLevel(),
});

/** These may come as NAME_FILE. */
const SECRETS = new Set([
  'SALLYPORT_KEY_ENCRYPTION_KEY',
  'SALLYPORT_AUDIT_KEY',
  'SALLYPORT_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
]);

export type Settings = Partial<z.output<typeof everything>>;

/** Whether the settings fit, as the programs would judge them. */
export function environmentFinding(env: Environment): Finding {
  const problems = problemsOf(env);
  const set = Object.keys(everything.shape).filter(
    (name) => env[name] !== undefined || env[`${name}_FILE`] !== undefined,
  );
  return problems === undefined
    ? fine('environment', `${set.length} of ${Object.keys(everything.shape).length} settings given, all fit`)
    : wrong('environment', problems.join('; '), 'Mend these; they are explained in .env.example.');
}

function problemsOf(env: Environment): readonly string[] | undefined {
  try {
    parseEnv(everything, env);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ConfigProblems)) throw thrown;
    return thrown.problems.map(({ name, problem }) => `${name} ${problem}`);
  }
}

/** Every setting that is usable; what is not is left out, for `environmentFinding` has said so. */
export function usableSettings(env: Environment): Settings {
  return Object.assign({}, ...Object.entries(everything.shape).map(([name, field]) => usable(name, field, env)));
}

function usable(name: string, field: z.ZodType, env: Environment): Settings {
  const names = SECRETS.has(name) ? [name, `${name}_FILE`] : [name];
  try {
    return parseEnv(z.object({ [name]: field }), Object.fromEntries(names.map((one) => [one, env[one]])));
  } catch (thrown) {
    if (thrown instanceof ConfigProblems) return {};
    throw thrown;
  }
}
