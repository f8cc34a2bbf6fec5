/**
 * Owns the shapes of everything the local workspace knows: people, channels, messages, views, what went wrong.
 * Members are snake_case because these are Slack's own objects, served as they are to the app and to the control API.
 */
import type { Block, Element, Option, PlainText } from './blocks.ts';

export interface Team {
  id: string;
  name: string;
  domain: string;
}

/** The one installed app. Token and secrets are not here: they are options of the workspace and never stored. */
export interface AppInstall {
  id: string;
  name: string;
  bot_id: string;
  bot_user_id: string;
  scopes: string[];
  token: 'active' | 'revoked' | 'inactive';
  mode: 'http' | 'socket';
  request_url: string;
  commands: { command: string; description: string; usage_hint: string; should_escape: boolean }[];
  /** `message`: offered on each message; else in the lightning menu. */
  shortcuts: { callback_id: string; name: string; description: string; type?: 'global' | 'message' }[];
  /** Event types the app subscribed to; others are not delivered. */
  events: string[];
  /** The same app in other teams, by team id. */
  elsewhere: Record<string, InstallElsewhere>;
  /** Consent is given for a whole organisation. */
  org_wide: boolean;
  /** One message a second and channel enforced on `chat.postMessage` (off by default). */
  strict_rate: boolean;
}

/** The app in a team that is not the seed's. Its token is no part of the state. */
export type InstallElsewhere = Pick<AppInstall, 'bot_id' | 'bot_user_id' | 'scopes' | 'token'>;

export interface User {
  id: string;
  team_id: string;
  /** The handle ("alice"). */
  name: string;
  real_name: string;
  email: string;
  tz: string;
  deleted: boolean;
  is_bot: boolean;
  is_restricted: boolean;
  is_ultra_restricted: boolean;
  is_stranger: boolean;
  /** `users.info` says so for the app's own bot and other bots. */
  bot_id?: string;
  app_id?: string;
}

export interface UserGroup {
  id: string;
  team_id: string;
  handle: string;
  name: string;
  users: string[];
}

export interface Channel {
  id: string;
  team_id: string;
  /** '' for a direct message. */
  name: string;
  kind: 'public' | 'private' | 'im';
  topic: string;
  /** Includes the bot's user id where the bot is in. A direct message has two members: the person and the bot. */
  members: string[];
  is_archived: boolean;
  is_ext_shared: boolean;
}

export interface MessageMetadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

export interface Message {
  ts: string;
  channel: string;
  /** Author: a person, or the bot's user id. */
  user: string;
  bot_id?: string;
  app_id?: string;
  text: string;
  blocks?: Block[];
  metadata?: MessageMetadata;
  /** Set on a reply and on a parent that has replies. */
  thread_ts?: string;
  reply_count?: number;
  edited?: { user: string; ts: string };
  /** Choices made in stateful elements of this message, per person. */
  values?: Record<string, ViewValues>;
  /** What the message was before each update, oldest first, a few only. A "stale" click presses one of these. */
  earlier: { text: string; blocks?: Block[] }[];
}

/** A message only one person sees. Slack keeps none of them; this workspace keeps a few per person. */
export interface Ephemeral {
  ts: string;
  channel: string;
  /** Who sees it. */
  to: string;
  /** Who wrote it: the bot's user id, or `slackbot` for what Slack itself says. */
  user: string;
  text: string;
  blocks?: Block[];
  thread_ts?: string;
}

/** State of one element, exactly as in `view.state.values`. */
export type ElementValue =
  | { type: 'plain_text_input'; value: string | null }
  | { type: 'static_select' | 'external_select' | 'radio_buttons'; selected_option: Option | null }
  | { type: 'checkboxes'; selected_options: Option[] }
  | { type: 'datetimepicker'; selected_date_time: number | null };

/** block_id -> action_id -> state. */
export type ViewValues = Record<string, Record<string, ElementValue>>;

interface ViewCommon {
  id: string;
  user: string;
  blocks: Block[];
  callback_id: string;
  external_id: string;
  private_metadata: string;
  hash: string;
  values: ViewValues;
}

/** One open modal of one person; the last of the person's stack is on top. */
export interface ModalView extends ViewCommon {
  type: 'modal';
  title: PlainText;
  submit: PlainText | null;
  close: PlainText | null;
  clear_on_close: boolean;
  notify_on_close: boolean;
  submit_disabled: boolean;
  previous_view_id: string | null;
  root_view_id: string;
  /** block_id -> sentence: by the app (`response_action: errors`) or by Slack's client (a required field). */
  errors: Record<string, string>;
  /** What Slack says above the buttons when the app did not answer well: "We had some trouble connecting. Try again?" */
  trouble: string | null;
  /** A submission is on its way: the client greys the form. */
  busy: boolean;
}

export interface HomeView extends ViewCommon {
  type: 'home';
}

export type AnyView = ModalView | HomeView;

/** Something Slack itself tells a person: an unknown command, an app that did not answer. */
export interface Notice {
  id: string;
  at: number;
  user: string;
  channel: string | null;
  text: string;
}

export const VIOLATION_KINDS = [
  'ack_over_3s',
  'expired_trigger_id',
  'invalid_blocks',
  'invalid_view',
  'no_text',
  'broadcast_mention',
  'errors_unknown_block',
  'response_url_over_5',
  'too_many_options',
  'not_supported',
] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** The app broke a rule of the platform. Tests end with none they did not expect. */
export interface Violation {
  kind: ViolationKind;
  at: number;
  /** Web API method or delivery kind. */
  where: string;
  detail: string;
}

export interface ResponseUrl {
  id: string;
  user: string;
  channel: string;
  /** Message the click came from; absent for a command. */
  source?: { ts: string; ephemeral: boolean };
  expires_at: number;
  uses: number;
}

/** Everything that survives a restart. */
export interface WorkspaceState {
  version: 1;
  /** Grows with every change; long polls and pages wait on it. */
  seq: number;
  teams: Record<string, Team>;
  app: AppInstall;
  users: Record<string, User>;
  groups: Record<string, UserGroup>;
  channels: Record<string, Channel>;
  /** Oldest first. */
  messages: Record<string, Message[]>;
  ephemerals: Record<string, Ephemeral[]>;
  views: Record<string, ModalView[]>;
  homes: Record<string, HomeView>;
  notices: Record<string, Notice[]>;
  violations: Violation[];
  response_urls: Record<string, ResponseUrl>;
  /** Last message timestamp given out, in microseconds. */
  last_ts_us: number;
}

export type DeliveryKind =
  | 'command'
  | 'block_actions'
  | 'view_submission'
  | 'view_closed'
  | 'block_suggestion'
  | 'shortcut'
  | 'event'
  | 'raw';

/** What was sent to the app and how it answered. Kept in memory, a few hundred. */
export interface Delivery {
  id: string;
  at: number;
  kind: DeliveryKind;
  via: 'http' | 'socket';
  /** Raw body and headers as sent by HTTP: enough to send the very same again. */
  content_type: string;
  body: string;
  headers: Record<string, string>;
  outcome: Outcome | null;
}

/** A Web API call the app made: method and result only, no token. Kept in memory, a few hundred. */
export interface ApiCall {
  at: number;
  method: string;
  channel: string | null;
  ok: boolean;
  error: string | null;
  /** HTTP status; 0 when the answer was withheld. */
  status: number;
}

/** How one user-side action ended. `status` null: nothing was sent, or no answer came. */
export interface Outcome {
  status: number | null;
  /** Milliseconds until the app's answer; null when nothing was sent or no answer came. */
  ack_ms: number | null;
  /** No answer within Slack's 3 seconds. */
  late: boolean;
  /** The app's answer: parsed if JSON, text otherwise, null if none. */
  body: unknown;
  /** What the person sees going wrong, in words; null when all is well. */
  user_error: string | null;
}

export type ChangeKind =
  | 'message'
  | 'ephemeral'
  | 'view'
  | 'home'
  | 'notice'
  | 'violation'
  | 'people'
  | 'channels'
  | 'app'
  | 'delivery'
  | 'api'
  | 'socket'
  | 'reset';

/** One thing changed. `user`: only this person can see it; absent: whoever sees the channel. */
export interface Change {
  seq: number;
  kind: ChangeKind;
  user?: string;
  channel?: string;
  ts?: string;
}

export interface ConversationView {
  channel: Channel;
  /** "#approvals" or the other person's name. */
  title: string;
  /** Top-level messages, oldest first; replies are in `replies` by the parent's ts. */
  messages: Message[];
  replies: Record<string, Message[]>;
  ephemerals: Ephemeral[];
}

/** All that one person sees: the page draws exactly this. */
export interface PersonView {
  me: User;
  team: Team;
  app: AppInstall;
  /** Everybody's names, for mentions and authors. */
  people: Record<string, User>;
  channels: ConversationView[];
  dms: ConversationView[];
  /** Stack of open modals, top last. */
  modals: ModalView[];
  home: HomeView | null;
  notices: Notice[];
}

export type FaultKind = '429' | '500' | 'error' | 'drop' | 'delay' | 'after';

/** A planned failure of the Web API. `method`: a method name, `response_url`, or `*`. */
export interface Fault {
  method: string;
  channel?: string;
  kind: FaultKind;
  /** How many calls it hits (default 1). */
  times?: number;
  /** `500`, `after`: HTTP status to answer instead of 500 / of closing the connection. */
  status?: number;
  /** `429`: seconds (default 1). */
  retry_after?: number;
  /** `delay`: milliseconds (default 1000). */
  delay_ms?: number;
  /** `error`: Slack's error code (default `internal_error`). */
  error?: string;
}

export type SocketAction = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets' | 'kill';

/** One Socket Mode connection of the app. */
export interface SocketInfo {
  id: string;
  opened_at: number;
  delivered: number;
}

/** Where a person presses, chooses or types. */
export interface Located {
  block: Block;
  block_id: string;
  element: Element;
}
