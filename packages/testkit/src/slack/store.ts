/** Holds the state of the workspace, tells listeners what changed, keeps every history bounded. */
import { slackId } from './ids.ts';
import type { Change, Channel, User, ViolationKind, WorkspaceState } from './model.ts';

export const BOUNDS = {
  messagesPerChannelMax: 1000,
  ephemeralsPerUserMax: 50,
  noticesPerUserMax: 20,
  violationsMax: 200,
  responseUrlsMax: 500,
  deliveriesMax: 300,
  callsMax: 500,
  earlierVersionsMax: 5,
} as const;

/** A request the workspace cannot follow, in words for whoever asked: an unknown id, a bad body. */
export class WorkspaceRefusal extends Error {}

export interface Store {
  readonly state: WorkspaceState;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The next message timestamp, unique and growing: `1700000000.123456`. */
  nextTs(): string;
  changed(change: Omit<Change, 'seq'>): void;
  violate(kind: ViolationKind, where: string, detail: string): void;
  /** Slack itself says something to a person. */
  notice(user: string, channel: string | null, text: string): void;
  subscribe(listener: (change: Change) => void): () => void;
  /** Everything anew (reset), keeping listeners and the sequence. */
  replace(state: WorkspaceState): void;
}

/** A store over the state; `now` in milliseconds. */
export function createStore(initial: WorkspaceState, now: () => number): Store {
  let state = initial;
  const listeners = new Set<(change: Change) => void>();

  const changed = (change: Omit<Change, 'seq'>): void => {
    state.seq += 1;
    const whole = { ...change, seq: state.seq };
    for (const listener of [...listeners]) listener(whole);
  };

  return {
    get state() {
      return state;
    },
    now,
    nextTs() {
      state.last_ts_us = Math.max(state.last_ts_us + 1, now() * 1000);
      const us = state.last_ts_us;
      return `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
    },
    changed,
    violate(kind, where, detail) {
      pushBounded(state.violations, { kind, at: now(), where, detail: detail.slice(0, 500) }, BOUNDS.violationsMax);
      changed({ kind: 'violation' });
    },
    notice(user, channel, text) {
      const list = listOf(state.notices, user);
      pushBounded(list, { id: slackId('N'), at: now(), user, channel, text }, BOUNDS.noticesPerUserMax);
      changed({ kind: 'notice', user });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replace(next) {
      next.seq = state.seq;
      next.last_ts_us = state.last_ts_us;
      state = next;
      changed({ kind: 'reset' });
    },
  };
}

/** Adds at the end and drops the oldest beyond `max`. */
export function pushBounded<T>(list: T[], item: T, max: number): void {
  list.push(item);
  if (list.length > max) list.splice(0, list.length - max);
}

/** The list under a key, made if missing. */
export function listOf<T>(record: Record<string, T[]>, key: string): T[] {
  const found = record[key];
  if (found) return found;
  const made: T[] = [];
  record[key] = made;
  return made;
}

/** The person, or a refusal naming the unknown id. */
export function userOf(store: Store, id: string): User {
  const user = store.state.users[id];
  if (!user) throw new WorkspaceRefusal(`there is no user ${id} in this workspace`);
  return user;
}

/** The channel, or a refusal naming the unknown id. */
export function channelOf(store: Store, id: string): Channel {
  const channel = store.state.channels[id];
  if (!channel) throw new WorkspaceRefusal(`there is no channel ${id} in this workspace`);
  return channel;
}

/** The direct message of this person with the app, made on first use. Slack's ids are opaque, ours only look familiar. */
export function directMessage(store: Store, userId: string): Channel {
  const bot = store.state.app.bot_user_id;
  const found = Object.values(store.state.channels).find((c) => c.kind === 'im' && c.members.includes(userId));
  if (found) return found;
  const plainId = `D${userId.slice(1)}`;
  const id = store.state.channels[plainId] ? slackId('D') : plainId;
  const made: Channel = {
    id,
    team_id: userOf(store, userId).team_id,
    name: '',
    kind: 'im',
    topic: '',
    members: [userId, bot],
    is_archived: false,
    is_ext_shared: false,
  };
  store.state.channels[id] = made;
  store.changed({ kind: 'channels', user: userId, channel: id });
  return made;
}

/** Whether this person can read the channel: members; full members of the team also any public channel. */
export function canSee(user: User, channel: Channel): boolean {
  if (channel.members.includes(user.id)) return true;
  return channel.kind === 'public' && user.team_id === channel.team_id && !user.is_restricted && !user.is_bot;
}
