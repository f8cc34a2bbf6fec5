/** Owns where the app is installed beside its seed: the codes of the consent page, a token for each team, and whose calls see what. */
import { randomBytes } from 'node:crypto';
import type { InstallElsewhere, WorkspaceState } from './model.ts';
import type { Store } from './store.ts';
import { teamOf } from './wire.ts';

/** What the app knows itself by; without it nothing can be installed. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What somebody agreed to on the consent page. */
export interface Consent {
  readonly user: string;
  readonly team: string;
  readonly scopes: readonly string[];
  /** As it was asked with; absent: the app's only one. */
  readonly redirectUri: string | undefined;
}

export interface Installs {
  /** A code for this consent: 10 minutes, once. */
  codeFor(consent: Consent): string;
  /** What the code stands for; undefined for one that is none, is over or was used. */
  redeem(code: string): Consent | undefined;
  /** Installs the app in a team; where it is installed already its token stays. @returns the bot token */
  install(team: string, scopes: readonly string[]): string;
  /** The team of a token that was given out here. */
  teamOf(token: string): string | undefined;
  /** Whether it still works. */
  isLive(token: string): boolean;
  /** The app is taken out of a team: its token is dead. */
  remove(team: string): void;
  clear(): void;
}

const CODE_MS = 600_000;

/** Installs over the store. Tokens and codes live in memory only. */
export function createInstalls(store: Store): Installs {
  const codes = new Map<string, Consent & { readonly untilMs: number }>();
  const tokens = new Map<string, { readonly team: string; live: boolean }>();

  const liveOf = (team: string): string | undefined =>
    [...tokens].find(([, one]) => one.team === team && one.live)?.[0];

  return {
    codeFor(consent) {
      const code = `${short(consent.team)}.${randomBytes(16).toString('hex')}`;
      codes.set(code, { ...consent, untilMs: store.now() + CODE_MS });
      return code;
    },
    redeem(code) {
      const found = codes.get(code);
      codes.delete(code);
      return found !== undefined && store.now() < found.untilMs ? found : undefined;
    },
    install(team, scopes) {
      const { state } = store;
      if (team === teamOf(state)) Object.assign(state.app, { scopes: [...scopes], token: 'active' });
      else state.app.elsewhere[team] = { ...elsewhere(store, team), scopes: [...scopes], token: 'active' };
      const token = liveOf(team) ?? `xoxb-${short(team)}-${randomBytes(12).toString('hex')}`;
      tokens.set(token, { team, live: true });
      store.changed({ kind: 'app' });
      return token;
    },
    teamOf: (token) => tokens.get(token)?.team,
    isLive: (token) => tokens.get(token)?.live === true,
    remove(team) {
      const installed = store.state.app.elsewhere[team];
      if (installed) installed.token = 'inactive';
      else if (team === teamOf(store.state)) store.state.app.token = 'inactive';
      for (const one of tokens.values()) if (one.team === team) one.live = false;
      store.changed({ kind: 'app' });
    },
    clear() {
      codes.clear();
      tokens.clear();
    },
  };
}

/** The app's bot in another team: made when it is installed there first. */
function elsewhere(store: Store, team: string): Pick<InstallElsewhere, 'bot_id' | 'bot_user_id'> {
  const { app, users } = store.state;
  const known = app.elsewhere[team];
  if (known) return known;
  const [bot_user_id, bot_id] = [`U${short(team)}SALLYPORT`, `B${short(team)}SALLYPORT`];
  const seeded = users[app.bot_user_id];
  if (seeded) users[bot_user_id] = { ...seeded, id: bot_user_id, team_id: team, bot_id };
  return { bot_user_id, bot_id };
}

/** The state as the app's installation in this team sees it: its own bot, scopes and token. */
export function stateOf(state: WorkspaceState, team: string): WorkspaceState {
  const installed = state.app.elsewhere[team];
  return installed === undefined ? state : { ...state, app: { ...state.app, ...installed } };
}

/** A store that shows that state. What is written goes where it always goes. */
export function storeOf(store: Store, team: string): Store {
  return {
    ...store,
    get state() {
      return stateOf(store.state, team);
    },
  };
}

function short(team: string): string {
  return team.replace(/^T/, '');
}
