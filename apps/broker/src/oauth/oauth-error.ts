/** Refusal -> OAuth error, exhaustively; and what a fault looks like under /oauth. The public words are here, the cause goes to the log. */
import type { Refusal, RefusalCode, RefusalOf } from '@sallyport/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';

interface OAuthError {
  readonly status?: number;
  readonly error: string;
  readonly description: string;
  readonly members?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
}

type Answers = { readonly [C in RefusalCode]: (refusal: RefusalOf<C>, traceId: string) => OAuthError };

const denied = (description: string): OAuthError => ({ error: 'access_denied', description });
const invalid = (description: string): OAuthError => ({ error: 'invalid_request', description });
/** RFC 8693 section 2.2.2: invalid_request; nothing about why, but an id to find it in the log. */
const tokenRejected = (traceId: string): OAuthError => invalid(`token_rejected, correlation id ${traceId}`);
const waiting = (
  error: string,
  description: string,
  { requestId, intervalSeconds }: { requestId?: string; intervalSeconds: number },
): OAuthError => ({
  error,
  description,
  members: { ...(requestId === undefined ? {} : { request_id: requestId }), interval: intervalSeconds },
});

const ANSWERS: Answers = {
  request_unknown: () => invalid('no such request for this subject and target'),
  request_closed: ({ state }) =>
    state === 'expired' ? { error: 'expired_token', description: 'nobody decided in time' } : denied(state),
  stale_revision: () => invalid('the request has changed'),
  own_request: () => denied('own_request'),
  not_an_approver: () => denied('not_an_approver'),
  already_decided: () => denied('already_decided'),
  step_up_required: () => denied('step_up_required'),
  identity_rejected: (_, traceId) => tokenRejected(traceId),
  policy_forbids: () => denied('no_longer_allowed'),
  nobody_can_approve: () => denied('no_approver'),
  malformed: ({ what }) => invalid(what),
  duration_too_long: () => invalid('requested_duration is too long'),
  justification_too_short: ({ minLength }) => invalid(`reason needs at least ${minLength} characters`),
  target_unknown: () => ({ error: 'invalid_target', description: 'no such target for this subject' }),
  scope_not_covered: () => ({
    error: 'invalid_scope',
    description: 'the scope is unknown here or beyond what was granted',
  }),
  details_not_covered: () => ({
    error: 'invalid_authorization_details',
    description: 'authorization_details are unknown here or beyond what was granted',
  }),
  subject_token_rejected: (_, traceId) => tokenRejected(traceId),
  actor_token_rejected: (_, traceId) => tokenRejected(traceId),
  replayed: (_, traceId) => tokenRejected(traceId),
  proof_rejected: () => ({ error: 'invalid_dpop_proof', description: 'the DPoP proof was not accepted' }),
  proof_required: () => invalid('a DPoP proof is required'),
  nonce_required: ({ nonce }) => ({
    error: 'use_dpop_nonce',
    description: 'the DPoP proof needs the nonce of the DPoP-Nonce header',
    headers: { 'dpop-nonce': nonce },
  }),
  hint_unknown: () => ({ error: 'unknown_user_id', description: 'the hint names nobody here' }),
  hint_expired: () => ({ error: 'expired_login_hint_token', description: 'the time of the hint is over' }),
  binding_message_rejected: () => ({
    error: 'invalid_binding_message',
    description: 'binding_message takes 1 to 64 letters, digits, spaces and . _ # -',
  }),
  client_rejected: ({ usedBasic }) => ({
    error: 'invalid_client',
    description: 'client authentication failed',
    ...(usedBasic ? { status: 401, headers: { 'www-authenticate': 'Basic realm="sallyport"' } } : {}),
  }),
  client_not_allowed: () => ({ error: 'unauthorized_client', description: 'this client may not do that' }),
  grant_type_unknown: () => ({ error: 'unsupported_grant_type', description: 'no such grant type here' }),
  approval_required: () => denied('approval_required'),
  approval_pending: (refusal) => waiting('authorization_pending', 'waiting_for_approval', refusal),
  polled_too_soon: (refusal) => waiting('slow_down', 'polled_too_soon', refusal),
  handle_unknown: () => ({ error: 'invalid_grant', description: 'no such handle' }),
  handle_expired: () => ({ error: 'expired_token', description: 'the handle is over' }),
  grant_ended: ({ how }) => denied(how === 'revoked' ? 'revoked' : 'grant_over'),
  key_reused: () => invalid('the key was used with another body'),
  too_many: ({ retryAfterSeconds }) => ({
    status: 429,
    error: 'slow_down',
    description: 'too many requests',
    headers: { 'retry-after': String(retryAfterSeconds) },
  }),
};

/** RFC 6749 section 5.2: error_description is %x20-21 / %x23-5B / %x5D-7E. */
const FORBIDDEN_CHARACTERS = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

/** Answers a refusal: 400 unless its row, or `statuses` for this endpoint, says otherwise; never cached. */
export function sendRefusal(
  reply: FastifyReply,
  refusal: Refusal,
  logger: BrokerDeps['logger'],
  statuses: Readonly<Record<string, number>> = {},
): FastifyReply {
  const traceId = reply.request.id;
  const answerOf = ANSWERS[refusal.code] as (refusal: Refusal, traceId: string) => OAuthError;
  const { status = 400, error, description, members = {}, headers = {} } = answerOf(refusal, traceId);
  logger.info('oauth.refused', { traceId, code: refusal.code, ...('why' in refusal ? { reason: refusal.why } : {}) });
  return sendOAuth(reply.headers(headers), statuses[error] ?? status, {
    error,
    error_description: description.replaceAll(FORBIDDEN_CHARACTERS, ' '),
    ...members,
  });
}

/** RFC 6749 section 5.1: what is answered here is for the caller, and for now. */
export const noStoreHeaders = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

/** Sends JSON with the headers RFC 6749 section 5.1 asks for. */
export function sendOAuth(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .headers({ ...noStoreHeaders, 'content-type': 'application/json; charset=utf-8' })
    .send(JSON.stringify(body));
}

/** The scope under /oauth: any body as bytes, parsed strictly later; faults as OAuth errors without a cause. */
export function oauthErrors(app: FastifyInstance, deps: BrokerDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500) {
      if (thrown.statusCode === 413) reply.header('connection', 'close');
      return sendOAuth(reply, thrown.statusCode, {
        error: 'invalid_request',
        error_description: 'the request could not be read',
      });
    }
    const outage = deps.isOutage(thrown);
    deps.logger.error(outage ? 'http.outage' : 'http.bug', { traceId: request.id, err: thrown });
    const description = `correlation id ${request.id}`;
    if (!outage) return sendOAuth(reply, 500, { error: 'server_error', error_description: description });
    return sendOAuth(reply.header('retry-after', '1'), 503, {
      error: 'temporarily_unavailable',
      error_description: description,
    });
  });
}

/** What has no route under /oauth. */
export function oauthNotFound(reply: FastifyReply): FastifyReply {
  return sendOAuth(reply, 404, { error: 'invalid_request', error_description: 'no such endpoint' });
}

/** A POST-only endpoint: other methods are 405 with `Allow`. */
export function onlyPost(
  app: FastifyInstance,
  url: string,
  schema: object,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  // The schema documents; the strict form parser validates.
  app.post(
    url,
    { schema, validatorCompiler: () => () => true, serializerCompiler: () => (data) => String(data) },
    handler,
  );
  app.route({
    method: app.supportedMethods.filter((method) => method !== 'POST'),
    url,
    schema: { hide: true },
    handler: async (_request, reply) =>
      sendOAuth(reply.header('allow', 'POST'), 405, { error: 'invalid_request', error_description: 'use POST' }),
  });
}
