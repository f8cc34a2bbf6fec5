/** Owns what `doctor slack` reads from the environment: the Slack program's own settings, judged as that program judges them. */
import {
  type ConfigProblem,
  type Environment,
  host,
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
  readonly botToken: Secret<string>;
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
  SLACK_BOT_TOKEN: secretText(),
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
  const read = parseEnv(shape, env, { also: (given) => [...modeProblems(given), ...clearTextProblems(given)] });
  const allowHttpIssuers = read.SALLYPORT_ALLOW_HTTP_ISSUERS ?? read.SALLYPORT_ENV === 'development';
  return {
    mode: read.SLACK_MODE,
    botToken: read.SLACK_BOT_TOKEN,
    appToken: read.SLACK_APP_TOKEN,
    apiUrl: read.SLACK_API_URL.endsWith('/') ? read.SLACK_API_URL : `${read.SLACK_API_URL}/`,
    teamIds: read.SLACK_TEAM_IDS,
    host: read.SALLYPORT_HOST,
    port: read.SALLYPORT_SLACK_PORT,
    policy: read.SALLYPORT_POLICY === undefined ? undefined : { path: read.SALLYPORT_POLICY, allowHttpIssuers },
  };
}

type Given = Readonly<Record<string, string>>;

/** Each mode has a secret of its own. */
function modeProblems(given: Given): readonly ConfigProblem[] {
  const mode = given.SLACK_MODE ?? 'http';
  const name = mode === 'socket' ? 'SLACK_APP_TOKEN' : 'SLACK_SIGNING_SECRET';
  if (given[name] !== undefined) return [];
  return [{ name, problem: `is missing: SLACK_MODE=${mode} needs it; set ${name} or ${name}_FILE` }];
}

/** The doctor carries the tokens too. */
function clearTextProblems({ SALLYPORT_ENV: env, SLACK_API_URL: api }: Given): readonly ConfigProblem[] {
  if (env !== 'production' || api === undefined || !URL.canParse(api) || !isInTheClear(api)) return [];
  return [{ name: 'SLACK_API_URL', problem: 'must be https in production' }];
}
