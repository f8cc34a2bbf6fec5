/** The `conversations.*` methods: direct messages, facts about channels, and what was said. */

import {
  type ApiResult,
  type Args,
  conversationScope,
  done,
  failed,
  flagArg,
  limitArg,
  listArg,
  type MethodFamily,
  missing,
  page,
  textArg,
  visibleChannel,
} from './api-method.ts';
import { isVisible } from './api-people.ts';
import { unsupported } from './content.ts';
import type { Channel, Message } from './model.ts';
import type { Parts } from './parts.ts';
import { directMessage } from './store.ts';
import { wireChannel, wireMessage } from './wire.ts';

const SPAN = ['channel', 'oldest', 'latest', 'inclusive', 'limit', 'cursor', 'include_all_metadata'] as const;

export const conversationMethods: MethodFamily = {
  'conversations.open': {
    token: 'bot',
    scopes: () => ['im:write'],
    args: ['users', 'channel', 'return_im', 'prevent_creation'],
    run: open,
  },
  'conversations.info': {
    token: 'bot',
    scopes: (parts, args) => conversationScope(parts, args, 'read'),
    args: ['channel', 'include_num_members'],
    ignored: ['include_locale'],
    run: info,
  },
  'conversations.members': {
    token: 'bot',
    scopes: (parts, args) => conversationScope(parts, args, 'read'),
    args: ['channel', 'limit', 'cursor'],
    run: members,
  },
  'conversations.history': {
    token: 'bot',
    scopes: (parts, args) => conversationScope(parts, args, 'history'),
    args: SPAN,
    run: history,
  },
  'conversations.replies': {
    token: 'bot',
    scopes: (parts, args) => conversationScope(parts, args, 'history'),
    args: [...SPAN, 'ts'],
    run: replies,
  },
};

function open(parts: Parts, args: Args): ApiResult {
  const { store } = parts;
  const known = visibleChannel(parts, textArg(args, 'channel'));
  if (textArg(args, 'channel')) {
    return known?.kind === 'im' ? opened(parts, args, known, true) : failed('channel_not_found');
  }
  const users = listArg(args, 'users');
  if (users.length > 1) {
    const refused = unsupported(store, 'conversations.open', 'several users');
    return failed(refused.error, { response_metadata: { messages: refused.messages } });
  }
  const user = store.state.users[users[0] ?? ''];
  if (users.length === 0) return failed('users_list_not_supplied');
  if (!user || !isVisible(parts, user)) return failed('user_not_found');
  if (user.deleted) return failed('user_disabled');
  if (user.is_bot) return failed('cannot_dm_bot');
  const before = Object.values(store.state.channels).length;
  const channel = directMessage(store, user.id);
  return opened(parts, args, channel, Object.values(store.state.channels).length === before);
}

function opened(parts: Parts, args: Args, channel: Channel, already: boolean): ApiResult {
  const shown = flagArg(args, 'return_im') ? wireChannel(parts.store.state, channel) : { id: channel.id };
  return done({ ...(already ? { no_op: true, already_open: true } : {}), channel: shown });
}

function info(parts: Parts, args: Args): ApiResult {
  const channel = visibleChannel(parts, textArg(args, 'channel'));
  if (!channel) return failed('channel_not_found');
  const count = flagArg(args, 'include_num_members') ? { num_members: channel.members.length } : {};
  return done({ channel: { ...wireChannel(parts.store.state, channel), ...count } });
}

function members(parts: Parts, args: Args): ApiResult {
  const channel = visibleChannel(parts, textArg(args, 'channel'));
  if (!channel) return failed('channel_not_found');
  const { items, next } = page(channel.members, args, limitArg(args, 'limit', 100, 1000));
  return done({ members: items, response_metadata: { next_cursor: next } });
}

function history(parts: Parts, args: Args): ApiResult {
  const channel = readable(parts, args);
  if ('error' in channel) return failed(channel.error);
  const all = parts.store.state.messages[channel.id] ?? [];
  const top = all.filter((m) => m.thread_ts === undefined || m.thread_ts === m.ts);
  return listing(parts, args, within(top, args).reverse());
}

function replies(parts: Parts, args: Args): ApiResult {
  const channel = readable(parts, args);
  if ('error' in channel) return failed(channel.error);
  const ts = textArg(args, 'ts');
  if (!ts) return missing('ts');
  const all = parts.store.state.messages[channel.id] ?? [];
  const thread = all.filter((m) => m.ts === ts || m.thread_ts === ts);
  if (thread.length === 0) return failed('thread_not_found');
  const [parent, ...rest] = thread;
  return listing(parts, args, [...(parent?.ts === ts ? [parent] : []), ...within(rest, args)]);
}

function listing(parts: Parts, args: Args, messages: readonly Message[]): ApiResult {
  const { items, next } = page(messages, args, limitArg(args, 'limit', 100, 999));
  const metadata = flagArg(args, 'include_all_metadata');
  return done({
    messages: items.map((message) => wireMessage(parts.store.state, message, metadata)),
    has_more: next !== '',
    pin_count: 0,
    response_metadata: { next_cursor: next },
  });
}

/** History is for members only, public channels included. */
function readable(parts: Parts, args: Args): Channel | { error: string } {
  const channel = visibleChannel(parts, textArg(args, 'channel'));
  if (!channel) return { error: 'channel_not_found' };
  return channel.members.includes(parts.store.state.app.bot_user_id) ? channel : { error: 'not_in_channel' };
}

/** Messages between `oldest` and `latest`, the ends only if `inclusive`. */
function within(messages: readonly Message[], args: Args): Message[] {
  const oldest = Number(textArg(args, 'oldest') ?? 0);
  const latest = Number(textArg(args, 'latest') ?? Number.POSITIVE_INFINITY);
  const inclusive = flagArg(args, 'inclusive');
  return messages.filter((m) => {
    const ts = Number(m.ts);
    return inclusive ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  });
}
