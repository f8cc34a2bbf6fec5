/** Owns what `doctor slack` reads from the environment: the Slack program's own settings, judged as that program judges them. */
import {
  type ConfigProblem,
  databaseUrl,
  type Environment,
  host,
  keyEncryptionKey,
  list,
  parseEnv,
  port,
  type Secret,
  SLACK_API_URL,
  sallyportEnv,
  secretText,
  url,
} from '@sallyport/platform';
import { z } from 'zod';
import { httpIssuers, isInTheClear } from '../settings.ts';

export interface SlackSettings {
  readonly mode: 'http' | 'socket';
  /** Absent only where the app installs itself. */
  readonly botToken: Secret<string> | undefined;
  /** Where the tokens of installed workspaces are; absent: the app does not install itself. */
  readonly install: { readonly databaseUrl: Secret<string>; readonly encryptionKey: Secret<Uint8Array> } | undefined;
  readonly appToken: Secret<string> | undefined;
  /** Ends with a slash. */
  readonly apiUrl: string;
  /** Empty: the bot token's team. */
  readonly teamIds: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly policy: { readonly path: string; readonly allowHttpIssuers: boolean } | undefined;
}

const shape = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SLACK_MODE: z.enum(['http', 'socket'], { error: 'must be http or socket' }).default('http'),
  SLACK_BOT_TOKEN: secretText().optional(),
  SLACK_CLIENT_ID: secretText().optional(),
  SLACK_CLIENT_SECRET: secretText().optional(),
  SALLYPORT_KEY_ENCRYPTION_KEY: keyEncryptionKey().optional(),
  DATABASE_URL: databaseUrl().optional(),
  SLACK_SIGNING_SECRET: secretText().optional(),
  SLACK_APP_TOKEN: secretText().optional(),
  SLACK_API_URL: url().default(SLACK_API_URL),
  SLACK_TEAM_IDS: list(),
  SALLYPORT_HOST: host(),
  SALLYPORT_SLACK_PORT: port(8081),
  SALLYPORT_POLICY: z.string().optional(),
  SALLYPORT_ALLOW_HTTP_ISSUERS: httpIssuers,
});

/** Reads them. @throws ConfigProblems with everything that is missing or does not fit */
export function slackSettings(env: Environment): SlackSettings {
  const read = parseEnv(shape, env, {
    also: (given) => [...modeProblems(given), ...tokenProblems(given), ...clearTextProblems(given)],
  });
  const allowHttpIssuers = read.SALLYPORT_ALLOW_HTTP_ISSUERS ?? read.SALLYPORT_ENV === 'development';
  return {
    mode: read.SLACK_MODE,
    botToken: read.SLACK_BOT_TOKEN,
    install: installOf(read),
    appToken: read.SLACK_APP_TOKEN,
    apiUrl: read.SLACK_API_URL.endsWith('/') ? read.SLACK_API_URL : `${read.SLACK_API_URL}/`,
    teamIds: read.SLACK_TEAM_IDS,
    host: read.SALLYPORT_HOST,
    port: read.SALLYPORT_SLACK_PORT,
    policy: read.SALLYPORT_POLICY === undefined ? undefined : { path: read.SALLYPORT_POLICY, allowHttpIssuers },
  };
}

function installOf(read: z.output<typeof shape>): SlackSettings['install'] {
  const { SLACK_CLIENT_ID: client, DATABASE_URL: databaseUrl, SALLYPORT_KEY_ENCRYPTION_KEY: encryptionKey } = read;
  if (client === undefined || databaseUrl === undefined || encryptionKey === undefined) return undefined;
  return { databaseUrl, encryptionKey };
}

/** What there must be where the app installs itself, to look at what it is installed in. */
const INSTALL_NEEDS = [
  'SLACK_CLIENT_SECRET',
  'SLACK_TEAM_IDS',
  'SALLYPORT_KEY_ENCRYPTION_KEY',
  'DATABASE_URL',
] as const;

type Given = Readonly<Record<string, string>>;

/** Each mode has a secret of its own. */
function modeProblems(given: Given): readonly ConfigProblem[] {
  const mode = given.SLACK_MODE ?? 'http';
  const name = mode === 'socket' ? 'SLACK_APP_TOKEN' : 'SLACK_SIGNING_SECRET';
  if (given[name] !== undefined) return [];
  return [{ name, problem: `is missing: SLACK_MODE=${mode} needs it; set ${name} or ${name}_FILE` }];
}

/** A bot token, or an app that installs itself with all that belongs to it. */
function tokenProblems(given: Given): readonly ConfigProblem[] {
  if (given.SLACK_CLIENT_ID !== undefined) {
    return INSTALL_NEEDS.filter((name) => given[name] === undefined).map((name) => ({
      name,
      problem: `is missing: installing by SLACK_CLIENT_ID needs it; set ${name}`,
    }));
  }
  if (given.SLACK_BOT_TOKEN !== undefined) return [];
  return [{ name: 'SLACK_BOT_TOKEN', problem: 'is missing: set SLACK_BOT_TOKEN or SLACK_BOT_TOKEN_FILE' }];
}

/** The doctor carries the tokens too. */
function clearTextProblems({ SALLYPORT_ENV: env, SLACK_API_URL: api }: Given): readonly ConfigProblem[] {
  if (env !== 'production' || api === undefined || !URL.canParse(api) || !isInTheClear(api)) return [];
  return [{ name: 'SLACK_API_URL', problem: 'must be https in production' }];
}
