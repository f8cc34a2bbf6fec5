/** Serves `/api/*`: decoding, planned faults, tokens and scopes, then the method; keeps a log of calls. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatMethods } from './api-chat.ts';
import { conversationMethods } from './api-conversations.ts';
import { decodeCall } from './api-decode.ts';
import { type ApiResult, type Args, failed, type Method, type MethodFamily, textArg } from './api-method.ts';
import { oauthMethods } from './api-oauth.ts';
import { peopleMethods } from './api-people.ts';
import { viewMethods } from './api-views.ts';
import { unsupported } from './content.ts';
import { sendJson } from './http-io.ts';
import { slackId } from './ids.ts';
import { storeOf } from './installs.ts';
import type { ApiCall, Fault } from './model.ts';
import type { Parts } from './parts.ts';
import { BOUNDS, pushBounded } from './store.ts';

const METHODS: MethodFamily = {
  ...chatMethods,
  ...conversationMethods,
  ...viewMethods,
  ...peopleMethods,
  ...oauthMethods,
};
const STRICT_INTERVAL_MS = 1000;

export interface Tokens {
  bot: string;
  app: string;
}

export interface WebApi {
  /** `method` is the path behind `/api/`. */
  serve(req: IncomingMessage, res: ServerResponse, method: string): Promise<void>;
  calls(): readonly ApiCall[];
  clear(): void;
}

interface Reply {
  status: number;
  result: ApiResult;
  headers?: Record<string, string>;
}

/** The Web API over the parts, for these tokens. */
export function createWebApi(parts: Parts, tokens: Tokens): WebApi {
  let calls: ApiCall[] = [];
  const lastPost = new Map<string, number>();

  const handle = (name: string, args: Args, token: string | undefined): Reply => {
    const method = METHODS[name];
    if (!method) {
      parts.store.violate('not_supported', name, 'unknown method');
      return { status: 200, result: failed('unknown_method', { req_method: name }) };
    }
    const team = token === undefined ? undefined : parts.installs.teamOf(token);
    const seen = team === undefined ? parts : { ...parts, store: storeOf(parts.store, team) };
    const refused = authorize(seen, method, args, token, tokens) ?? unknownArgs(parts, name, method, args);
    if (refused) return { status: 200, result: refused };
    const limited = name === 'chat.postMessage' && tooSoon(parts, args, lastPost);
    if (limited) return rateLimited(1);
    const headers = headersFor(seen, name);
    return { status: 200, result: method.run(seen, args), headers };
  };

  const serve = async (req: IncomingMessage, res: ServerResponse, name: string): Promise<void> => {
    const { args, token, error } = await decodeCall(req);
    const channel = textArg(args, 'channel') ?? textArg(args, 'users') ?? textArg(args, 'user_id');
    const fault = parts.faults.take(name, channel);
    if (fault?.kind === 'delay') await sleep(fault.delay_ms ?? 1000, undefined, { ref: false });
    const planned = fault && plannedReply(fault);
    const reply = planned ?? (error ? { status: 200, result: failed(error) } : handle(name, args, token));
    const withheld = fault?.kind === 'drop' || (fault?.kind === 'after' && fault.status === undefined);
    const status = withheld ? 0 : fault?.kind === 'after' ? (fault.status ?? 500) : reply.status;
    log(name, channel, reply.result, status);
    if (withheld) res.destroy();
    else if (status >= 500) sendJson(res, status, { ok: false, error: 'internal_error' });
    else sendJson(res, status, reply.result, { ...headersFor(parts, name), ...reply.headers });
  };

  const log = (method: string, channel: string | undefined, result: ApiResult, status: number): void => {
    const error = result.ok ? null : result.error;
    const call = { at: parts.store.now(), method, channel: channel ?? null, ok: result.ok, error, status };
    pushBounded(calls, call, BOUNDS.callsMax);
    parts.store.changed({ kind: 'api' });
  };

  return {
    serve,
    calls: () => calls,
    clear() {
      calls = [];
      lastPost.clear();
    },
  };
}

/** The answer of a fault that comes instead of the call; undefined for those that let it happen. */
function plannedReply(fault: Fault): Reply | undefined {
  switch (fault.kind) {
    case '429':
      return rateLimited(fault.retry_after ?? 1);
    case '500':
      return { status: fault.status ?? 500, result: failed('internal_error') };
    case 'error':
      return { status: 200, result: failed(fault.error ?? 'internal_error') };
    case 'drop':
      return { status: 0, result: failed('dropped') };
    case 'delay':
    case 'after':
      return undefined;
  }
}

function rateLimited(seconds: number): Reply {
  return { status: 429, result: failed('ratelimited'), headers: { 'retry-after': String(seconds) } };
}

/** Which token this is, whether it still works, and whether it may. */
function authorize(
  parts: Parts,
  method: Method,
  args: Args,
  token: string | undefined,
  tokens: Tokens,
): ApiResult | undefined {
  const { app } = parts.store.state;
  if (method.token === 'none') return undefined;
  if (!token) return failed('not_authed');
  const given = parts.installs.teamOf(token) !== undefined;
  if (given && !parts.installs.isLive(token)) return failed('account_inactive');
  const kind = token === tokens.bot || given ? 'bot' : token === tokens.app ? 'app' : undefined;
  if (!kind) return failed('invalid_auth');
  if (app.token === 'revoked') return failed('token_revoked');
  if (app.token === 'inactive') return failed('account_inactive');
  if (kind !== method.token) return failed('not_allowed_token_type');
  const needed = method.scopes(parts, args).filter((scope) => !app.scopes.includes(scope));
  if (needed.length === 0) return undefined;
  return failed('missing_scope', { needed: needed.join(','), provided: app.scopes.join(',') });
}

/** An argument Slack may know and this workspace does not follow is refused, not ignored. */
function unknownArgs(parts: Parts, name: string, method: Method, args: Args): ApiResult | undefined {
  const known = [...method.args, ...(method.ignored ?? []), 'token', 'team_id'];
  const unknown = Object.keys(args).filter(
    (arg) => !known.includes(arg) && args[arg] !== undefined && args[arg] !== null,
  );
  if (unknown.length === 0) return undefined;
  const { error, messages } = unsupported(parts.store, name, `argument ${unknown.join(', ')}`);
  return failed(error, { response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) } });
}

function tooSoon(parts: Parts, args: Args, lastPost: Map<string, number>): boolean {
  const channel = textArg(args, 'channel') ?? '';
  const now = parts.store.now();
  const before = lastPost.get(channel);
  if (parts.store.state.app.strict_rate && before !== undefined && now - before < STRICT_INTERVAL_MS) return true;
  lastPost.set(channel, now);
  return false;
}

function headersFor(parts: Parts, name: string): Record<string, string> {
  const { scopes } = parts.store.state.app;
  const accepted = METHODS[name]?.scopes(parts, {}).join(',') ?? '';
  return {
    'x-oauth-scopes': scopes.join(','),
    ...(accepted ? { 'x-accepted-oauth-scopes': accepted } : {}),
    'x-slack-req-id': slackId('R', 16).toLowerCase(),
  };
}
