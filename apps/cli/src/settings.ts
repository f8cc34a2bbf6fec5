/** Owns the settings of the command line: each command reads from the environment only what it needs. */
import {
  auditKey,
  ConfigProblems,
  databaseUrl,
  type Environment,
  keyEncryptionKey,
  logLevel,
  parseEnv,
  port,
  type Secret,
  sallyportEnv,
  secretText,
  url,
} from '@sallyport/platform';
import { z } from 'zod';

const TOKEN = /^[\x21-\x7e]{1,16384}$/;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

const broker = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_ISSUER: url().optional(),
  SALLYPORT_BROKER_PORT: port(8080),
  SALLYPORT_CLIENT_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,127}$/, 'must be 1 to 127 visible ASCII characters')
    .default('ci'),
});
const caller = z.object({ SALLYPORT_TOKEN: secretText() });
const database = z.object({ DATABASE_URL: databaseUrl() });
const audit = z.object({ SALLYPORT_AUDIT_KEY: auditKey() });
const keys = z.object({
  SALLYPORT_SIGNING_KEYS: z.string().optional(),
  SALLYPORT_KEY_ENCRYPTION_KEY: keyEncryptionKey().optional(),
});
/** `1`, `0`, or absent: then the environment decides. */
export const httpIssuers = z
  .enum(['0', '1'], { error: 'must be 0 or 1' })
  .transform((text) => text === '1')
  .optional();
const policy = z.object({ SALLYPORT_ENV: sallyportEnv(), SALLYPORT_ALLOW_HTTP_ISSUERS: httpIssuers });
const logging = z.object({ LOG_LEVEL: logLevel() });

export interface BrokerAddress {
  /** Without a trailing slash. */
  readonly issuer: string;
  readonly clientId: string;
  /** Whether tokens would cross a network unencrypted. */
  readonly inTheClear: boolean;
}

export interface BrokerSettings extends BrokerAddress {
  /** The caller's token, read anew each time: the file behind SALLYPORT_TOKEN_FILE may be renewed while we wait. */
  readonly token: () => Secret<string>;
}

/** Where the broker is and who calls it. @throws ConfigProblems */
export function brokerSettings(env: Environment): BrokerSettings {
  const given = parseEnv(broker.extend(caller.shape), env, { also: refuseClearText });
  return { ...addressOf(given), token: () => tokenOf(env) };
}

/** Where the broker is, whoever calls it. @throws ConfigProblems */
export function brokerAddress(env: Environment): BrokerAddress {
  return addressOf(parseEnv(broker, env, { also: refuseClearText }));
}

function addressOf(given: z.output<typeof broker>): BrokerAddress {
  const issuer = issuerOf(given);
  return { issuer, inTheClear: isInTheClear(issuer), clientId: given.SALLYPORT_CLIENT_ID };
}

/** The broker's address, without a trailing slash. */
export function issuerOf(given: {
  readonly SALLYPORT_ISSUER?: string | undefined;
  readonly SALLYPORT_BROKER_PORT?: number | undefined;
}): string {
  return (given.SALLYPORT_ISSUER ?? `http://localhost:${given.SALLYPORT_BROKER_PORT ?? 8080}`).replace(/\/+$/, '');
}

/** Whether what is sent there crosses a network unencrypted. */
export function isInTheClear(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !LOOPBACK.has(hostname);
}

function refuseClearText({ SALLYPORT_ENV: environment, SALLYPORT_ISSUER: issuer }: Readonly<Record<string, string>>) {
  if (environment !== 'production' || issuer === undefined || !URL.canParse(issuer) || !isInTheClear(issuer)) return [];
  return [{ name: 'SALLYPORT_ISSUER', problem: 'must be https in production: it carries tokens' }];
}

/** The token in SALLYPORT_TOKEN or its file, as it is now. @throws ConfigProblems */
export function tokenOf(env: Environment): Secret<string> {
  const token = parseEnv(caller, env).SALLYPORT_TOKEN;
  if (isTokenText(token.reveal())) return token;
  throw new ConfigProblems([{ name: 'SALLYPORT_TOKEN', problem: 'must be a token: one line of visible characters' }]);
}

/** Whether this can be a token: visible ASCII, at most 16 kB. */
export function isTokenText(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether nobody watches: CI systems say `CI=true`. */
export function isCi({ CI: ci }: Environment): boolean {
  return ci !== undefined && !['', '0', 'false'].includes(ci);
}

/** @throws ConfigProblems */
export function databaseSettings(env: Environment): { readonly url: Secret<string> } {
  return { url: parseEnv(database, env).DATABASE_URL };
}

/** @throws ConfigProblems */
export function auditSettings(env: Environment): { readonly key: Secret<Uint8Array> } {
  return { key: parseEnv(audit, env).SALLYPORT_AUDIT_KEY };
}

export interface KeySettings {
  /** The key file. */
  readonly path: string | undefined;
  /** What private halves are encrypted under. */
  readonly encryptionKey: Secret<Uint8Array> | undefined;
}

/** Where the signing keys are, and how they are kept. @throws ConfigProblems */
export function keySettings(env: Environment): KeySettings {
  const given = parseEnv(keys, env);
  return { path: given.SALLYPORT_SIGNING_KEYS, encryptionKey: given.SALLYPORT_KEY_ENCRYPTION_KEY };
}

/** How policies are compiled here. @throws ConfigProblems */
export function policySettings(env: Environment): { readonly allowHttpIssuers: boolean } {
  const given = parseEnv(policy, env);
  return { allowHttpIssuers: given.SALLYPORT_ALLOW_HTTP_ISSUERS ?? given.SALLYPORT_ENV === 'development' };
}

/** Whether bugs show their stack. Never throws: it is asked when something is wrong already. */
export function showsStacks(env: Environment): boolean {
  const level = logging.shape.LOG_LEVEL.safeParse(env.LOG_LEVEL);
  return level.success && (level.data === 'debug' || level.data === 'trace');
}
