/** The control API's calls: each a strict body and what it does with the engine. One table for HTTP and in-process drivers. */
import { z } from 'zod';
import { notSent } from './delivery.ts';
import type { SlackEngine } from './face.ts';
import { WorkspaceRefusal } from './store.ts';

const user = z.string().min(1);
const surface = z.enum(['modal', 'home']).optional();
const flag = z.boolean().optional();
const text = z.string().optional();
const open = z.record(z.string(), z.unknown());

const bodies = {
  command: z.strictObject({ user, channel: text, text: z.string(), force: flag }),
  shortcut: z.strictObject({ user, callback_id: z.string() }),
  'message-shortcut': z.strictObject({ user, callback_id: z.string(), channel: z.string(), ts: z.string() }),
  home: z.strictObject({ user }),
  click: z.strictObject({
    user,
    channel: z.string(),
    ts: z.string(),
    action_id: z.string(),
    block_id: text,
    value: text,
    stale: z.union([z.boolean(), z.int().min(1)]).optional(),
    force: flag,
  }),
  'view-action': z.strictObject({
    user,
    surface,
    view_id: text,
    action_id: z.string(),
    block_id: text,
    value: z.string().nullable().optional(),
    force: flag,
  }),
  suggest: z.strictObject({
    user,
    surface,
    view_id: text,
    action_id: z.string(),
    block_id: text,
    query: z.string().default(''),
  }),
  submit: z.strictObject({
    user,
    values: z.record(z.string(), z.string().nullable()).optional(),
    view_id: text,
    force: flag,
  }),
  close: z.strictObject({ user, all: flag }),
  dismiss: z.strictObject({ user, notice: text, ephemeral: text }),
  event: z.strictObject({ event: open, event_id: text, team: text }),
  uninstall: z.strictObject({ team: z.string() }),
  deliver: z.strictObject({
    kind: z.enum(['command', 'interactive', 'event', 'raw', 'replay']),
    payload: open.optional(),
    raw_body: text,
    delivery: text,
    secret: text,
    skew_seconds: z.number().optional(),
    signature: z.string().nullable().optional(),
    headers: z.record(z.string(), z.string().nullable()).optional(),
    copies: z.int().min(1).max(100).optional(),
  }),
  user: z.strictObject({
    id: user,
    team_id: text,
    name: text,
    real_name: text,
    email: text,
    tz: text,
    deleted: flag,
    is_bot: flag,
    is_restricted: flag,
    is_ultra_restricted: flag,
    is_stranger: flag,
  }),
  group: z.strictObject({ id: z.string(), handle: text, name: text, users: z.array(z.string()).optional() }),
  channel: z.strictObject({
    id: z.string(),
    team_id: text,
    name: text,
    kind: z.enum(['public', 'private']).optional(),
    topic: text,
    members: z.array(z.string()).optional(),
    is_archived: flag,
    is_ext_shared: flag,
  }),
  app: z.strictObject({
    request_url: text,
    mode: z.enum(['http', 'socket']).optional(),
    token: z.enum(['active', 'revoked', 'inactive']).optional(),
    scopes: z.array(z.string()).optional(),
    events: z.array(z.string()).optional(),
    strict_rate: flag,
    org_wide: flag,
  }),
  fault: z.strictObject({
    method: z.string(),
    channel: text,
    kind: z.enum(['429', '500', 'error', 'drop', 'delay', 'after', 'clear']),
    times: z.int().min(1).optional(),
    status: z.int().optional(),
    retry_after: z.int().optional(),
    delay_ms: z.int().optional(),
    error: text,
  }),
  age: z.strictObject({ what: z.enum(['triggers', 'response_urls']), ms: z.number() }),
  socket: z.strictObject({
    action: z.enum(['warning', 'refresh_requested', 'link_disabled', 'too_many_websockets', 'kill', 'list']),
    connection: text,
  }),
  reset: z.strictObject({}),
} as const;

export type ControlName = keyof typeof bodies;
export type ControlBody<N extends ControlName> = z.infer<(typeof bodies)[N]>;

/** Members that are given; so that `undefined` never overwrites. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Given<T>;
}

const CALLS: { [N in ControlName]: (engine: SlackEngine, body: ControlBody<N>) => unknown } = {
  command: (engine, b) =>
    engine.typeCommand(b.user, b.channel ?? usualChannel(engine, b.user), b.text, given({ force: b.force })),
  shortcut: (engine, b) => engine.shortcut(b.user, b.callback_id),
  'message-shortcut': (engine, { user: who, ...on }) => engine.messageShortcut(who, on),
  home: (engine, b) => engine.openHome(b.user),
  click: (engine, { user: who, ...click }) => engine.click(who, given(click)),
  'view-action': (engine, { user: who, ...act }) => engine.viewAction(who, given(act)),
  suggest: (engine, { user: who, ...what }) => engine.suggest(who, given(what)),
  submit: (engine, { user: who, values, ...how }) => engine.submitView(who, values ?? {}, given(how)),
  close: (engine, { user: who, ...how }) => engine.closeView(who, given(how)),
  dismiss: (engine, { user: who, ...what }) => nothingSent(engine.dismiss(who, given(what))),
  event: (engine, b) => engine.sendEvent(b.event, b.event_id, b.team),
  uninstall: (engine, b) => nothingSent(engine.uninstall(b.team)),
  deliver: (engine, b) => engine.deliver(given(b)),
  user: (engine, b) => nothingSent(engine.upsertUser(given(b))),
  group: (engine, b) => nothingSent(engine.upsertGroup(given(b))),
  channel: (engine, b) => nothingSent(engine.upsertChannel(given(b))),
  app: (engine, b) => nothingSent(engine.configure(given(b))),
  fault: (engine, b) => {
    const { kind, ...rest } = b;
    return nothingSent(kind === 'clear' ? engine.clearFaults() : engine.addFault(given({ ...rest, kind })));
  },
  age: (engine, b) => nothingSent(engine.age(b.what, b.ms)),
  socket: (engine, b) => ({
    ...notSent(null),
    sockets: b.action === 'list' ? engine.sockets() : engine.socket(b.action, b.connection),
  }),
  reset: (engine) => nothingSent(engine.reset()),
};

/** Whether the control API has a call of this name. */
export function isControlName(name: string): name is ControlName {
  return Object.hasOwn(bodies, name);
}

/** Runs one call. A body that does not fit is a refusal naming what is wrong. */
export async function control(engine: SlackEngine, name: ControlName, body: unknown): Promise<unknown> {
  const parsed = bodies[name].safeParse(body);
  if (!parsed.success) {
    throw new WorkspaceRefusal(parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; '));
  }
  // The table pairs each name with its own body type; TypeScript cannot follow the pairing through the union.
  const run = CALLS[name] as (engine: SlackEngine, body: unknown) => unknown;
  return run(engine, parsed.data);
}

function nothingSent(_done: unknown) {
  return notSent(null);
}

/** Where a person without a channel in mind types: the direct message with the app. */
function usualChannel(engine: SlackEngine, userId: string): string {
  return engine.seenBy(userId).dms[0]?.channel.id ?? '';
}
