/** Owns what a fresh workspace contains: the teams, people, channels, group and app installation of the example. */
import type { AppInstall, Channel, User, UserGroup, WorkspaceState } from './model.ts';

export const TEAM = 'T01TEST';
export const OTHER_TEAM = 'T02OTHER';
export const BOT_USER = 'U01SALLYPORT';
export const BOT_ID = 'B01SALLYPORT';
export const APP_ID = 'A01SALLYPORT';
export const APPROVALS = 'C01APPROVALS';

/** The scopes of the app's manifest. */
export const BOT_SCOPES = [
  'commands',
  'chat:write',
  'im:write',
  'users:read',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'im:history',
];

const person = (id: string, real_name: string, more: Partial<User> = {}): User => ({
  id,
  team_id: TEAM,
  name: (real_name.split(' ')[0] ?? id).toLowerCase(),
  real_name,
  email: `${(real_name.split(' ')[0] ?? id).toLowerCase()}@acme.test`,
  tz: 'Etc/UTC',
  deleted: false,
  is_bot: false,
  is_restricted: false,
  is_ultra_restricted: false,
  is_stranger: false,
  ...more,
});

const PEOPLE: User[] = [
  person('U01ALICE', 'Alice Ahn'),
  person('U01BOB', 'Bob Berg'),
  person('U01CAROL', 'Carol Cole'),
  person('U01DAN', 'Dan Dorn'),
  person('U01DAVE', 'Dave Diaz'),
  person('U01GINA', 'Gina Guest', { is_restricted: true }),
  person('U01SOLO', 'Solo Single', { is_restricted: true, is_ultra_restricted: true }),
  person('U01GREG', 'Greg Gone', { deleted: true }),
  person('W01WANDA', 'Wanda W.', { name: 'wanda', email: 'wanda@acme.test' }),
  // Somebody else's company, with an approver's name and address: neither may count for anything.
  person('U02EVE', 'Bob Berg', { team_id: OTHER_TEAM, name: 'bob', is_stranger: true }),
  person(BOT_USER, 'Sallyport', { name: 'sallyport', email: '', is_bot: true, bot_id: BOT_ID, app_id: APP_ID }),
  person('U01BOT', 'Deploy Bot', { name: 'deploybot', email: '', is_bot: true, bot_id: 'B01BOT', app_id: 'A01BOT' }),
];

const channel = (id: string, name: string, members: string[], more: Partial<Channel> = {}): Channel => ({
  id,
  team_id: TEAM,
  name,
  kind: 'public',
  topic: '',
  members,
  is_archived: false,
  is_ext_shared: false,
  ...more,
});

const FULL_MEMBERS = ['U01ALICE', 'U01BOB', 'U01CAROL', 'U01DAN', 'U01DAVE', 'W01WANDA'];

const CHANNELS: Channel[] = [
  channel(APPROVALS, 'approvals', [...FULL_MEMBERS, 'U01GINA', 'U01SOLO', 'U01BOT', BOT_USER], {
    topic: 'Who asks for access, and who said yes',
  }),
  channel('C01GENERAL', 'general', [...FULL_MEMBERS, 'U01GINA'], { topic: 'The Sallyport app is not a member here' }),
  channel('C01PARTNERS', 'partners', ['U01ALICE', 'U01BOB', 'U02EVE', BOT_USER], {
    topic: 'Shared with another company',
    is_ext_shared: true,
  }),
  channel('C01FALLBACK', 'approvals-fallback', ['U01BOB', 'U01CAROL', 'U01DAN', BOT_USER], {
    topic: 'Where requests go when nothing else takes them',
  }),
  channel('C01SECRET', 'secret', ['U01CAROL', 'U01DAN', BOT_USER], { kind: 'private', topic: 'Private' }),
];

const GROUPS: UserGroup[] = [
  { id: 'S01DBA', team_id: TEAM, handle: 'dba', name: 'Database admins', users: ['U01CAROL', 'U01DAN'] },
];

/** The installed app, reached over HTTP at `requestUrl`. */
function appInstall(requestUrl: string): AppInstall {
  return {
    id: APP_ID,
    name: 'Sallyport',
    bot_id: BOT_ID,
    bot_user_id: BOT_USER,
    scopes: [...BOT_SCOPES],
    token: 'active',
    mode: 'http',
    request_url: requestUrl,
    commands: [
      {
        command: '/request-access',
        description: 'Ask for access to a resource',
        usage_hint: '[resource] [duration] | help | list | revoke <id>',
        should_escape: true,
      },
    ],
    shortcuts: [
      { callback_id: 'request_access_shortcut', name: 'Request access', description: 'Ask for access to a resource' },
      {
        callback_id: 'request_access_from_message',
        name: 'Ask for access',
        description: 'Opens the form with a link to this message',
        type: 'message',
      },
    ],
    events: ['app_home_opened', 'app_uninstalled', 'tokens_revoked', 'user_change'],
    strict_rate: false,
    elsewhere: {},
    org_wide: false,
  };
}

/** A new state: everybody there, nothing said yet. */
export function seedState(requestUrl: string): WorkspaceState {
  return {
    version: 1,
    seq: 0,
    teams: {
      [TEAM]: { id: TEAM, name: 'Acme', domain: 'acme-test' },
      [OTHER_TEAM]: { id: OTHER_TEAM, name: 'Other', domain: 'other-test' },
    },
    app: appInstall(requestUrl),
    users: byId(structuredClone(PEOPLE)),
    groups: byId(structuredClone(GROUPS)),
    channels: byId(structuredClone(CHANNELS)),
    messages: {},
    ephemerals: {},
    views: {},
    homes: {},
    notices: {},
    violations: [],
    response_urls: {},
    last_ts_us: 0,
  };
}

function byId<T extends { id: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}
