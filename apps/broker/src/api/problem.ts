/** Refusal -> problem+json (RFC 9457), exhaustively; and what a fault looks like under /v1. */
import {
  type Attribution,
  firstUnmet,
  formatDuration,
  nameOf,
  type Reason,
  type Refusal,
  type RefusalCode,
  type RefusalOf,
} from '@sallyport/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { BrokerDeps } from '../deps.ts';
import { requestPath } from '../web/paths.ts';
import { knownCaller } from './caller.ts';
import { rfc3339 } from './views.ts';

/** A refusal in plain words, for REST and for pages. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly members?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
}

type Answers = { readonly [C in RefusalCode]: (refusal: RefusalOf<C>) => Problem };

/** What a sign-in lacks that should confirm an approval. */
const STEP_UP_WHY: Readonly<Record<RefusalOf<'step_up_required'>['why'], string>> = {
  no_sign_in: 'It counts only when you confirm it on Sallyport’s own page.',
  for_another: 'Your fresh sign-in was for something else, or this changed meanwhile.',
  not_fresh: 'Your fresh sign-in is older than 5 minutes.',
};

/** How to come in is for the scope to say: see challenge.ts. */
const unauthorized = (title: string, detail?: string): Problem => ({
  status: 401,
  title,
  ...(detail === undefined ? {} : { detail }),
});

const ANSWERS: Answers = {
  request_unknown: () => ({ status: 404, title: 'Not found', detail: 'It does not exist, or it is not yours to see.' }),
  request_closed: ({ state, at, by }) => ({
    status: 409,
    title: `This request is ${state}`,
    detail: `It became ${state} at ${rfc3339(at)}${by === undefined ? '' : ` by ${nameOf(by)}`}. A closed request stays as it is; make a new one.`,
    members: { state, at: rfc3339(at), ...(by === undefined ? {} : { by: nameOf(by) }) },
  }),
  stale_revision: ({ revision }) => ({
    status: 409,
    title: 'This changed since you saw it',
    detail: 'Read the request again and decide on the revision it has now.',
    members: { revision },
  }),
  own_request: () => ({ status: 403, title: "You can't decide your own request" }),
  not_an_approver: () => ({
    status: 403,
    title: "You can't decide this one",
    detail: 'No approval line of this request can be filled by you.',
  }),
  already_decided: () => ({ status: 200, title: 'You already decided this' }),
  step_up_required: ({ requestId, why }) => ({
    status: 403,
    title: 'Approving this needs a fresh sign-in',
    detail: `${STEP_UP_WHY[why]} Open ${requestPath(requestId)} here in a browser, sign in again there, and approve it. Denying needs no fresh sign-in.`,
    members: { page: requestPath(requestId), why },
  }),
  identity_rejected: () => unauthorized('Not a person in force', 'The directory does not know you, or no longer.'),
  policy_forbids: ({ because }) => ({
    status: 403,
    title: 'No rule allows this',
    members: { check: checkOf(because) },
  }),
  nobody_can_approve: () => ({
    status: 422,
    title: 'Nobody can approve this',
    detail:
      'The approval lines of its rule cannot be filled by distinct people other than you. Ask whoever keeps the policy.',
  }),
  malformed: ({ what, path }) => ({
    status: 422,
    title: 'Not understood',
    detail: what,
    ...(path === undefined ? {} : { members: { path } }),
  }),
  duration_too_long: ({ max }) => ({
    status: 422,
    title: `At most ${formatDuration(max)} here`,
    members: { max_seconds: Math.floor(max / 1_000), path: 'duration' },
  }),
  justification_too_short: ({ minLength }) => ({
    status: 422,
    title: 'Say a little more',
    detail: `The justification needs at least ${minLength} characters.`,
    members: { min_length: minLength, path: 'justification' },
  }),
  target_unknown: () => ({ status: 422, title: 'No such resource or role', members: { path: 'resource' } }),
  scope_not_covered: () => ({ status: 422, title: 'These scopes are more than there is', members: { path: 'scopes' } }),
  details_not_covered: () => ({ status: 422, title: 'These authorization_details are unknown here' }),
  subject_token_rejected: () =>
    unauthorized(
      'The bearer token was not accepted',
      'Get a fresh one from your issuer for the audience configured here.',
    ),
  actor_token_rejected: () => unauthorized('The actor token was not accepted'),
  replayed: () => unauthorized('This was used before'),
  proof_required: () => unauthorized('A DPoP proof is required'),
  nonce_required: () => unauthorized('The DPoP proof needs a nonce'),
  hint_unknown: () => ({ status: 422, title: 'The hint names nobody here' }),
  hint_expired: () => ({ status: 422, title: 'The time of the hint is over' }),
  binding_message_rejected: () => ({ status: 422, title: 'This binding message cannot be shown' }),
  proof_rejected: () => unauthorized('The proof was not accepted'),
  client_rejected: () => unauthorized('Client authentication failed'),
  client_not_allowed: () => ({ status: 403, title: 'This client may not do that' }),
  grant_type_unknown: () => ({ status: 403, title: 'No such grant type' }),
  approval_required: () => ({ status: 409, title: 'Nothing was approved yet' }),
  approval_pending: () => ({ status: 200, title: 'Waiting for approval' }),
  polled_too_soon: ({ intervalSeconds }) => ({
    status: 429,
    title: 'Asked too soon',
    headers: { 'retry-after': String(intervalSeconds) },
  }),
  handle_unknown: () => ({ status: 404, title: 'No such handle' }),
  handle_expired: () => ({ status: 409, title: 'The handle is over' }),
  grant_ended: ({ how }) => ({ status: 409, title: 'This access has ended', members: { how } }),
  key_reused: () => ({
    status: 422,
    title: 'This Idempotency-Key came with another body before',
    detail: 'Use a new key for a new request.',
  }),
  too_many: ({ retryAfterSeconds }) => ({
    status: 429,
    title: 'Too many open requests or calls',
    headers: { 'retry-after': String(retryAfterSeconds) },
  }),
};

/** The first thing that does not hold. A workload that is not there looks like one the caller does not own. */
function checkOf(because: Reason): string {
  const check = firstUnmet(because)?.check ?? because.check;
  return check === 'subject_in_force' ? 'requester_may_ask_for_subject' : check;
}

/** What a refusal is called. */
export function problemOf(refusal: Refusal): Problem {
  const answerOf = ANSWERS[refusal.code] as (refusal: Refusal) => Problem;
  return answerOf(refusal);
}

/** Answers a refusal. */
export function sendProblem(reply: FastifyReply, refusal: Refusal, logger: BrokerDeps['logger']): FastifyReply {
  const { status, title, detail, members = {}, headers = {} } = problemOf(refusal);
  logger.info('api.refused', {
    traceId: reply.request.id,
    code: refusal.code,
    ...('why' in refusal ? { reason: refusal.why } : {}),
  });
  return send(reply.headers(headers), status, {
    code: refusal.code,
    title,
    ...(detail === undefined ? {} : { detail }),
    ...members,
  });
}

/** Sends a problem document with the correlation id; never cached. */
function send(
  reply: FastifyReply,
  status: number,
  problem: { readonly code: string; readonly title: string; readonly detail?: string },
): FastifyReply {
  return reply
    .code(status)
    .headers({ 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' })
    .serializer(String)
    .send(JSON.stringify({ type: 'about:blank', status, ...problem, trace_id: reply.request.id }));
}

/** An id that cannot be one: as unknown as any other, and an attempt like any other. */
export async function refuseUnknown(
  deps: BrokerDeps,
  reply: FastifyReply,
  by: Attribution,
  attempted: string,
): Promise<FastifyReply> {
  const refusal: Refusal = { code: 'request_unknown' };
  await deps.ledger.note({ refusal, by, attempted });
  return sendProblem(reply, refusal, deps.logger);
}

/** What has no route. */
export function notFound(reply: FastifyReply): FastifyReply {
  return send(reply, 404, { code: 'not_found', title: 'Not found' });
}

/** What could not be read: too big, ill-formed, of another media type. Says nothing of what was sent. */
export function sendUnreadable(reply: FastifyReply, status: number): FastifyReply {
  if (status === 413) reply.header('connection', 'close');
  return send(reply, status, { code: 'malformed', title: 'The request could not be read' });
}

/** The scope under /v1, and everything that has no route: faults and unreadable requests as problems without a cause. */
export function apiErrors(app: FastifyInstance, deps: BrokerDeps): void {
  app.setErrorHandler(async (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (hasZodFastifySchemaValidationErrors(thrown)) {
      const refusal = malformedOf(thrown.validation);
      await noteMalformed(deps, request, refusal);
      return sendProblem(reply, refusal, deps.logger);
    }
    if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500) {
      await noteMalformed(deps, request, { code: 'malformed', what: 'unreadable' });
      return sendUnreadable(reply, thrown.statusCode);
    }
    const outage = deps.isOutage(thrown);
    deps.logger.error(outage ? 'http.outage' : 'http.bug', { traceId: request.id, err: thrown });
    if (!outage) return send(reply, 500, { code: 'bug', title: 'Something broke on our side' });
    return send(reply.header('retry-after', '1'), 503, {
      code: 'unavailable',
      title: 'Nothing changed. Try again in a moment',
    });
  });
}

/** A command that was not understood is a refused attempt too; a read that was not is nothing. */
async function noteMalformed(deps: BrokerDeps, request: FastifyRequest, refusal: Refusal): Promise<void> {
  const caller = knownCaller(request);
  if (caller === undefined || request.method !== 'POST') return;
  await deps.ledger.note({ refusal, by: caller.by, attempted: 'call' });
}

interface Issue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
}

function malformedOf(issues: readonly Issue[]): Refusal {
  const [first] = issues;
  const path = (first?.instancePath ?? '').replace(/^\//, '').replaceAll('/', '.').slice(0, 100);
  return {
    code: 'malformed',
    what: wordsFor(first),
    ...(path === '' ? {} : { path }),
  };
}

/** The schema's own words, but for the one kind that repeats what was sent. */
function wordsFor(issue: Issue | undefined): string {
  if (issue === undefined) return 'the request does not fit its schema';
  if (issue.keyword === 'unrecognized_keys') return 'it has a member that is not known here';
  return (issue.message ?? 'the request does not fit its schema').slice(0, 300);
}
