/** Gathers all that one person sees, for pages and test drivers. */
import type { Channel, ConversationView, Message, PersonView, WorkspaceState } from './model.ts';
import { canSee, directMessage, type Store, userOf } from './store.ts';

/** The person's conversations, modals, Home and notices. The direct message with the app always exists. */
export function seenBy(store: Store, userId: string): PersonView {
  const { state } = store;
  const me = userOf(store, userId);
  if (!me.is_bot) directMessage(store, userId);
  const visible = Object.values(state.channels).filter((channel) => canSee(me, channel));
  const views = visible.map((channel) => conversation(state, channel, userId));
  return {
    me,
    team: state.teams[me.team_id] ?? { id: me.team_id, name: me.team_id, domain: '' },
    app: state.app,
    people: state.users,
    channels: views.filter((view) => view.channel.kind !== 'im'),
    dms: views.filter((view) => view.channel.kind === 'im'),
    modals: [...(state.views[userId] ?? [])],
    home: state.homes[userId] ?? null,
    notices: [...(state.notices[userId] ?? [])],
  };
}

/** One conversation as this person sees it. */
export function conversation(state: Readonly<WorkspaceState>, channel: Channel, userId: string): ConversationView {
  const all = state.messages[channel.id] ?? [];
  const isReply = (m: Message): boolean => m.thread_ts !== undefined && m.thread_ts !== m.ts;
  const replies: Record<string, Message[]> = {};
  for (const reply of all.filter(isReply)) {
    const parent = reply.thread_ts ?? '';
    replies[parent] = [...(replies[parent] ?? []), reply];
  }
  return {
    channel,
    title: channel.kind === 'im' ? state.app.name : `#${channel.name}`,
    messages: all.filter((m) => !isReply(m)),
    replies,
    ephemerals: (state.ephemerals[userId] ?? []).filter((e) => e.channel === channel.id),
  };
}
