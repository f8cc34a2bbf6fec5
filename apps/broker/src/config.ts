/** The broker's configuration: from the environment to domain units, every problem at once. */
import {
  auditKey,
  boolean01,
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

const environment = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_ISSUER: url().optional(),
  SALLYPORT_BROKER_PORT: port(8080),
  SALLYPORT_HOST: host(),
  DATABASE_URL: databaseUrl(),
  REDIS_URL: redisUrl(),
  SALLYPORT_SIGNING_KEYS: z.string(),
  SALLYPORT_KEY_ENCRYPTION_KEY: keyEncryptionKey().optional(),
  SALLYPORT_AUDIT_KEY: auditKey(),
  SALLYPORT_POLICY: z.string().optional(),
  SALLYPORT_ALLOW_HTTP_ISSUERS: boolean01().optional(),
  SALLYPORT_LOGIN_CLIENT_SECRET: secretText().optional(),
  LOG_LEVEL: logLevel(),
});

export type Config = Readonly<ReturnType<typeof loadConfig>>;

/**
 * Reads the environment.
 * @throws ConfigProblems naming every unknown, bad or missing variable
 */
export function loadConfig(env: Environment) {
  const given = parseEnv(environment, env, {
    requiredInProduction: ['SALLYPORT_ISSUER'],
    also: (texts) => (texts.SALLYPORT_ENV === 'production' ? issuerProblems(texts.SALLYPORT_ISSUER) : []),
  });
  const production = given.SALLYPORT_ENV === 'production';
  if (production && given.SALLYPORT_ALLOW_HTTP_ISSUERS === true) {
    throw new ConfigProblems([
      { name: 'SALLYPORT_ALLOW_HTTP_ISSUERS', problem: 'must not be set in production: issuers are https there' },
    ]);
  }
  return {
    production,
    issuer: given.SALLYPORT_ISSUER ?? `http://localhost:${given.SALLYPORT_BROKER_PORT}`,
    port: given.SALLYPORT_BROKER_PORT,
    host: given.SALLYPORT_HOST,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
    signingKeysPath: given.SALLYPORT_SIGNING_KEYS,
    keyEncryptionKey: given.SALLYPORT_KEY_ENCRYPTION_KEY,
    auditKey: given.SALLYPORT_AUDIT_KEY,
    policyPath: given.SALLYPORT_POLICY,
    loginClientSecret: given.SALLYPORT_LOGIN_CLIENT_SECRET,
    allowHttpIssuers: given.SALLYPORT_ALLOW_HTTP_ISSUERS ?? !production,
    logLevel: given.LOG_LEVEL,
  } as const;
}

/** RFC 8414 section 2: https, no query, no fragment; here also no path, because our paths are fixed. */
function issuerProblems(issuer: string | undefined): { name: string; problem: string }[] {
  if (issuer === undefined || !URL.canParse(issuer)) return [];
  const parsed = new URL(issuer);
  if (parsed.protocol === 'https:' && issuer === parsed.origin) return [];
  return [
    {
      name: 'SALLYPORT_ISSUER',
      problem: 'must be https with no path and no trailing slash in production, like https://sallyport.example',
    },
  ];
}
