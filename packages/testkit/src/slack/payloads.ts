/** Builds the payloads Slack sends: field by field as the platform sends them, and nothing it does not send. */
import type { Element, Option } from './blocks.ts';
import { slackId } from './ids.ts';
import { stateOf, storeOf } from './installs.ts';
import type { AnyView, Channel, ElementValue, Ephemeral, Located, Message, User } from './model.ts';
import type { Store } from './store.ts';
import { teamOf, wireMessage, wireView } from './wire.ts';

/** The deprecated verification token every payload still carries. Not a secret, and nothing to trust. */
export const VERIFICATION_TOKEN = 'local-workspace-verification';

/** Where a press happened. */
export type Place =
  | { in: 'message'; message: Message; channel: Channel }
  | { in: 'ephemeral'; ephemeral: Ephemeral; channel: Channel }
  | { in: 'view'; view: AnyView };

/** Form fields of a slash command. */
export function commandForm(
  store: Store,
  from: { user: User; channel: Channel; command: string; text: string; triggerId: string; responseUrl: string },
): Record<string, string> {
  const { user, channel } = from;
  const team = store.state.teams[user.team_id];
  return {
    token: VERIFICATION_TOKEN,
    team_id: user.team_id,
    team_domain: team?.domain ?? '',
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: user.name,
    command: from.command,
    text: from.text,
    api_app_id: store.state.app.id,
    is_enterprise_install: 'false',
    response_url: from.responseUrl,
    trigger_id: from.triggerId,
  };
}

/** `block_actions` of one element. */
export function blockActions(
  store: Store,
  from: { user: User; place: Place; at: Located; chosen: Chosen; triggerId: string; responseUrl: string | undefined },
): Record<string, unknown> {
  return {
    type: 'block_actions',
    user: actor(from.user),
    ...common(store),
    container: container(from.place),
    trigger_id: from.triggerId,
    ...team(storeOf(store, from.user.team_id)),
    ...placed(storeOf(store, from.user.team_id), from.place, from.user.id),
    ...(from.responseUrl ? { response_url: from.responseUrl } : {}),
    actions: [action(store, from.at, from.chosen)],
  };
}

/** `block_suggestion`: what an external select asks the app. */
export function blockSuggestion(
  store: Store,
  from: { user: User; place: Place; at: Located; query: string },
): Record<string, unknown> {
  return {
    type: 'block_suggestion',
    user: actor(from.user),
    ...common(store),
    container: container(from.place),
    ...team(storeOf(store, from.user.team_id)),
    ...placed(storeOf(store, from.user.team_id), from.place, from.user.id),
    action_id: from.at.element.action_id ?? '',
    block_id: from.at.block_id,
    value: from.query,
  };
}

/** `view_submission`. */
export function viewSubmission(
  store: Store,
  from: { user: User; view: AnyView; triggerId: string },
): Record<string, unknown> {
  return {
    type: 'view_submission',
    ...team(storeOf(store, from.user.team_id)),
    user: actor(from.user),
    ...common(store),
    trigger_id: from.triggerId,
    view: wireView(stateOf(store.state, from.user.team_id), from.view),
    response_urls: [],
  };
}

/** `view_closed`, sent only where the view asked for it. */
export function viewClosed(
  store: Store,
  from: { user: User; view: AnyView; cleared: boolean },
): Record<string, unknown> {
  return {
    type: 'view_closed',
    ...team(storeOf(store, from.user.team_id)),
    user: actor(from.user),
    ...common(store),
    view: wireView(stateOf(store.state, from.user.team_id), from.view),
    is_cleared: from.cleared,
  };
}

/** A global shortcut. Slack sends no `name` in its user. */
export function globalShortcut(
  store: Store,
  from: { user: User; callbackId: string; triggerId: string },
): Record<string, unknown> {
  const { id, username, team_id } = actor(from.user);
  return {
    type: 'shortcut',
    token: VERIFICATION_TOKEN,
    action_ts: store.nextTs(),
    ...team(storeOf(store, from.user.team_id)),
    user: { id, username, team_id },
    callback_id: from.callbackId,
    trigger_id: from.triggerId,
  };
}

/** A shortcut on a message: the whole message comes along. */
export function messageShortcut(
  store: Store,
  from: {
    user: User;
    channel: Channel;
    message: Message;
    callbackId: string;
    triggerId: string;
    responseUrl: string;
  },
): Record<string, unknown> {
  return {
    type: 'message_action',
    token: VERIFICATION_TOKEN,
    action_ts: store.nextTs(),
    ...team(storeOf(store, from.user.team_id)),
    user: actor(from.user),
    channel: { id: from.channel.id, name: channelName(from.channel) },
    callback_id: from.callbackId,
    trigger_id: from.triggerId,
    response_url: from.responseUrl,
    message_ts: from.message.ts,
    message: wireMessage(store.state, from.message, true),
  };
}

/** The envelope of an event. */
export function eventEnvelope(store: Store, event: Record<string, unknown>, eventId?: string): Record<string, unknown> {
  const { app } = store.state;
  const teamId = teamOf(store.state);
  return {
    token: VERIFICATION_TOKEN,
    team_id: teamId,
    context_team_id: teamId,
    context_enterprise_id: null,
    api_app_id: app.id,
    event,
    type: 'event_callback',
    event_id: eventId ?? slackId('Ev'),
    event_time: Math.floor(store.now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: teamId, user_id: app.bot_user_id, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: slackId('EC', 20),
  };
}

/** What was pressed: a button's own value, an option of a menu, or the new state of a stateful element. */
export type Chosen = { kind: 'button' } | { kind: 'menu'; option: Option } | { kind: 'state'; value: ElementValue };

function action(store: Store, at: Located, chosen: Chosen): Record<string, unknown> {
  const { element } = at;
  return {
    type: element.type,
    action_id: element.action_id ?? '',
    block_id: at.block_id,
    ...describe(element),
    ...selected(chosen),
    action_ts: store.nextTs(),
  };
}

function describe(element: Element): Record<string, unknown> {
  switch (element.type) {
    case 'button': {
      const { text, value, style, url } = element;
      return { text, ...(value === undefined ? {} : { value }), ...(style ? { style } : {}), ...(url ? { url } : {}) };
    }
    case 'static_select':
    case 'external_select':
      return {
        ...(element.initial_option ? { initial_option: element.initial_option } : {}),
        ...(element.placeholder ? { placeholder: element.placeholder } : {}),
      };
    default:
      return {};
  }
}

function selected(chosen: Chosen): Record<string, unknown> {
  if (chosen.kind === 'button') return {};
  if (chosen.kind === 'menu') return { selected_option: chosen.option };
  const { type: _, ...state } = chosen.value;
  return state;
}

function container(place: Place): Record<string, unknown> {
  if (place.in === 'view') return { type: 'view', view_id: place.view.id };
  const at = place.in === 'message' ? place.message : place.ephemeral;
  return {
    type: 'message',
    message_ts: at.ts,
    channel_id: place.channel.id,
    is_ephemeral: place.in === 'ephemeral',
    ...(at.thread_ts ? { thread_ts: at.thread_ts } : {}),
  };
}

/** `view`, or `channel`, `message` (not for ephemerals) and `state`. */
function placed(store: Store, place: Place, user: string): Record<string, unknown> {
  if (place.in === 'view') return { view: wireView(store.state, place.view) };
  const channel = { id: place.channel.id, name: channelName(place.channel) };
  if (place.in === 'ephemeral') return { channel, state: { values: {} } };
  const message = wireMessage(store.state, place.message, true);
  return { channel, message, state: { values: place.message.values?.[user] ?? {} } };
}

function common(store: Store): Record<string, unknown> {
  return { api_app_id: store.state.app.id, token: VERIFICATION_TOKEN };
}

function team(store: Store): Record<string, unknown> {
  const id = teamOf(store.state);
  return { team: { id, domain: store.state.teams[id]?.domain ?? '' }, enterprise: null, is_enterprise_install: false };
}

function actor(user: User) {
  return { id: user.id, username: user.name, name: user.name, team_id: user.team_id };
}

function channelName(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage';
  return channel.kind === 'private' ? 'privategroup' : channel.name;
}
