/** Owns messages and ephemerals: posting, updating, deleting, and who wrote what. */
import type { Block } from './blocks.ts';
import type { Ephemeral, Message, MessageMetadata } from './model.ts';
import { BOUNDS, listOf, pushBounded, type Store } from './store.ts';

export interface Draft {
  channel: string;
  text: string;
  blocks?: Block[] | undefined;
  metadata?: MessageMetadata | null | undefined;
  thread_ts?: string | undefined;
}

/** Posts as the app's bot, or as a person when `user` is given. Returns the message with its new ts. */
export function post(store: Store, draft: Draft, user?: string): Message {
  const { app } = store.state;
  const message: Message = {
    ts: store.nextTs(),
    channel: draft.channel,
    user: user ?? app.bot_user_id,
    ...(user ? {} : { bot_id: app.bot_id, app_id: app.id }),
    text: draft.text,
    ...(draft.blocks ? { blocks: draft.blocks } : {}),
    ...(draft.metadata ? { metadata: draft.metadata } : {}),
    ...(draft.thread_ts ? { thread_ts: draft.thread_ts } : {}),
    earlier: [],
  };
  pushBounded(listOf(store.state.messages, draft.channel), message, BOUNDS.messagesPerChannelMax);
  if (draft.thread_ts) countReplies(store, draft.channel, draft.thread_ts);
  announce(store, message);
  return message;
}

/**
 * Replaces what a message shows. `text` without `blocks` drops the blocks, metadata left out stays: Slack's rules.
 * The message object is exchanged, never changed in place, so that readers may keep the old one.
 */
export function update(
  store: Store,
  old: Message,
  change: { text?: string | undefined; blocks?: Block[] | undefined; metadata?: MessageMetadata | null | undefined },
): Message {
  const { blocks: shown, metadata, edited: _, ...rest } = old;
  const blocks = change.blocks ?? (change.text === undefined ? shown : undefined);
  const kept = change.metadata === undefined ? metadata : (change.metadata ?? undefined);
  const message: Message = {
    ...rest,
    text: change.text ?? old.text,
    ...(blocks ? { blocks } : {}),
    ...(kept ? { metadata: kept } : {}),
    ...(blocks ? {} : { edited: { user: old.user, ts: store.nextTs() } }),
    earlier: [...old.earlier, { text: old.text, ...(shown ? { blocks: shown } : {}) }].slice(
      -BOUNDS.earlierVersionsMax,
    ),
  };
  put(store, message);
  return message;
}

/** Exchanges the stored message of the same ts. */
export function put(store: Store, message: Message): void {
  const list = listOf(store.state.messages, message.channel);
  const at = list.findIndex((m) => m.ts === message.ts);
  if (at >= 0) list[at] = message;
  announce(store, message);
}

/** Takes a message away; its replies stay, as in Slack. */
export function remove(store: Store, message: Message): void {
  const list = listOf(store.state.messages, message.channel);
  store.state.messages[message.channel] = list.filter((m) => m.ts !== message.ts);
  if (message.thread_ts) countReplies(store, message.channel, message.thread_ts);
  announce(store, message);
}

/** The message with this ts in this channel. */
export function messageAt(store: Store, channel: string, ts: string): Message | undefined {
  return store.state.messages[channel]?.find((m) => m.ts === ts);
}

/** Shows something to one person only. `user` of the result is the bot unless said. */
export function postEphemeral(store: Store, to: string, draft: Omit<Draft, 'metadata'>, user?: string): Ephemeral {
  const ephemeral: Ephemeral = {
    ts: store.nextTs(),
    channel: draft.channel,
    to,
    user: user ?? store.state.app.bot_user_id,
    text: draft.text,
    ...(draft.blocks ? { blocks: draft.blocks } : {}),
    ...(draft.thread_ts ? { thread_ts: draft.thread_ts } : {}),
  };
  pushBounded(listOf(store.state.ephemerals, to), ephemeral, BOUNDS.ephemeralsPerUserMax);
  store.changed({ kind: 'ephemeral', user: to, channel: draft.channel, ts: ephemeral.ts });
  return ephemeral;
}

/** The ephemeral with this ts shown to this person. */
export function ephemeralAt(store: Store, to: string, ts: string): Ephemeral | undefined {
  return store.state.ephemerals[to]?.find((e) => e.ts === ts);
}

/** Exchanges an ephemeral's content, or takes it away when `draft` is undefined. */
export function changeEphemeral(
  store: Store,
  old: Ephemeral,
  draft?: { text: string; blocks?: Block[] | undefined },
): void {
  const list = listOf(store.state.ephemerals, old.to);
  const { blocks: _, ...rest } = old;
  store.state.ephemerals[old.to] = list.flatMap((e) => {
    if (e.ts !== old.ts) return [e];
    return draft ? [{ ...rest, text: draft.text, ...(draft.blocks ? { blocks: draft.blocks } : {}) }] : [];
  });
  store.changed({ kind: 'ephemeral', user: old.to, channel: old.channel, ts: old.ts });
}

function countReplies(store: Store, channel: string, parentTs: string): void {
  const list = listOf(store.state.messages, channel);
  const at = list.findIndex((m) => m.ts === parentTs);
  const parent = list[at];
  if (!parent) return;
  const replies = list.filter((m) => m.thread_ts === parentTs && m.ts !== parentTs).length;
  list[at] = { ...parent, thread_ts: parentTs, reply_count: replies };
}

function announce(store: Store, message: Message): void {
  const channel = store.state.channels[message.channel];
  const person = channel?.kind === 'im' ? channel.members.find((m) => m !== store.state.app.bot_user_id) : undefined;
  store.changed({ kind: 'message', channel: message.channel, ts: message.ts, ...(person ? { user: person } : {}) });
}
