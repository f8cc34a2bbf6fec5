/** The parameters of a token exchange: from the form to a typed ask. Behind this file no wire name lives on. */
import {
  type Duration,
  err,
  isScope,
  ok,
  parseDuration,
  parseRequestId,
  type Refusal,
  type RequestId,
  type Result,
  type Scope,
} from '@sallyport/core';
import { type Form, param } from './form.ts';
import { TOKEN_TYPE } from './names.ts';

export interface ExchangeParams {
  readonly subjectToken: string;
  readonly targets: readonly string[];
  readonly scopes?: readonly Scope[];
  readonly requestId?: RequestId;
  readonly deferred: boolean;
  readonly reason?: string;
  readonly requestedDuration?: Duration;
}

const SCOPES_MAX = 50;
const TARGETS_MAX = 10;
const REASON_LENGTH_MAX = 2_000;

/** Reads RFC 8693 section 2.1 and our additions. Refusals: malformed, details_not_covered, actor_token_rejected. */
export function readExchangeParams(form: Form): Result<ExchangeParams, Refusal> {
  const subject = readSubject(form);
  if (!subject.ok) return subject;
  const refused = refuseWhatIsNotServed(form);
  if (refused !== undefined) return err(refused);
  const targets = readTargets(form);
  if (!targets.ok) return targets;
  const scopes = readScopes(param(form, 'scope'));
  const wish = readWish(form);
  if (!wish.ok) return wish;
  return ok({
    subjectToken: subject.value,
    targets: targets.value,
    ...(scopes === undefined ? {} : { scopes }),
    ...wish.value,
  });
}

function readSubject(form: Form): Result<string, Refusal> {
  const token = param(form, 'subject_token');
  const type = param(form, 'subject_token_type');
  if (token === undefined || type === undefined) return malformed('subject_token and subject_token_type are required');
  if (type !== TOKEN_TYPE.idToken && type !== TOKEN_TYPE.jwt) return malformed('subject_token_type is not taken here');
  return ok(token);
}

/** Refused rather than ignored: serving without them would give less protection, or another token, than was asked for. */
function refuseWhatIsNotServed(form: Form): Refusal | undefined {
  const [actor, actorType] = [param(form, 'actor_token'), param(form, 'actor_token_type')];
  if ((actor === undefined) !== (actorType === undefined)) {
    return { code: 'malformed', what: 'actor_token and actor_token_type go together' };
  }
  if (actor !== undefined)
    return { code: 'actor_token_rejected', why: 'no may_act and no request approved for this pair' };
  if (param(form, 'authorization_details') !== undefined) return { code: 'details_not_covered' };
  const wanted = param(form, 'requested_token_type');
  if (wanted !== undefined && wanted !== TOKEN_TYPE.accessToken) {
    return { code: 'malformed', what: 'requested_token_type is not issued here' };
  }
  return undefined;
}

/** Names no resource: what is no target at all is, after the subject was looked at, as unknown as any other. */
const NO_TARGET = '';

/** RFC 8707 section 2: an absolute URI without fragment. Never guessed from scopes. */
function readTargets(form: Form): Result<readonly string[], Refusal> {
  const resources = form.get('resource') ?? [];
  const targets = [...new Set([...(form.get('audience') ?? []), ...resources])];
  if (targets.length === 0) return malformed('audience or resource is required');
  const sound = resources.every((uri) => URL.canParse(uri) && !uri.includes('#'));
  return ok(sound && targets.length <= TARGETS_MAX ? targets : [NO_TARGET]);
}

/** What is no scope at all becomes the empty wish, which nothing covers: the answer comes in its turn, after subject and target. */
function readScopes(text: string | undefined): readonly Scope[] | undefined {
  const scopes = text?.split(' ');
  return scopes === undefined || (scopes.length <= SCOPES_MAX && scopes.every(isScope)) ? scopes : [];
}

function readWish(
  form: Form,
): Result<Pick<ExchangeParams, 'requestId' | 'deferred' | 'reason' | 'requestedDuration'>, Refusal> {
  const requestId = optional(param(form, 'request_id'), parseRequestId);
  if (requestId === null) return err({ code: 'request_unknown' });
  const requestedDuration = optional(param(form, 'requested_duration'), parseDuration);
  if (requestedDuration === null) return malformed('requested_duration is not a duration like 30m');
  const reason = param(form, 'reason');
  if ((reason?.length ?? 0) > REASON_LENGTH_MAX) return malformed('reason is too long');
  return ok({
    deferred: (param(form, 'completion_mode') ?? '').split(' ').includes('deferred'),
    ...(requestId === undefined ? {} : { requestId }),
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
