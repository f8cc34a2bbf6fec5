/** Reads what `npm start` is told by the environment, and says everything that is wrong with it at once. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { inRoot, ROOT, stateDirOf } from './paths.mjs';
import { EXIT, Stop } from './stop.mjs';

const PORTS = {
  broker: ['SALLYPORT_BROKER_PORT', 8080],
  slack: ['SALLYPORT_SLACK_PORT', 8081],
  worker: ['SALLYPORT_WORKER_PORT', 8082],
  workspace: ['SALLYPORT_STANDIN_PORT', 8083],
  'demo-issuer': ['SALLYPORT_DEMO_ISSUER_PORT', 8084],
};

/** Every SALLYPORT_* name; the programs keep the same list for themselves (packages/platform, env-names.ts). */
export const SALLYPORT_NAMES = [
  'SALLYPORT_ENV',
  'SALLYPORT_ISSUER',
  ...Object.values(PORTS).map(([name]) => name),
  'SALLYPORT_HOST',
  'SALLYPORT_STATE_DIR',
  'SALLYPORT_POLICY',
  'SALLYPORT_SIGNING_KEYS',
  'SALLYPORT_KEY_ENCRYPTION_KEY',
  'SALLYPORT_KEY_ENCRYPTION_KEY_FILE',
  'SALLYPORT_AUDIT_KEY',
  'SALLYPORT_AUDIT_KEY_FILE',
  'SALLYPORT_ALLOW_HTTP_ISSUERS',
  'SALLYPORT_LOGIN_CLIENT_SECRET',
  'SALLYPORT_LOGIN_CLIENT_SECRET_FILE',
  'SALLYPORT_TOKEN',
  'SALLYPORT_TOKEN_FILE',
  'SALLYPORT_CLIENT_ID',
];

const SECRETS = [
  'DATABASE_URL',
  'REDIS_URL',
  'SALLYPORT_KEY_ENCRYPTION_KEY',
  'SALLYPORT_AUDIT_KEY',
  'SALLYPORT_LOGIN_CLIENT_SECRET',
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'SLACK_CLIENT_ID',
  'SLACK_CLIENT_SECRET',
];
const PATHS = ['SALLYPORT_POLICY', 'SALLYPORT_SIGNING_KEYS', ...SECRETS.map((name) => `${name}_FILE`)];
/** What `npm start` would make up; production must name each of them. */
const INSECURE_DEFAULTS = [
  'SALLYPORT_ISSUER',
  'DATABASE_URL',
  'REDIS_URL',
  'SALLYPORT_POLICY',
  'SALLYPORT_SIGNING_KEYS',
  'SALLYPORT_AUDIT_KEY',
  'SLACK_BOT_TOKEN',
];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The environment, filled up from a `.env` file in the repository; empty values count as absent. */
export function readEnvironment(given = process.env) {
  const file = inRoot('.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return Object.fromEntries(Object.entries({ ...fromFile, ...given }).filter(([, value]) => value !== ''));
}

/** The value of a variable, or of the file NAME_FILE points to; undefined when neither is set. */
function secretOf(env, name) {
  if (env[name] !== undefined) return env[name];
  const file = env[`${name}_FILE`];
  return file === undefined ? undefined : readFileSync(path.resolve(ROOT, file), 'utf8').trim();
}

/** What the signing keys are encrypted under, as the broker and the CLI are told it; nothing when it is not set. */
function keyEncryptionOf(env) {
  const name = 'SALLYPORT_KEY_ENCRYPTION_KEY';
  if (env[name] !== undefined) return { [name]: env[name] };
  const file = env[`${name}_FILE`];
  return file === undefined ? {} : { [`${name}_FILE`]: path.resolve(ROOT, file) };
}

const isSet = (env, name) => env[name] !== undefined || env[`${name}_FILE`] !== undefined;

/** A Slack of one's own: a bot token, or an app that installs itself (docs/slack-install.md). */
const hasSlack = (env) => isSet(env, 'SLACK_BOT_TOKEN') || isSet(env, 'SLACK_CLIENT_ID');

function unknownNames(env) {
  const names = Object.keys(env).filter((name) => name.startsWith('SALLYPORT_') && !SALLYPORT_NAMES.includes(name));
  return names.sort().map((name) => `${name} is not a setting: remove it. The settings are listed in .env.example.`);
}

function portProblems(env) {
  const problems = [];
  const seen = new Map();
  for (const [name, byDefault] of Object.values(PORTS)) {
    const text = env[name] ?? String(byDefault);
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > 65_535)
      problems.push(`${name} must be a port from 1 to 65535 (it is ${JSON.stringify(text)}).`);
    else if (seen.has(port))
      problems.push(`${name} and ${seen.get(port)} are both ${port}: choose two different ports.`);
    seen.set(port, name);
  }
  return problems;
}

function oneOf(env, name, values) {
  const value = env[name];
  return value === undefined || values.includes(value)
    ? []
    : [`${name} must be ${values.join(' or ')} (it is ${JSON.stringify(value)}).`];
}

function issuerProblems(env) {
  const text = env.SALLYPORT_ISSUER;
  if (text === undefined) return [];
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || parsed.origin !== text)
    return ['SALLYPORT_ISSUER must be like http://localhost:8080: no path, no trailing slash.'];
  return env.SALLYPORT_ENV === 'production' && parsed.protocol !== 'https:'
    ? ['SALLYPORT_ISSUER must be https in production.']
    : [];
}

function pathProblems(env) {
  const missing = PATHS.filter((name) => env[name] !== undefined && !existsSync(path.resolve(ROOT, env[name])));
  const doubled = SECRETS.filter((name) => env[name] !== undefined && env[`${name}_FILE`] !== undefined);
  return [
    ...missing.map((name) => `${name}: there is no ${env[name]}.`),
    ...doubled.map((name) => `${name} is set twice: keep ${name} or ${name}_FILE, not both.`),
  ];
}

function slackProblems(env) {
  const mode = env.SLACK_MODE ?? 'http';
  if (!hasSlack(env) || !['http', 'socket'].includes(mode)) return [];
  const wanted = mode === 'http' ? 'SLACK_SIGNING_SECRET' : 'SLACK_APP_TOKEN';
  return isSet(env, wanted) ? [] : [`${wanted} is missing: Slack in ${mode} mode needs it.`];
}

function storeProblems(env) {
  const schemes = { DATABASE_URL: /^postgres(ql)?:\/\//, REDIS_URL: /^(rediss?|unix):\/\// };
  return Object.entries(schemes)
    .filter(([name, pattern]) => env[name] !== undefined && !pattern.test(env[name]))
    .map(([name]) => `${name} is not an address of that kind (postgres://… or redis://…).`);
}

const productionProblems = (env) =>
  env.SALLYPORT_ENV !== 'production'
    ? []
    : INSECURE_DEFAULTS.filter((name) => !(name === 'SLACK_BOT_TOKEN' ? hasSlack(env) : isSet(env, name))).map(
        (name) => `${name} is missing: production takes no made-up value for it.`,
      );

function problemsOf(env) {
  return [
    ...unknownNames(env),
    ...oneOf(env, 'SALLYPORT_ENV', ['development', 'production']),
    ...oneOf(env, 'SALLYPORT_ALLOW_HTTP_ISSUERS', ['0', '1']),
    ...oneOf(env, 'SLACK_MODE', ['http', 'socket']),
    ...oneOf(env, 'LOG_LEVEL', LOG_LEVELS),
    ...portProblems(env),
    ...issuerProblems(env),
    ...pathProblems(env),
    ...slackProblems(env),
    ...storeProblems(env),
    ...productionProblems(env),
  ];
}

/** The settings of a start, or a Stop (78) that lists every problem. */
export function readSettings(env) {
  const problems = problemsOf(env);
  if (problems.length > 0)
    throw new Stop(`The settings do not fit:\n${problems.map((one) => `  - ${one}`).join('\n')}`, EXIT.configuration);
  const ports = Object.fromEntries(
    Object.entries(PORTS).map(([program, [name, byDefault]]) => [program, Number(env[name] ?? byDefault)]),
  );
  const given = (name) => (env[name] === undefined ? undefined : path.resolve(ROOT, env[name]));
  return {
    env,
    environment: env.SALLYPORT_ENV ?? 'development',
    stateDir: stateDirOf(env),
    host: env.SALLYPORT_HOST ?? '127.0.0.1',
    ports,
    issuer: env.SALLYPORT_ISSUER ?? `http://localhost:${ports.broker}`,
    policy: given('SALLYPORT_POLICY'),
    signingKeys: given('SALLYPORT_SIGNING_KEYS'),
    keyEncryption: keyEncryptionOf(env),
    auditKey: secretOf(env, 'SALLYPORT_AUDIT_KEY'),
    loginClientSecret: secretOf(env, 'SALLYPORT_LOGIN_CLIENT_SECRET'),
    databaseUrl: secretOf(env, 'DATABASE_URL'),
    redisUrl: secretOf(env, 'REDIS_URL'),
    slackMode: env.SLACK_MODE ?? 'http',
    realSlack: hasSlack(env),
  };
}

/** The name of the variable that sets a program's port. */
export const portVariable = (program) => PORTS[program][0];
