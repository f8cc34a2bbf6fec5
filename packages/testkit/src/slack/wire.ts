/** Turns the workspace's objects into what Slack's Web API and payloads call them. */
import type { AnyView, AppInstall, Channel, Message, User, UserGroup, WorkspaceState } from './model.ts';

/** A message as `chat.*` answers, `conversations.history` and payloads show it. Metadata only where asked for. */
export function wireMessage(state: WorkspaceState, message: Message, withMetadata: boolean): Record<string, unknown> {
  const { app } = state;
  const own = message.bot_id === app.bot_id;
  const team = state.channels[message.channel]?.team_id;
  return {
    ...(message.bot_id ? { bot_id: message.bot_id, app_id: message.app_id } : {}),
    type: 'message',
    text: message.text,
    user: message.user,
    ts: message.ts,
    team,
    ...(own
      ? { bot_profile: { id: app.bot_id, app_id: app.id, name: app.name, deleted: false, updated: 0, team_id: team } }
      : {}),
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.edited ? { edited: message.edited } : {}),
    ...(message.thread_ts ? { thread_ts: message.thread_ts } : {}),
    ...(message.reply_count ? { reply_count: message.reply_count } : {}),
    ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
  };
}

/** A view with its state, as `views.*` answers and payloads show it. */
export function wireView(state: WorkspaceState, view: AnyView): Record<string, unknown> {
  const modal = view.type === 'modal' ? view : undefined;
  const team = state.users[view.user]?.team_id;
  return {
    id: view.id,
    team_id: team,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.private_metadata,
    callback_id: view.callback_id,
    state: { values: view.values },
    hash: view.hash,
    title: modal?.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: modal?.clear_on_close ?? false,
    notify_on_close: modal?.notify_on_close ?? false,
    close: modal?.close ?? null,
    submit: modal?.submit ?? null,
    ...(modal ? { submit_disabled: modal.submit_disabled } : {}),
    previous_view_id: modal?.previous_view_id ?? null,
    root_view_id: modal?.root_view_id ?? view.id,
    app_id: state.app.id,
    external_id: view.external_id,
    app_installed_team_id: teamOf(state),
    bot_id: state.app.bot_id,
  };
}

/** `users.info`; the address only with `users:read.email`. */
export function wireUser(app: AppInstall, user: User): Record<string, unknown> {
  const email = app.scopes.includes('users:read.email') && user.email ? { email: user.email } : {};
  return {
    id: user.id,
    team_id: user.team_id,
    name: user.name,
    deleted: user.deleted,
    real_name: user.real_name,
    tz: user.tz,
    tz_label: user.tz,
    tz_offset: 0,
    profile: {
      real_name: user.real_name,
      real_name_normalized: user.real_name,
      display_name: user.real_name,
      display_name_normalized: user.real_name,
      team: user.team_id,
      ...email,
      ...(user.bot_id ? { bot_id: user.bot_id, api_app_id: user.app_id } : {}),
    },
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.is_restricted,
    is_ultra_restricted: user.is_ultra_restricted,
    is_bot: user.is_bot,
    is_app_user: false,
    ...(user.is_stranger ? { is_stranger: true } : {}),
    updated: 0,
  };
}

/** `conversations.info` and `.open`. */
export function wireChannel(state: WorkspaceState, channel: Channel): Record<string, unknown> {
  const common = { id: channel.id, created: 0, is_archived: channel.is_archived, is_ext_shared: channel.is_ext_shared };
  const bot = state.app.bot_user_id;
  if (channel.kind === 'im') {
    return {
      ...common,
      is_im: true,
      is_org_shared: false,
      user: channel.members.find((m) => m !== bot),
      is_open: true,
    };
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: channel.kind === 'private',
    is_general: false,
    is_shared: channel.is_ext_shared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    is_member: channel.members.includes(bot),
    context_team_id: channel.team_id,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** `usergroups.list`. */
export function wireGroup(group: UserGroup): Record<string, unknown> {
  return {
    id: group.id,
    team_id: group.team_id,
    is_usergroup: true,
    is_subteam: true,
    is_external: false,
    name: group.name,
    handle: group.handle,
    description: '',
    date_delete: 0,
    users: group.users,
    user_count: group.users.length,
  };
}

/** The team the app is installed in: that of its bot. */
export function teamOf(state: WorkspaceState): string {
  return state.users[state.app.bot_user_id]?.team_id ?? '';
}
