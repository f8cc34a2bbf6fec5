/** The `chat.*` methods: posting, updating and deleting what the app says. */
import {
  type ApiResult,
  type Args,
  done,
  failed,
  flagArg,
  type MethodFamily,
  missing,
  textArg,
  visibleChannel,
} from './api-method.ts';
import { isVisible } from './api-people.ts';
import { type Content, checkContent, unsupported } from './content.ts';
import { checkMetadata } from './limits.ts';
import { messageAt, post, postEphemeral, remove, update } from './messages.ts';
import type { Channel, Message, MessageMetadata } from './model.ts';
import type { Parts } from './parts.ts';
import { directMessage } from './store.ts';
import { wireMessage } from './wire.ts';

const SAID = ['channel', 'text', 'blocks', 'metadata', 'attachments', 'parse', 'link_names'] as const;
const NO_DIFFERENCE = ['mrkdwn', 'unfurl_links', 'unfurl_media', 'as_user'] as const;
const writing = () => ['chat:write'];

export const chatMethods: MethodFamily = {
  'chat.postMessage': {
    token: 'bot',
    scopes: writing,
    args: [...SAID, 'thread_ts', 'reply_broadcast'],
    ignored: NO_DIFFERENCE,
    run: postMessage,
  },
  'chat.update': {
    token: 'bot',
    scopes: writing,
    args: [...SAID, 'ts', 'reply_broadcast'],
    ignored: NO_DIFFERENCE,
    run: updateMessage,
  },
  'chat.delete': { token: 'bot', scopes: writing, args: ['channel', 'ts'], ignored: ['as_user'], run: deleteMessage },
  'chat.postEphemeral': {
    token: 'bot',
    scopes: writing,
    args: [...SAID.filter((name) => name !== 'metadata'), 'user', 'thread_ts'],
    ignored: NO_DIFFERENCE,
    run: ephemeral,
  },
  'chat.getPermalink': { token: 'bot', scopes: () => [], args: ['channel', 'message_ts'], run: permalink },
};

function postMessage(parts: Parts, args: Args): ApiResult {
  const { store } = parts;
  const channel = destination(parts, textArg(args, 'channel'));
  if ('error' in channel) return failed(channel.error);
  const said = contentOf(parts, 'chat.postMessage', args);
  if (!said.ok) return said.refusal;
  if (flagArg(args, 'reply_broadcast')) return notSupported(parts, 'chat.postMessage', 'reply_broadcast');
  const thread = textArg(args, 'thread_ts');
  if (thread && !messageAt(store, channel.id, thread)) return failed('thread_not_found');
  const message = post(store, {
    channel: channel.id,
    text: said.text ?? '',
    blocks: said.blocks,
    metadata: said.metadata,
    thread_ts: thread,
  });
  return done({ channel: channel.id, ts: message.ts, message: wireMessage(store.state, message, true) });
}

function updateMessage(parts: Parts, args: Args): ApiResult {
  const { store } = parts;
  const found = ownMessage(parts, args, 'ts', 'cant_update_message');
  if ('error' in found) return failed(found.error);
  if (found.channel.is_archived) return failed('is_inactive');
  const said = contentOf(parts, 'chat.update', args);
  if (!said.ok) return said.refusal;
  const message = update(store, found.message, { text: said.text, blocks: said.blocks, metadata: said.metadata });
  const { channel, ts, text } = message;
  return done({ channel, ts, text, message: wireMessage(store.state, message, true) });
}

function deleteMessage(parts: Parts, args: Args): ApiResult {
  const found = ownMessage(parts, args, 'ts', 'cant_delete_message');
  if ('error' in found) return failed(found.error);
  remove(parts.store, found.message);
  return done({ channel: found.channel.id, ts: found.message.ts });
}

function ephemeral(parts: Parts, args: Args): ApiResult {
  const to = textArg(args, 'user');
  if (!to) return missing('user');
  const channel = destination(parts, textArg(args, 'channel'));
  if ('error' in channel) return failed(channel.error);
  if (!channel.members.includes(to)) return failed('user_not_in_channel');
  const said = contentOf(parts, 'chat.postEphemeral', args);
  if (!said.ok) return said.refusal;
  const draft = {
    channel: channel.id,
    text: said.text ?? '',
    blocks: said.blocks,
    thread_ts: textArg(args, 'thread_ts'),
  };
  return done({ message_ts: postEphemeral(parts.store, to, draft).ts });
}

function permalink(parts: Parts, args: Args): ApiResult {
  const channel = visibleChannel(parts, textArg(args, 'channel'));
  if (!channel) return failed('channel_not_found');
  const message = messageAt(parts.store, channel.id, textArg(args, 'message_ts') ?? '');
  if (!message) return failed('message_not_found');
  const reply = message.thread_ts && message.thread_ts !== message.ts;
  const query = reply ? `?thread_ts=${message.thread_ts}&cid=${channel.id}` : '';
  const link = `${parts.origin()}/archives/${channel.id}/p${message.ts.replace('.', '')}${query}`;
  return done({ channel: channel.id, permalink: link });
}

type Said = { ok: true; metadata: MessageMetadata | null | undefined } & Content;

function contentOf(parts: Parts, method: string, args: Args): Said | { ok: false; refusal: ApiResult } {
  const content = checkContent(parts.store, method, args);
  if (!content.ok) return { ok: false, refusal: refusal(content) };
  const metadata = checkMetadata(args.metadata);
  if (!metadata.ok) return { ok: false, refusal: failed(metadata.messages[0] ?? 'invalid_metadata_format') };
  return { ok: true, text: content.text, blocks: content.blocks, metadata: metadata.value };
}

function refusal(content: { error: string; messages: string[] }): ApiResult {
  const { error, messages } = content;
  if (messages.length === 0) return failed(error);
  const lines = messages.map((message) => `[ERROR] ${message}`);
  return failed(error, { errors: messages, response_metadata: { messages: lines } });
}

function notSupported(parts: Parts, method: string, what: string): ApiResult {
  return refusal(unsupported(parts.store, method, what));
}

/** Where the bot may post: member channels, any public one with `chat:write.public`, or a person's direct message. */
function destination(parts: Parts, id: string | undefined): Channel | { error: string } {
  const { store } = parts;
  const { app, users } = store.state;
  const person = id === undefined ? undefined : users[id];
  if (person) {
    if (person.deleted || person.is_bot || !isVisible(parts, person)) return { error: 'channel_not_found' };
    return directMessage(store, person.id);
  }
  const channel = visibleChannel(parts, id);
  if (!channel) return { error: 'channel_not_found' };
  if (channel.kind === 'im' && channel.members.some((m) => users[m]?.deleted)) return { error: 'channel_not_found' };
  if (channel.is_archived) return { error: 'is_archived' };
  const open = channel.kind === 'public' && app.scopes.includes('chat:write.public');
  return channel.members.includes(app.bot_user_id) || open ? channel : { error: 'not_in_channel' };
}

/** A message of the bot's own. Channel ids only: a person's id is no channel here. */
function ownMessage(
  parts: Parts,
  args: Args,
  tsName: string,
  notMine: string,
): { message: Message; channel: Channel } | { error: string } {
  const channel = visibleChannel(parts, textArg(args, 'channel'));
  if (!channel) return { error: 'channel_not_found' };
  const message = messageAt(parts.store, channel.id, textArg(args, tsName) ?? '');
  if (!message) return { error: 'message_not_found' };
  return message.bot_id === parts.store.state.app.bot_id ? { message, channel } : { error: notMine };
}
