/** Owns which workspace a message goes to and a delivery comes from: the one of the bot token, or several. */
import type { Workspace } from './workspace.ts';

export interface Workspaces {
  /** Every one there is, the bot token's first. */
  all(): readonly Workspace[];
  /** The one of this team; without a team the one that is meant where none is named. Undefined: there is none. */
  of(team: string | undefined): Workspace | undefined;
  /** Teams whose members may act and be written to. */
  allowed(): ReadonlySet<string>;
  /** What /readyz says. */
  check(): Promise<true | string>;
}

/** Whether any of them can be spoken to. */
export function anyReady(workspaces: Workspaces): boolean {
  return workspaces.all().some(({ connection }) => connection.ready());
}

/** The workspace of the bot token is the only one: everything goes there, whichever of the allowed teams it is for. */
export function loneWorkspace(workspace: Workspace): Workspaces {
  return {
    all: () => [workspace],
    of: () => workspace,
    allowed: workspace.connection.teams,
    check: workspace.connection.check,
  };
}

async function named({ team, connection }: Workspace): Promise<true | string> {
  const said = await connection.check();
  return said === true ? true : `${team() ?? 'the bot token'}: ${said}`;
}

export interface SeveralOptions {
  /** The bot token's; it wins for its team. */
  readonly own: Workspace | undefined;
  /** Those the app was installed in, by team. */
  readonly installed: () => ReadonlyMap<string, Workspace>;
  readonly teamIds: readonly string[];
}

/** Several workspaces, each with its own token; what names no team goes to the bot token's, else to the only one. */
export function severalWorkspaces({ own, installed, teamIds }: SeveralOptions): Workspaces {
  const allowed = new Set(teamIds);
  const all = (): readonly Workspace[] => {
    const ownTeam = own?.team();
    const others = [...installed()].filter(([team]) => team !== ownTeam).map(([, workspace]) => workspace);
    return own === undefined ? others : [own, ...others];
  };
  const byDefault = (): Workspace | undefined => {
    const there = all();
    return own ?? (there.length === 1 ? there[0] : undefined);
  };
  return {
    all,
    of: (team) => {
      if (team === undefined) return byDefault();
      return own?.team() === team ? own : installed().get(team);
    },
    allowed: () => allowed,
    async check() {
      const said = await Promise.all(all().map(named));
      if (said.includes(true)) return true;
      return said.length === 0 ? 'installed in no workspace: open /slack/install' : said.join('; ');
    },
  };
}
