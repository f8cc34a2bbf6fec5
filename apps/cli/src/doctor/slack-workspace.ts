/** The doctor's look at one workspace: whether its token works, whose it is, and what it may do. */
import { type Secret, slackScopeDifference } from '@sallyport/platform';
import { z } from 'zod';
import { type Finding, fine, skipped, wrong } from './finding.ts';
import { type SlackAnswer, type SlackCall, type SlackNo, slackCalls } from './slack-api.ts';
import { nextFor, saidFor } from './slack-words.ts';

const whoami = z.looseObject({
  team_id: z.string().max(100),
  team: z.string().max(200).optional(),
  user: z.string().max(200).optional(),
  bot_id: z.string().max(100).optional(),
  is_enterprise_install: z.boolean().optional(),
});

/** A workspace whose token works. */
export interface SeenWorkspace {
  readonly team: string;
  readonly call: SlackCall;
}

export interface WorkspaceLook {
  readonly findings: readonly Finding[];
  /** Absent: there is nothing more to look at with this token. */
  readonly seen?: SeenWorkspace;
}

export interface WorkspaceLookOptions {
  readonly apiUrl: string;
  readonly token: Secret<string>;
  readonly teamIds: readonly string[];
  readonly sleep: (ms: number) => Promise<void>;
}

/** Looks at one. */
export async function lookAtWorkspace({ apiUrl, token, teamIds, sleep }: WorkspaceLookOptions): Promise<WorkspaceLook> {
  const call = slackCalls({ apiUrl, token, sleep });
  const tested = await call('auth.test');
  if (!tested.ok) return { findings: [tokenRefused(tested.error)] };
  const team = whoami.safeParse(tested.value.body).data?.team_id;
  const findings = tokenFindings(tested.value, teamIds);
  return { findings, ...(team === undefined ? {} : { seen: { team, call } }) };
}

function tokenRefused(no: SlackNo): Finding {
  return wrong('token', saidFor('auth.test', no), nextFor('SLACK_BOT_TOKEN', no));
}

function tokenFindings({ body, scopes }: SlackAnswer, teamIds: readonly string[]): readonly Finding[] {
  const seen = whoami.safeParse(body);
  if (!seen.success) return [wrong('token', 'auth.test does not say whose it is', 'Check SLACK_API_URL.')];
  const { team_id: team, team: name, user, bot_id: bot, is_enterprise_install: everywhere } = seen.data;
  if (bot === undefined) {
    const next = 'Copy the Bot User OAuth Token (xoxb-…) from the app’s OAuth & Permissions page.';
    return [wrong('token', `works, but is not a bot’s: it speaks as ${user ?? 'a person'}`, next)];
  }
  return [
    everywhere === true
      ? wrong('token', 'is of an organisation-wide installation', 'Install the app in one workspace instead.')
      : fine('token', `works; the bot is ${user ?? bot}`),
    teamFinding(team, name, teamIds),
    scopeFinding(scopes),
  ];
}

function teamFinding(team: string, name: string | undefined, teamIds: readonly string[]): Finding {
  const shown = name === undefined ? team : `${team} (${name})`;
  if (teamIds.length === 0) return fine('team', `${shown}; SLACK_TEAM_IDS is not set, so only its members may act`);
  if (teamIds.includes(team)) return fine('team', `${shown}, listed in SLACK_TEAM_IDS`);
  return wrong(
    'team',
    `the token is of ${shown}, which SLACK_TEAM_IDS does not list`,
    `Add ${team} to SLACK_TEAM_IDS, or use the token of a team that is listed.`,
  );
}

function scopeFinding(granted: readonly string[] | undefined): Finding {
  if (granted === undefined) return skipped('scopes', 'Slack did not say which scopes the token has');
  const { missing, superfluous } = slackScopeDifference(granted);
  const unused = superfluous.length === 0 ? '' : `; not needed: ${superfluous.join(', ')}`;
  if (missing.length === 0) return fine('scopes', `complete${unused}`);
  return wrong(
    'scopes',
    `missing: ${missing.join(', ')}${unused}`,
    'Give the app the scopes of infra/slack/manifest.yaml, then install it to the workspace again.',
  );
}
