/** Owns the workspaces the app was installed in: follows the table, so that every process has them all, without a restart. */
import { type Logger, randomToken, type Secret, secret } from '@sallyport/platform';
import { openSlackToken } from '@sallyport/tokens/seal';
import { slackFailure } from '../outbound/slack-error.ts';
import type { Workspace } from '../workspace.ts';
import type { Installation, Installing, RemovedWhy } from './installations.ts';

export interface Installed {
  /** By team. */
  workspaces(): ReadonlyMap<string, Workspace>;
  /** Looks now: somebody has just installed or removed it. */
  look(): Promise<void>;
  /** Slack says that the app is not in this workspace any more. */
  removed(workspace: Workspace, why: RemovedWhy): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface InstalledDeps extends Pick<Installing, 'installations' | 'wrapping'> {
  /** Teams that may have it; what is installed elsewhere is left alone. */
  readonly teamIds: readonly string[];
  readonly open: (token: Secret<string>, team: string) => Workspace;
  /** A workspace has come: what waits for it is to be looked at. */
  readonly onCome: () => void;
  readonly logger: Logger;
  readonly everyMs?: number;
}

interface Held {
  readonly version: number;
  /** Absent: its token does not open, which was said. */
  readonly workspace: Workspace | undefined;
}

const EVERY_MS = 5_000;

/** Makes it; `start` begins to look. A table that cannot be read changes nothing. */
export function makeInstalled(deps: InstalledDeps): Installed {
  const { installations, logger, everyMs = EVERY_MS } = deps;
  const held = new Map<string, Held>();
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function lookOnce(): Promise<void> {
    if (stopped) return;
    const live = (await installations.live()).filter(({ team }) => deps.teamIds.includes(team));
    for (const team of [...held.keys()]) if (!live.some((one) => one.team === team)) await drop(team);
    await Promise.all(live.filter((one) => held.get(one.team)?.version !== one.version).map(take));
  }

  async function take(installation: Installation): Promise<void> {
    const { team, version } = installation;
    await drop(team);
    const token = await openSlackToken(deps.wrapping, installation);
    if (token === undefined) {
      held.set(team, { version, workspace: undefined });
      return logger.error('slack.installation_unreadable', { team });
    }
    const workspace = deps.open(secret(token), team);
    held.set(team, { version, workspace });
    logger.info('slack.installation_found', { team, version });
    // One that does not fit says so by `onMisfit`, and is asked again: others go on meanwhile.
    await workspace.connection.start().catch((err: unknown) => logger.error('slack.installation_unfit', { team, err }));
    deps.onCome();
  }

  async function drop(team: string): Promise<void> {
    const before = held.get(team);
    held.delete(team);
    await before?.workspace?.stop();
  }

  /** One at a time: what is asked for meanwhile looks afterwards, at what is then there. */
  function look(): Promise<void> {
    looking = looking.then(lookOnce).catch((err: unknown) => logger.warn('slack.installations_unread', { err }));
    return looking;
  }

  function again(): void {
    if (stopped) return;
    timer = setTimeout(() => void look().finally(again), everyMs);
    timer.unref();
  }

  return {
    workspaces: () =>
      new Map([...held].flatMap(([team, { workspace }]) => (workspace === undefined ? [] : [[team, workspace]]))),
    look,
    async removed(workspace, why) {
      workspace.connection.lost(why);
      const [team, found] = [...held].find(([, one]) => one.workspace === workspace) ?? [];
      // An event may be old news, of an installation before this one: Slack itself is asked.
      if (team === undefined || found === undefined || !(await isDead(workspace))) return;
      logger.error('slack.removed', { team, code: why });
      await installations.end({ team, version: found.version }, why, { door: 'slack', traceId: randomToken(16) });
      await look();
    },
    async start() {
      await look();
      again();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
      for (const team of [...held.keys()]) await drop(team);
    },
  };
}

async function isDead({ clients }: Workspace): Promise<boolean> {
  return clients.background.auth.test().then(
    () => false,
    (thrown: unknown) => slackFailure(thrown).kind === 'dead_token',
  );
}
