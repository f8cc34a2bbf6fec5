/** The parameters of a token exchange: from the form to a typed ask. Behind this file no wire name lives on. */
import {
  type Duration,
  err,
  isScope,
  type Json,
  ok,
  type Presented,
  parseDuration,
  parseRequestId,
  type Refusal,
  type RequestId,
  type Result,
  type Scope,
} from '@sallyport/core';
import { parseStrictJson } from '@sallyport/tokens';
import { type Form, param } from './form.ts';
import { TOKEN_TYPE } from './names.ts';

export interface ExchangeParams {
  readonly subjectToken: Presented;
  readonly actorToken?: Presented;
  readonly targets: readonly string[];
  readonly scopes?: readonly Scope[];
  readonly details?: readonly Json[];
  readonly kind: 'access' | 'federation';
  readonly requestId?: RequestId;
  readonly deferred: boolean;
  readonly reason?: string;
  readonly requestedDuration?: Duration;
}

const SCOPES_MAX = 50;
const TARGETS_MAX = 10;
const REASON_LENGTH_MAX = 2_000;

/** Reads RFC 8693 section 2.1, RFC 9396 and our additions. Refusals: malformed, details_not_covered, request_unknown. */
export function readExchangeParams(form: Form): Result<ExchangeParams, Refusal> {
  const subject = readToken(form, 'subject_token');
  if (!subject.ok) return subject;
  if (subject.value === undefined) return malformed('subject_token and subject_token_type are required');
  const actor = readToken(form, 'actor_token');
  if (!actor.ok) return actor;
  const kind = readKind(param(form, 'requested_token_type'));
  if (kind === undefined) return malformed('requested_token_type is not issued here');
  const targets = readTargets(form);
  if (!targets.ok) return targets;
  const rest = readRest(form);
  if (!rest.ok) return rest;
  return ok({
    subjectToken: subject.value,
    ...(actor.value === undefined ? {} : { actorToken: actor.value }),
    targets: targets.value,
    kind,
    ...rest.value,
  });
}

/** A token and its type: both or neither. */
function readToken(form: Form, name: 'subject_token' | 'actor_token'): Result<Presented | undefined, Refusal> {
  const [token, type] = [param(form, name), param(form, `${name}_type`)];
  if (token === undefined && type === undefined) return ok(undefined);
  if (token === undefined || type === undefined) return malformed(`${name} and ${name}_type go together`);
  if (type === TOKEN_TYPE.accessToken) return ok({ from: 'own', token });
  if (type === TOKEN_TYPE.idToken || type === TOKEN_TYPE.jwt) return ok({ from: 'foreign', token });
  return malformed(`${name}_type is not taken here`);
}

function readKind(wanted: string | undefined): ExchangeParams['kind'] | undefined {
  if (wanted === undefined || wanted === TOKEN_TYPE.accessToken) return 'access';
  return wanted === TOKEN_TYPE.jwt ? 'federation' : undefined;
}

/** A JSON array of objects (RFC 9396 section 2); what is in them the resource's schemas say. */
export function readDetails(form: Form): Result<{ readonly details?: readonly Json[] }, Refusal> {
  const text = param(form, 'authorization_details');
  if (text === undefined) return ok({});
  const value = parseStrictJson(text);
  return Array.isArray(value) && value.length > 0 ? ok({ details: value }) : err({ code: 'details_not_covered' });
}

/** Scope, details and what a new request would say. */
function readRest(
  form: Form,
): Result<Omit<ExchangeParams, 'subjectToken' | 'actorToken' | 'targets' | 'kind'>, Refusal> {
  const scopes = readScopes(param(form, 'scope'));
  const details = readDetails(form);
  if (!details.ok) return details;
  const requestId = optional(param(form, 'request_id'), parseRequestId);
  if (requestId === null) return err({ code: 'request_unknown' });
  const wish = readWish(form);
  if (!wish.ok) return wish;
  return ok({
    ...(scopes === undefined ? {} : { scopes }),
    ...details.value,
    ...(requestId === undefined ? {} : { requestId }),
    deferred: (param(form, 'completion_mode') ?? '').split(' ').includes('deferred'),
    ...wish.value,
  });
}

/** Names no resource: what is no target at all is, after the subject was looked at, as unknown as any other. */
const NO_TARGET = '';

/** RFC 8707 section 2: an absolute URI without fragment. Never guessed from scopes. */
export function readTargets(form: Form): Result<readonly string[], Refusal> {
  const resources = form.get('resource') ?? [];
  const targets = [...new Set([...(form.get('audience') ?? []), ...resources])];
  if (targets.length === 0) return malformed('audience or resource is required');
  const sound = resources.every((uri) => URL.canParse(uri) && !uri.includes('#'));
  return ok(sound && targets.length <= TARGETS_MAX ? targets : [NO_TARGET]);
}

/** What is no scope at all becomes the empty wish, which nothing covers: the answer comes in its turn, after subject and target. */
export function readScopes(text: string | undefined): readonly Scope[] | undefined {
  const scopes = text?.split(' ');
  return scopes === undefined || (scopes.length <= SCOPES_MAX && scopes.every(isScope)) ? scopes : [];
}

/** `reason` and `requested_duration` of a new request. */
export function readWish(form: Form): Result<Pick<ExchangeParams, 'reason' | 'requestedDuration'>, Refusal> {
  const requestedDuration = optional(param(form, 'requested_duration'), parseDuration);
  if (requestedDuration === null) return malformed('requested_duration is not a duration like 30m');
  const reason = param(form, 'reason');
  if ((reason?.length ?? 0) > REASON_LENGTH_MAX) return malformed('reason is too long');
  return ok({
    ...(requestedDuration === undefined ? {} : { requestedDuration }),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** Absent: undefined; there but not parsable: null. */
function optional<T>(text: string | undefined, parse: (text: string) => T | undefined): T | undefined | null {
  return text === undefined ? undefined : (parse(text) ?? null);
}

function malformed(what: string): Result<never, Refusal> {
  return err({ code: 'malformed', what });
}
