/** Owns which workspaces there are by the settings: the bot token's alone, or those the app is installed in as well. */
import type { ReadinessCheck } from '@sallyport/platform';
import { boltLogger } from './bolt-logger.ts';
import type { InstallConfig } from './config.ts';
import type { Desk } from './desk.ts';
import { type InstallDoor, makeInstallDoor } from './install/door.ts';
import { type Installed, makeInstalled } from './install/follow.ts';
import type { Installing } from './install/installations.ts';
import { guardedFetch } from './outbound/guarded-fetch.ts';
import type { Places } from './outbound/places.ts';
import type { PageOf } from './pages.ts';
import type { ProgramConfig, ProgramDeps } from './program-deps.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';
import { loneWorkspace, severalWorkspaces, type Workspaces } from './workspaces.ts';

export interface Teams {
  readonly workspaces: Workspaces;
  /** Whether deliveries are taken now. */
  readonly open: () => boolean;
  readonly check: ReadinessCheck;
  readonly install: InstallDoor | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface TeamsLinks {
  /** The broker's own page of a request. */
  readonly pageOf: PageOf;
  readonly redraw: Desk['redraw'];
  /** The address of a message of ours, in whichever workspace it is. */
  readonly linkTo: Places['linkTo'];
  /** A workspace has come: what waits for it is to be looked at. */
  readonly onCome: () => void;
}

const INSTALL_CALL_MS = 5_000;

/** Makes them; nothing is asked of Slack or the database yet. */
export function makeTeams(config: ProgramConfig, deps: ProgramDeps, links: TeamsLinks): Teams {
  const { botToken, install } = config;
  if (install !== undefined && deps.installing !== undefined) {
    return severalTeams({ config, deps, links, install, installing: deps.installing });
  }
  if (botToken === undefined) throw new Error('checked before: without a bot token the app is installed by its page');
  const own = makeWorkspace(deps, {
    token: botToken,
    apiUrl: config.apiUrl,
    teamIds: config.teamIds,
    onMisfit: deps.onMisfit,
    redraw: links.redraw,
    pageOf: links.pageOf,
    issuer: config.issuer,
    linkTo: links.linkTo,
    removed: async ({ connection }, why) => connection.lost(why),
  });
  const workspaces = loneWorkspace(own);
  return {
    workspaces,
    open: own.connection.ready,
    check: workspaces.check,
    install: undefined,
    start: own.connection.start,
    stop: own.stop,
  };
}

interface Several {
  readonly config: ProgramConfig;
  readonly deps: ProgramDeps;
  readonly links: TeamsLinks;
  readonly install: InstallConfig;
  readonly installing: Installing;
}

function severalTeams(several: Several): Teams {
  const { config, deps } = several;
  const own = ownWorkspace(several);
  const installed = followed(several);
  const workspaces = severalWorkspaces({ own, installed: installed.workspaces, teamIds: config.teamIds });
  deps.metrics.beforeText(() => count(workspaces, config.teamIds, deps.metrics));
  return {
    workspaces,
    // A workspace that cannot be spoken to must not keep another one's clicks outside, nor the news of its own end.
    open: () => true,
    check: workspaces.check,
    install: installDoor(several, { own, workspaces, installed }),
    async start() {
      await Promise.all([own?.connection.start(), installed.start()]);
    },
    async stop() {
      await Promise.all([own?.stop(), installed.stop()]);
    },
  };
}

/** That of the bot token, where there is one. */
function ownWorkspace({ config, deps, links }: Several): Workspace | undefined {
  const { botToken: token, apiUrl, teamIds } = config;
  if (token === undefined) return undefined;
  return makeWorkspace(deps, {
    token,
    apiUrl,
    teamIds,
    allowed: () => new Set(teamIds),
    onMisfit: deps.onMisfit,
    redraw: links.redraw,
    pageOf: links.pageOf,
    issuer: config.issuer,
    linkTo: links.linkTo,
    removed: async ({ connection }, why) => connection.lost(why),
  });
}

function followed({ config, deps, links, installing }: Several): Installed {
  const { apiUrl, teamIds } = config;
  const { logger, pauses } = deps;
  const installed: Installed = makeInstalled({
    installations: installing.installations,
    wrapping: installing.wrapping,
    teamIds,
    open: (token, team) =>
      makeWorkspace(deps, {
        token,
        apiUrl,
        team,
        teamIds: [team],
        allowed: () => new Set(teamIds),
        onMisfit: (err) => logger.error('slack.installation_unfit', { team, err }),
        redraw: links.redraw,
        pageOf: links.pageOf,
        issuer: config.issuer,
        linkTo: links.linkTo,
        removed: (workspace, why) => installed.removed(workspace, why),
      }),
    onCome: links.onCome,
    logger,
    ...(pauses?.followMs === undefined ? {} : { everyMs: pauses.followMs }),
  });
  return installed;
}

function installDoor(
  { config, deps, install, installing }: Several,
  { own, workspaces, installed }: { own: Workspace | undefined; workspaces: Workspaces; installed: Installed },
): InstallDoor {
  const { apiUrl, teamIds } = config;
  const { logger, metrics } = deps;
  return makeInstallDoor({
    ...installing,
    clientId: install.clientId,
    clientSecret: install.clientSecret,
    apiUrl,
    teamIds,
    secure: config.env === 'production',
    fetch: guardedFetch({ apiUrl, timeoutMs: INSTALL_CALL_MS, metrics }),
    isAtWork: (team) => workspaces.of(team) !== undefined,
    isOwn: (team) => own?.team() === team,
    onInstalled: installed.look,
    boltLogger: boltLogger(logger),
    logger,
  });
}

/** For the alarm: an allowed workspace that is `lost` or `absent` gets no messages. */
function count(workspaces: Workspaces, teamIds: readonly string[], metrics: ProgramDeps['metrics']): void {
  const there = workspaces.all();
  const ready = there.filter(({ connection }) => connection.ready()).length;
  metrics.slackWorkspaces.set({ state: 'connected' }, ready);
  metrics.slackWorkspaces.set({ state: 'lost' }, there.length - ready);
  metrics.slackWorkspaces.set({ state: 'absent' }, teamIds.filter((team) => workspaces.of(team) === undefined).length);
}
