/** Who is who: `auth.test`, `users.*`, `usergroups.list`, and the Socket Mode door `apps.connections.open`. */
import { type ApiResult, type Args, done, failed, limitArg, type MethodFamily, page, textArg } from './api-method.ts';
import type { User } from './model.ts';
import type { Parts } from './parts.ts';
import { teamOf, wireGroup, wireUser } from './wire.ts';

export const peopleMethods: MethodFamily = {
  'auth.test': { token: 'bot', scopes: () => [], args: [], run: (parts) => authTest(parts) },
  'users.info': {
    token: 'bot',
    scopes: () => ['users:read'],
    args: ['user'],
    ignored: ['include_locale'],
    run: info,
  },
  'users.lookupByEmail': { token: 'bot', scopes: () => ['users:read.email'], args: ['email'], run: byEmail },
  'users.list': {
    token: 'bot',
    scopes: () => ['users:read'],
    args: ['limit', 'cursor'],
    ignored: ['include_locale', 'team_id'],
    run: list,
  },
  'usergroups.list': {
    token: 'bot',
    scopes: () => ['usergroups:read'],
    args: ['include_users', 'include_count', 'include_disabled'],
    run: (parts) => done({ usergroups: Object.values(parts.store.state.groups).map(wireGroup) }),
  },
  'apps.connections.open': { token: 'app', scopes: () => [], args: [], run: (parts) => connect(parts) },
};

function authTest(parts: Parts): ApiResult {
  const { state } = parts.store;
  const team = state.teams[teamOf(state)];
  return done({
    url: `${parts.origin()}/`,
    team: team?.name,
    user: state.users[state.app.bot_user_id]?.name,
    team_id: team?.id,
    user_id: state.app.bot_user_id,
    bot_id: state.app.bot_id,
    is_enterprise_install: false,
  });
}

function info(parts: Parts, args: Args): ApiResult {
  const user = parts.store.state.users[textArg(args, 'user') ?? ''];
  if (!user || !isVisible(parts, user)) return failed('user_not_found');
  const { state } = parts.store;
  const is_stranger = user.is_stranger && user.team_id !== teamOf(state);
  return done({ user: wireUser(state.app, { ...user, is_stranger }) });
}

/** People of this team, and strangers met in a shared channel. */
export function isVisible(parts: Parts, user: User): boolean {
  return user.team_id === teamOf(parts.store.state) || user.is_stranger;
}

/** Only active members of the own workspace are found by address. */
function byEmail(parts: Parts, args: Args): ApiResult {
  const email = textArg(args, 'email');
  const found = Object.values(parts.store.state.users).find((u) => u.email === email && !u.is_stranger && !u.deleted);
  return email && found ? done({ user: wireUser(parts.store.state.app, found) }) : failed('users_not_found');
}

function list(parts: Parts, args: Args): ApiResult {
  const { app, users } = parts.store.state;
  const { items, next } = page(Object.values(users), args, limitArg(args, 'limit', 1000, 1000));
  return done({ members: items.map((user) => wireUser(app, user)), response_metadata: { next_cursor: next } });
}

/** Refused while the app is installed for HTTP, so that a wrong mode shows at once and not as silence. */
function connect(parts: Parts): ApiResult {
  const { app } = parts.store.state;
  if (app.mode !== 'socket') {
    const messages = ['[ERROR] Socket Mode is off for this app in the local workspace'];
    return failed('access_denied', { response_metadata: { messages } });
  }
  const url = `${parts.origin().replace('http', 'ws')}/socket/?ticket=${parts.sockets.ticket()}&app_id=${app.id}`;
  return done({ url });
}
