/** Owns the shape of a Web API method: which token and scopes it wants, which arguments it knows, what it answers. */
import type { Channel } from './model.ts';
import type { Parts } from './parts.ts';
import { teamOf } from './wire.ts';

/** Arguments after decoding: strings from a form, any JSON from a JSON body. */
export type Args = Record<string, unknown>;

export type ApiResult =
  | { ok: true; [member: string]: unknown }
  | { ok: false; error: string; [member: string]: unknown };

export interface Method {
  /** `none`: the app proves itself by its own credentials. */
  token: 'bot' | 'app' | 'none';
  /** Scopes this call needs; all of them. */
  scopes: (parts: Parts, args: Args) => string[];
  /** Arguments it follows. */
  args: readonly string[];
  /** Arguments it accepts and that make no difference here. */
  ignored?: readonly string[];
  run: (parts: Parts, args: Args) => ApiResult;
}

export type MethodFamily = Record<string, Method>;

/** A good answer. */
export const done = (members: Record<string, unknown> = {}): ApiResult => ({ ok: true, ...members });
/** Slack's way to say no: still status 200. */
export const failed = (error: string, members: Record<string, unknown> = {}): ApiResult => ({
  ok: false,
  error,
  ...members,
});

/** An argument as text; undefined if absent or empty. */
export function textArg(args: Args, name: string): string | undefined {
  const value = args[name];
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

/** An argument as a flag: true, "true", "1". */
export function flagArg(args: Args, name: string): boolean {
  return args[name] === true || args[name] === 'true' || args[name] === '1' || args[name] === 1;
}

/** A list given as an array, as JSON, or separated by commas. */
export function listArg(args: Args, name: string): string[] {
  const value = args[name];
  if (Array.isArray(value)) return value.map(String);
  return (textArg(args, name) ?? '').split(',').filter((part) => part !== '');
}

/** A whole number between 1 and `max`, or the default. */
export function limitArg(args: Args, name: string, byDefault: number, max: number): number {
  const value = Number(args[name]);
  return Number.isInteger(value) && value > 0 ? Math.min(value, max) : byDefault;
}

/** `missing required field`, as Slack words it. */
export function missing(name: string): ApiResult {
  return failed('invalid_arguments', { response_metadata: { messages: [`[ERROR] missing required field: ${name}`] } });
}

/** The scope that reading this kind of conversation takes: `channels:read`, `groups:history` … */
export function conversationScope(parts: Parts, args: Args, verb: 'read' | 'history'): string[] {
  const channel = parts.store.state.channels[textArg(args, 'channel') ?? ''];
  const family = { public: 'channels', private: 'groups', im: 'im' } as const;
  return channel ? [`${family[channel.kind]}:${verb}`] : [];
}

/** The channel as far as the bot may know of it: private ones and direct messages only as a member. */
export function visibleChannel(parts: Parts, id: string | undefined): Channel | undefined {
  const channel = id === undefined ? undefined : parts.store.state.channels[id];
  const { state } = parts.store;
  if (channel?.kind === 'public' && channel.team_id === teamOf(state)) return channel;
  return channel?.members.includes(state.app.bot_user_id) ? channel : undefined;
}

/** One page of a list and the cursor of the next (`''` at the end). Cursors are offsets, opaque to the caller. */
export function page<T>(items: readonly T[], args: Args, size: number): { items: T[]; next: string } {
  const given = textArg(args, 'cursor');
  const offset = given === undefined ? 0 : Number(Buffer.from(given, 'base64').toString('utf8').replace('next:', ''));
  const from = Number.isInteger(offset) && offset >= 0 ? offset : 0;
  const more = from + size < items.length;
  const next = more ? Buffer.from(`next:${from + size}`).toString('base64') : '';
  return { items: items.slice(from, from + size), next };
}
