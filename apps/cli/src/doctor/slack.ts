/** The doctor's look at Slack: each workspace and its token, how Slack reaches us, and the channels of the policy. */
import { type Finding, skipped, wrong } from './finding.ts';
import { slackCalls } from './slack-api.ts';
import { type CallFor, channelFindings } from './slack-channels.ts';
import { doorFindings, socketFinding } from './slack-door.ts';
import { installedTokens } from './slack-installations.ts';
import type { SlackSettings } from './slack-settings.ts';
import { lookAtWorkspace, type SeenWorkspace } from './slack-workspace.ts';

/** Everything there is to see of Slack with these settings. Changes nothing in Slack. */
export async function slackFindings(
  settings: SlackSettings,
  sleep: (ms: number) => Promise<void>,
): Promise<readonly Finding[]> {
  const { apiUrl, appToken, mode } = settings;
  const { findings, own, installed } = await workspaces(settings, sleep);
  const asApp = appToken === undefined ? undefined : slackCalls({ apiUrl, token: appToken, sleep });
  return [
    ...findings,
    await socketFinding(mode, asApp),
    ...(await doorFindings(settings)),
    ...(own === undefined && installed.length === 0
      ? [skipped('channels', 'not looked at: no token works')]
      : await policyFindings(settings, callFor(own, installed))),
  ];
}

interface Seen {
  readonly findings: readonly Finding[];
  /** The bot token's. */
  readonly own: SeenWorkspace | undefined;
  /** Those the app installed itself in; not that of the bot token, which wins there. */
  readonly installed: readonly SeenWorkspace[];
}

async function workspaces(settings: SlackSettings, sleep: (ms: number) => Promise<void>): Promise<Seen> {
  const { apiUrl, teamIds, botToken, install } = settings;
  const own = botToken === undefined ? undefined : await lookAtWorkspace({ apiUrl, token: botToken, teamIds, sleep });
  const findings = [...(own?.findings ?? [])];
  const installed: SeenWorkspace[] = [];
  if (install === undefined) return { findings, own: own?.seen, installed };
  const others = teamIds.filter((team) => team !== own?.seen?.team);
  const found = await installedTokens({ ...install, teamIds: others });
  findings.push(...found.findings);
  for (const [team, token] of found.tokens) {
    const look = await lookAtWorkspace({ apiUrl, token, teamIds: [team], sleep });
    findings.push(...look.findings.map((one) => ({ ...one, name: `${one.name} ${team}` })));
    if (look.seen !== undefined) installed.push(look.seen);
  }
  return { findings, own: own?.seen, installed };
}

/** Whom to ask about a channel of this team, or where none is named: as the program would. */
function callFor(own: SeenWorkspace | undefined, installed: readonly SeenWorkspace[]): CallFor {
  return (team) => {
    const all = own === undefined ? installed : [own, ...installed];
    if (team === undefined) return (own ?? (all.length === 1 ? all[0] : undefined))?.call;
    return all.find((one) => one.team === team)?.call;
  };
}

async function policyFindings({ policy }: SlackSettings, callOf: CallFor): Promise<readonly Finding[]> {
  if (policy === undefined) return [skipped('channels', 'SALLYPORT_POLICY is not set here')];
  const { loadPolicy } = await import('@sallyport/policy');
  const loaded = await loadPolicy(policy.path, policy);
  if (loaded.ok) return channelFindings(loaded.value.policy, callOf);
  return [
    wrong('channels', `${policy.path} does not compile`, `See every problem: sallyport policy check ${policy.path}`),
  ];
}
