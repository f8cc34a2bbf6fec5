/** Owns which workspace a message is brought to. One that cannot be spoken to holds up nothing but what is its own. */
import type { Policies } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Workspace } from '../workspace.ts';
import type { Workspaces } from '../workspaces.ts';
import type { Delivered, DeliverJob } from './delivered.ts';
import type { ChannelPlaces, Places } from './places.ts';

/** The ways to the workspaces. */
export interface Routes {
  /** Each channel as its own workspace knows it; one of a workspace the app is not installed in takes nothing. */
  readonly places: ChannelPlaces;
  readonly deliver: Route;
}

/** What comes of a message once its workspace is found: a token that is dead is that workspace's affair. */
export type Routed = Exclude<Delivered, { kind: 'dead_token' }>;
export type Route = (job: DeliverJob) => Promise<Routed>;

/** The first pause; the caller lengthens it. */
const PARKED: Routed = { kind: 'later', ms: 1_000, failed: true };
const WARN_EVERY_MS = 600_000;
const WARNED_MAX = 1_000;
const UNCLEAR =
  'several workspaces, and none is the usual one: say in the policy which team a channel is of (slack: {channel, team})';

export interface RoutesDeps {
  readonly workspaces: Workspaces;
  readonly policies: Policies;
  readonly logger: Logger;
}

/** Builds them. Messages to a team the app is not installed in are dropped, and the operator is warned. */
export function makeRoutes({ workspaces, policies, logger }: RoutesDeps): Routes {
  const warned = new Map<string, number>();
  const warn = (team: string | undefined): void => {
    const key = team ?? '';
    if (performance.now() < (warned.get(key) ?? Number.NEGATIVE_INFINITY)) return;
    if (warned.size >= WARNED_MAX) warned.clear();
    warned.set(key, performance.now() + WARN_EVERY_MS);
    if (team === undefined) logger.warn('slack.team_unclear', { detail: UNCLEAR });
    else logger.warn('slack.not_installed', { team });
  };
  const find = (team: string | undefined): Workspace | undefined => {
    const workspace = workspaces.of(team);
    if (workspace === undefined) warn(team);
    return workspace;
  };
  async function deliver(job: DeliverJob): Promise<Routed> {
    const workspace = find(job.planned.destination.team);
    if (workspace === undefined) return { kind: 'dropped' };
    if (!workspace.connection.ready()) return PARKED;
    const delivered = await workspace.deliver(job);
    if (delivered.kind !== 'dead_token') return delivered;
    workspace.connection.lost(delivered.code);
    return PARKED;
  }
  /** Channel ids are Slack's, one for all of it: the policy says of which team one is. */
  const at = (channel: string): Places | undefined =>
    find(policies.inForce().resources.find((one) => one.slackChannel === channel)?.slackTeam)?.places;
  const places: ChannelPlaces = {
    isShared: async (channel) => (await at(channel)?.isShared(channel)) ?? false,
    markUnusable: (channel, code) => at(channel)?.markUnusable(channel, code),
    reaches: (channel) => at(channel)?.reaches(channel) ?? false,
    takesNew: (channel) => at(channel)?.takesNew(channel) ?? false,
    linkTo: (channel, ts) => at(channel)?.linkTo(channel, ts),
  };
  return { places, deliver };
}
