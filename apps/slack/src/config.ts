/** Owns the settings of the Slack program: read once, checked whole, in domain units. */
import {
  auditKey,
  type ConfigProblem,
  databaseUrl,
  type Environment,
  host,
  keyEncryptionKey,
  type LogLevel,
  list,
  logLevel,
  parseEnv,
  port,
  redisUrl,
  type Secret,
  SLACK_API_URL,
  sallyportEnv,
  secretText,
  url,
} from '@sallyport/platform';
import { z } from 'zod';

/** How Slack reaches us. */
export type SlackMode =
  | { readonly mode: 'http'; readonly signingSecret: Secret<string> }
  | { readonly mode: 'socket'; readonly appToken: Secret<string> };

export interface Config {
  readonly env: 'development' | 'production';
  readonly slack: SlackMode;
  /** Settings of the other mode that are given too: perhaps the mode is the wrong one. */
  readonly unused: readonly string[];
  /** Absent only where the app is installed by its own page. */
  readonly botToken: Secret<string> | undefined;
  /** The app installs itself in the allowed teams; absent: it does not. */
  readonly install: InstallConfig | undefined;
  /** The Web API's base, ends with a slash. */
  readonly apiUrl: string;
  /** Allowed teams; empty: the bot token's. */
  readonly teamIds: readonly string[];
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly databaseUrl: Secret<string>;
  readonly redisUrl: Secret<string>;
  readonly auditKey: Secret<Uint8Array>;
  /** The broker's public address, for links. */
  readonly issuer: string;
  readonly logLevel: LogLevel;
}

const ISSUER = 'http://localhost:8080';

/** What installing needs: the app's own credentials, and the key its tokens are kept under. */
export interface InstallConfig {
  readonly clientId: Secret<string>;
  readonly clientSecret: Secret<string>;
  readonly keyEncryptionKey: Secret<Uint8Array>;
}

/** The program's own variables, contract section 3, and those of docs/slack-install.md. */
export const environmentSchema = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SLACK_MODE: z.enum(['http', 'socket'], { error: 'must be http or socket' }).default('http'),
  SLACK_BOT_TOKEN: secretText().optional(),
  SLACK_CLIENT_ID: secretText().optional(),
  SLACK_CLIENT_SECRET: secretText().optional(),
  SALLYPORT_KEY_ENCRYPTION_KEY: keyEncryptionKey().optional(),
  SLACK_SIGNING_SECRET: secretText().optional(),
  SLACK_APP_TOKEN: secretText().optional(),
  SLACK_API_URL: url().default(SLACK_API_URL),
  SLACK_TEAM_IDS: list(),
  SALLYPORT_HOST: host(),
  SALLYPORT_SLACK_PORT: port(8081),
  SALLYPORT_ISSUER: url().default(ISSUER),
  DATABASE_URL: databaseUrl(),
  REDIS_URL: redisUrl(),
  SALLYPORT_AUDIT_KEY: auditKey(),
  LOG_LEVEL: logLevel(),
});

/**
 * Reads the environment.
 * @throws ConfigProblems with everything that is wrong
 */
export function loadConfig(env: Environment): Config {
  const read = parseEnv(environmentSchema, env, {
    requiredInProduction: ['SALLYPORT_ISSUER'],
    also: (given) => [
      ...modeProblems(given),
      ...tokenProblems(given),
      ...kindProblems(given),
      ...installProblems(given),
      ...urlProblems(given),
    ],
  });
  return {
    env: read.SALLYPORT_ENV,
    slack: slackMode(read),
    unused: read.SLACK_MODE === 'http' && read.SLACK_APP_TOKEN !== undefined ? ['SLACK_APP_TOKEN'] : [],
    botToken: read.SLACK_BOT_TOKEN,
    install: installConfig(read),
    apiUrl: read.SLACK_API_URL.endsWith('/') ? read.SLACK_API_URL : `${read.SLACK_API_URL}/`,
    teamIds: read.SLACK_TEAM_IDS,
    host: read.SALLYPORT_HOST,
    port: read.SALLYPORT_SLACK_PORT,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    auditKey: read.SALLYPORT_AUDIT_KEY,
    issuer: read.SALLYPORT_ISSUER,
    logLevel: read.LOG_LEVEL,
  };
}

function slackMode(read: z.output<typeof environmentSchema>): SlackMode {
  if (read.SLACK_MODE === 'socket') {
    if (read.SLACK_APP_TOKEN !== undefined) return { mode: 'socket', appToken: read.SLACK_APP_TOKEN };
  } else if (read.SLACK_SIGNING_SECRET !== undefined) return { mode: 'http', signingSecret: read.SLACK_SIGNING_SECRET };
  throw new Error('checked before: each mode has its secret');
}

function installConfig(read: z.output<typeof environmentSchema>): InstallConfig | undefined {
  const { SLACK_CLIENT_ID: clientId, SLACK_CLIENT_SECRET: clientSecret } = read;
  const keyEncryptionKey = read.SALLYPORT_KEY_ENCRYPTION_KEY;
  if (clientId === undefined || clientSecret === undefined || keyEncryptionKey === undefined) return undefined;
  return { clientId, clientSecret, keyEncryptionKey };
}

type Given = Readonly<Record<string, string>>;

/** Each mode needs its own secret. */
function modeProblems(given: Given): ConfigProblem[] {
  const name = given.SLACK_MODE === 'socket' ? 'SLACK_APP_TOKEN' : 'SLACK_SIGNING_SECRET';
  if (given[name] !== undefined) return [];
  return [
    { name, problem: `is missing: SLACK_MODE=${given.SLACK_MODE ?? 'http'} needs it; set ${name} or ${name}_FILE` },
  ];
}

function tokenProblems(given: Given): ConfigProblem[] {
  if (given.SLACK_BOT_TOKEN !== undefined || given.SLACK_CLIENT_ID !== undefined) return [];
  return [{ name: 'SLACK_BOT_TOKEN', problem: 'is missing: set SLACK_BOT_TOKEN or SLACK_BOT_TOKEN_FILE' }];
}

/** Who may install is decided by the list of teams, and what is installed is kept under our key: neither has a default. */
const INSTALL_NEEDS = [
  'SLACK_CLIENT_ID',
  'SLACK_CLIENT_SECRET',
  'SLACK_TEAM_IDS',
  'SALLYPORT_KEY_ENCRYPTION_KEY',
] as const;

function installProblems(given: Given): ConfigProblem[] {
  if (given.SLACK_CLIENT_ID === undefined && given.SLACK_CLIENT_SECRET === undefined) return [];
  const missing = INSTALL_NEEDS.filter((name) => given[name] === undefined).map((name) => ({
    name,
    problem: `is missing: installing by SLACK_CLIENT_ID needs it; set ${name}`,
  }));
  if (given.SLACK_MODE !== 'socket') return missing;
  return [
    ...missing,
    { name: 'SLACK_CLIENT_ID', problem: 'installs by a page of ours, which only SLACK_MODE=http has' },
  ];
}

/** Slack's tokens say by their first letters what they are for. */
const KINDS: Readonly<Record<string, string>> = {
  'xoxb-': 'a bot token',
  'xapp-': 'an app-level token',
  'xoxp-': "a person's token",
};
const WANTED = { SLACK_BOT_TOKEN: 'xoxb-', SLACK_APP_TOKEN: 'xapp-' } as const;

/** One token in the place of another; what begins with none of these letters is taken as it is. */
function kindProblems(given: Given): ConfigProblem[] {
  return Object.entries(WANTED).flatMap(([name, wanted]) => {
    const is = KINDS[given[name]?.slice(0, wanted.length) ?? ''];
    if (is === undefined || is === KINDS[wanted]) return [];
    return [{ name, problem: `is ${is}; what belongs here is ${KINDS[wanted]}, it begins with ${wanted}` }];
  });
}

/** Neither our token nor the codes in links that people follow travel in the open. */
function urlProblems(given: Given): ConfigProblem[] {
  if (given.SALLYPORT_ENV !== 'production') return [];
  return ['SLACK_API_URL', 'SALLYPORT_ISSUER']
    .filter((name) => given[name]?.startsWith('https://') === false)
    .map((name) => ({ name, problem: 'must be https in production' }));
}
