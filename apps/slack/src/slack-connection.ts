/** Owns whether we can speak to Slack, as whom and for which team: `auth.test` until it answers, then every minute. */
import {
  type ConfigProblem,
  ConfigProblems,
  DeadlinePassed,
  type Logger,
  slackScopeDifference,
  withDeadline,
} from '@sallyport/platform';
import type { WebClient } from './outbound/clients.ts';
import { type SlackFailure, slackFailure } from './outbound/slack-error.ts';

/** Who we are in Slack. */
export interface BotIdentity {
  readonly team: string;
  readonly botUserId?: string;
  readonly botId?: string;
  /** The workspace's address, for links to messages: ends with a slash. */
  readonly url?: string;
}

export interface SlackConnection {
  /** True once Slack answered and as long as the token is good. */
  ready(): boolean;
  /** What /readyz says. */
  check(): Promise<true | string>;
  identity(): BotIdentity | undefined;
  /** The allowed teams: those configured, else the bot's own; empty until known. */
  teams(): ReadonlySet<string>;
  /** A call said that the token is dead: everything waits until auth.test answers again. */
  lost(code: string): void;
  /** Resolves after the first attempt. @throws ConfigProblems when Slack answered and the installation does not fit. */
  start(): Promise<void>;
  stop(): void;
}

export interface SlackConnectionOptions {
  readonly client: WebClient;
  /** Allowed team ids; empty: the bot token's team. */
  readonly teamIds: readonly string[];
  readonly logger: Logger;
  /** Called when a later answer shows that the installation does not fit. */
  readonly onMisfit: (problems: ConfigProblems) => void;
  /** Milliseconds: between looks when all is well or the token was refused, and the first wait while nobody answers. */
  readonly everyMs?: number;
  readonly retryMs?: number;
}

const EVERY_MS = 60_000;
const RETRY_MS = 500;
const RETRY_MS_MAX = 15_000;
const FIRST_LOOK_MS = 3_000;
/** Slack's word for a token that is good, but not for this. No waiting mends that. */
const WRONG_KIND = 'not_allowed_token_type';

type Look =
  | { readonly kind: 'fits'; readonly identity: BotIdentity }
  | { readonly kind: 'misfit'; readonly problems: ConfigProblems }
  | { readonly kind: 'failed'; readonly failure: SlackFailure };

/** Makes the connection; `start` begins to look. */
export function makeSlackConnection(options: SlackConnectionOptions): SlackConnection {
  const { client, logger, onMisfit, everyMs = EVERY_MS, retryMs = RETRY_MS } = options;
  let identity: BotIdentity | undefined;
  let missing: string | undefined = 'Slack has not answered yet';
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;

  async function look(): Promise<void> {
    const seen = await lookOnce(client, options.teamIds);
    if (stopped) return;
    if (seen.kind === 'misfit') {
      say('the installation does not fit');
      again(everyMs);
      throw seen.problems;
    }
    if (seen.kind === 'fits') {
      failures = 0;
      identity = seen.identity;
      say(undefined);
      return again(everyMs);
    }
    failures += 1;
    const dead = seen.failure.kind === 'dead_token' || seen.failure.kind === 'refused';
    // One lost answer says nothing about the next call: a connection that was good stays so until three in a row failed.
    if (dead || missing !== undefined || failures >= 3)
      say(dead ? 'Slack refuses the bot token' : 'Slack does not answer');
    again(dead ? everyMs : Math.min(RETRY_MS_MAX, everyMs, retryMs * 2 ** Math.min(failures - 1, 10)));
  }

  function say(now: string | undefined): void {
    if (now === missing) return;
    missing = now;
    if (now === undefined) logger.info('slack.connected', identity === undefined ? {} : { team: identity.team });
    else logger.error('slack.disconnected', { detail: now });
  }

  function again(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      look().catch(failed);
    }, ms);
    timer.unref();
  }

  /** What takes longer than this is waited for behind: the program lives, and says that it is not ready. */
  async function firstLook(): Promise<void> {
    const looking = look();
    let late = false;
    looking.catch((thrown: unknown) => {
      if (late) failed(thrown);
    });
    await withDeadline(looking, FIRST_LOOK_MS, 'auth.test').catch((thrown: unknown) => {
      late = thrown instanceof DeadlinePassed;
      if (!late) throw thrown;
    });
  }

  function failed(thrown: unknown): void {
    if (thrown instanceof ConfigProblems) onMisfit(thrown);
    else logger.error('slack.look_failed', { err: thrown });
  }

  return {
    ready: () => missing === undefined && !stopped,
    check: async () => missing ?? true,
    identity: () => identity,
    teams: () => {
      if (options.teamIds.length > 0) return new Set(options.teamIds);
      return new Set(identity === undefined ? [] : [identity.team]);
    },
    lost(code) {
      logger.error('slack.token_dead', { code });
      say('Slack refuses the bot token');
      again(everyMs);
    },
    start: firstLook,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function lookOnce(client: WebClient, teamIds: readonly string[]): Promise<Look> {
  try {
    const answer = await client.auth.test();
    const team = answer.team_id ?? teamIds[0];
    if (team === undefined) return { kind: 'failed', failure: { kind: 'unknown' } };
    const everywhere = answer.is_enterprise_install === true;
    const problems = misfits({ team, scopes: answer.response_metadata?.scopes, everywhere }, teamIds);
    if (problems.length > 0) return { kind: 'misfit', problems: new ConfigProblems(problems) };
    return {
      kind: 'fits',
      identity: {
        team,
        ...(answer.user_id === undefined ? {} : { botUserId: answer.user_id }),
        ...(answer.bot_id === undefined ? {} : { botId: answer.bot_id }),
        ...(answer.url === undefined || !URL.canParse(answer.url) ? {} : { url: answer.url }),
      },
    };
  } catch (thrown) {
    const failure = slackFailure(thrown);
    if (failure.kind === 'refused' && failure.code === WRONG_KIND) return { kind: 'misfit', problems: wrongKind() };
    return { kind: 'failed', failure };
  }
}

function wrongKind(): ConfigProblems {
  const problem = `is another kind of token (${WRONG_KIND}): set the Bot User OAuth Token, it begins with xoxb-`;
  return new ConfigProblems([{ name: 'SLACK_BOT_TOKEN', problem }]);
}

interface Installed {
  readonly team: string;
  readonly scopes: readonly string[] | undefined;
  readonly everywhere: boolean;
}

function misfits({ team, scopes, everywhere }: Installed, teamIds: readonly string[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (everywhere) {
    problems.push({
      name: 'SLACK_BOT_TOKEN',
      problem: 'is of an organisation-wide installation: install the app in one workspace and use its token',
    });
  }
  if (teamIds.length > 0 && !teamIds.includes(team)) {
    problems.push({
      name: 'SLACK_TEAM_IDS',
      problem: `the bot token is of team ${team}, which is not listed: add it, or use another token`,
    });
  }
  const lacking = scopes === undefined || scopes.length === 0 ? [] : slackScopeDifference(scopes).missing;
  if (lacking.length > 0) {
    problems.push({
      name: 'SLACK_BOT_TOKEN',
      problem: `the app is installed without ${lacking.join(', ')}: add the scopes of infra/slack/manifest.yaml and install it again`,
    });
  }
  return problems;
}
