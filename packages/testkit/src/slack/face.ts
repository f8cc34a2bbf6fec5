/** Owns the engine's public interface: what a page, the control API and a test driver can do with the workspace. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Option } from './blocks.ts';
import type {
  ApiCall,
  AppInstall,
  Change,
  Channel,
  Delivery,
  Fault,
  Outcome,
  PersonView,
  SocketAction,
  SocketInfo,
  User,
  UserGroup,
  Violation,
  WorkspaceState,
} from './model.ts';

/** A press on a message or on an ephemeral. */
export interface Click {
  channel: string;
  ts: string;
  action_id: string;
  block_id?: string;
  /** Picks among several elements of the same action_id by their value; for a select, the option to choose. */
  value?: string;
  /** Press the button of an earlier version of the message: true = the version before this one, n = n versions back. */
  stale?: boolean | number;
  /** Send it although Slack's own client would not let this person (not a member, deactivated, a bot). */
  force?: boolean;
}

/** A press, choice or keystroke in a modal or on the Home tab. */
export interface ViewAct {
  /** Default `modal`: the top of the person's stack. */
  surface?: 'modal' | 'home';
  view_id?: string;
  action_id: string;
  block_id?: string;
  /** Option value, text of an input, or for checkboxes the values joined by commas. Null clears. */
  value?: string | null;
  /** Choose an option although it is not offered. */
  force?: boolean;
}

export interface Suggest {
  surface?: 'modal' | 'home';
  view_id?: string;
  action_id: string;
  block_id?: string;
  query: string;
}

export interface SubmitHow {
  view_id?: string;
  /** Skip what Slack's client checks; allows another person's view, a closed one, and an option that is not offered. */
  force?: boolean;
}

/** A suggestion round trip: the outcome and what the person is offered. */
export interface Suggested extends Outcome {
  options: Option[];
}

/** A forged or repeated delivery, for tests of the app's door. */
export interface Forged {
  /** `replay`: the very bytes and headers of a kept delivery again (`delivery`, default the newest interaction). */
  kind: 'command' | 'interactive' | 'event' | 'raw' | 'replay';
  payload?: Record<string, unknown>;
  raw_body?: string;
  delivery?: string;
  secret?: string;
  skew_seconds?: number;
  /** Literal signature header; null: none. */
  signature?: string | null;
  /** Added or replaced; null removes one. */
  headers?: Record<string, string | null>;
  copies?: number;
}

export interface ForgedOutcome extends Outcome {
  /** One per copy. */
  all: Outcome[];
}

export interface SlackEngine {
  /** The app's Web API base, e.g. `http://127.0.0.1:8083/api/`. Set once the server listens. */
  readonly apiUrl: string;
  /** Live state: read it, never write it. */
  readonly state: Readonly<WorkspaceState>;
  /** All that this person sees, ready to draw. Throws for an unknown id. */
  seenBy(user: string): PersonView;
  deliveries(): readonly Delivery[];
  calls(): readonly ApiCall[];
  sockets(): readonly SocketInfo[];
  /** Called after each change, synchronously. Returns the way to stop. */
  subscribe(listener: (change: Change) => void): () => void;

  // What a person does. Each resolves when the app has answered, or Slack has given up on it.
  /** A line in the composer: a slash command goes to the app, anything else is posted as a message. */
  typeCommand(user: string, channel: string, text: string, how?: { force?: boolean }): Promise<Outcome>;
  click(user: string, click: Click): Promise<Outcome>;
  /** Changes a value and, where the element dispatches (buttons, `dispatch_action`), sends `block_actions`. */
  viewAction(user: string, act: ViewAct): Promise<Outcome>;
  /** What an `external_select` offers for a query (`block_suggestion`). */
  suggest(user: string, what: Suggest): Promise<Suggested>;
  /** Fills (block_id -> value) and submits the top modal. */
  submitView(user: string, values?: Record<string, string | null>, how?: SubmitHow): Promise<Outcome>;
  /** Closes the top modal, or with `all` the whole stack. */
  closeView(user: string, how?: { all?: boolean }): Promise<Outcome>;
  openHome(user: string): Promise<Outcome>;
  shortcut(user: string, callback_id: string): Promise<Outcome>;
  /** A shortcut on a message. */
  messageShortcut(user: string, on: { callback_id: string; channel: string; ts: string }): Promise<Outcome>;
  /** The person has read a notice, or an ephemeral ("Dismiss message"). */
  dismiss(user: string, what: { notice?: string; ephemeral?: string }): void;

  // What a test, or an administrator of the workspace, does.
  /** `team`: whose installation hears it; the seed's unless said. */
  sendEvent(event: Record<string, unknown>, event_id?: string, team?: string): Promise<Outcome>;
  /** An administrator of this team takes the app out: its token is dead. The event is sent by `sendEvent`. */
  uninstall(team: string): void;
  deliver(forged: Forged): Promise<ForgedOutcome>;
  upsertUser(user: Partial<User> & { id: string }): User;
  upsertGroup(group: Partial<UserGroup> & { id: string }): UserGroup;
  upsertChannel(channel: Partial<Channel> & { id: string }): Channel;
  /** Where and how the app is reached, what its token may do. */
  configure(change: Partial<AppInstall>): AppInstall;
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Faults still to come, with how many calls each will hit. */
  faults(): readonly Fault[];
  /** Makes triggers or response URLs older. */
  age(what: 'triggers' | 'response_urls', ms: number): void;
  socket(action: SocketAction, connection?: string): SocketInfo[];
  violations(): readonly Violation[];
  /** Back to the seed: people, channels and app as at first, all messages and views gone. */
  reset(): void;

  // The wire.
  /** Serves /api/*, /response/*, /control/*, /oauth/* (and refuses foreign Host or Origin); false: not one of its paths. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  /** Serves the WebSocket at /socket; false: not its path. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Writes what is not saved yet, stops retries, closes sockets. */
  close(): Promise<void>;
}
