/** The worker's configuration: from the environment to domain units, every problem at once. */
import {
  auditKey,
  boolean01,
  databaseUrl,
  type Environment,
  host,
  logLevel,
  parseEnv,
  port,
  redisUrl,
  sallyportEnv,
} from '@sallyport/platform';
import { z } from 'zod';

const environment = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_WORKER_PORT: port(8082),
  SALLYPORT_HOST: host(),
  DATABASE_URL: databaseUrl(),
  REDIS_URL: redisUrl(),
  SALLYPORT_AUDIT_KEY: auditKey(),
  SALLYPORT_POLICY: z.string({ error: 'is missing: set SALLYPORT_POLICY to a policy file or folder' }),
  SALLYPORT_ALLOW_HTTP_ISSUERS: boolean01().optional(),
  LOG_LEVEL: logLevel(),
});

export type Config = Readonly<ReturnType<typeof loadConfig>>;

/**
 * Reads the environment.
 * @throws ConfigProblems naming every unknown, bad or missing variable
 */
export function loadConfig(env: Environment) {
  const given = parseEnv(environment, env);
  return {
    port: given.SALLYPORT_WORKER_PORT,
    host: given.SALLYPORT_HOST,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
    auditKey: given.SALLYPORT_AUDIT_KEY,
    policyPath: given.SALLYPORT_POLICY,
    allowHttpIssuers: given.SALLYPORT_ALLOW_HTTP_ISSUERS ?? given.SALLYPORT_ENV === 'development',
    logLevel: given.LOG_LEVEL,
  } as const;
}
