/** What an administrator of the workspace (or a test) changes: people, groups, channels, the app's installation. */
import type { Events } from './events.ts';
import type { AppInstall, Channel, User, UserGroup } from './model.ts';
import type { Parts } from './parts.ts';
import type { Store } from './store.ts';
import { teamOf, wireUser } from './wire.ts';

/** Adds or changes a person; the app hears `user_change` as from Slack. */
export function upsertUser(parts: Parts, events: Events, change: Partial<User> & { id: string }): User {
  const { state } = parts.store;
  const user = { ...(state.users[change.id] ?? newUser(parts.store, change.id)), ...change };
  state.users[user.id] = user;
  parts.store.changed({ kind: 'people' });
  void events.send({ type: 'user_change', user: wireUser(state.app, user), event_ts: parts.store.nextTs() });
  return user;
}

/** Adds or changes a user group. */
export function upsertGroup(store: Store, change: Partial<UserGroup> & { id: string }): UserGroup {
  const { state } = store;
  const fresh = { team_id: teamOf(state), handle: change.id.toLowerCase(), name: change.id, users: [] };
  const group = { ...(state.groups[change.id] ?? fresh), ...change };
  state.groups[group.id] = group;
  store.changed({ kind: 'people' });
  return group;
}

/** Adds or changes a channel; a new one is public, with the bot as its only member. */
export function upsertChannel(store: Store, change: Partial<Channel> & { id: string }): Channel {
  const { state } = store;
  const fresh: Omit<Channel, 'id'> = {
    team_id: teamOf(state),
    name: change.id.toLowerCase(),
    kind: 'public',
    topic: '',
    members: [state.app.bot_user_id],
    is_archived: false,
    is_ext_shared: false,
  };
  const channel = { ...(state.channels[change.id] ?? fresh), ...change };
  state.channels[channel.id] = channel;
  store.changed({ kind: 'channels', channel: channel.id });
  return channel;
}

/** Changes how the app is installed: request URL, mode, token state, scopes, strict rate. */
export function configureApp(store: Store, change: Partial<AppInstall>): AppInstall {
  Object.assign(store.state.app, change);
  store.changed({ kind: 'app' });
  return store.state.app;
}

function newUser(store: Store, id: string): User {
  return {
    id,
    team_id: teamOf(store.state),
    name: id.toLowerCase(),
    real_name: id,
    email: `${id.toLowerCase()}@acme.test`,
    tz: 'Etc/UTC',
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_stranger: false,
  };
}
