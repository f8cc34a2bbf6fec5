/** POST /oauth/token: the shared duties, once, in the order the refusals are promised; a grant type adds only its difference. */
import {
  err,
  type Issued,
  ok,
  type Refusal,
  type Result,
  scopeText,
  type TokenFacts,
  type Waiting,
} from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { ANY_CLIENT, callingClient } from './calling-client.ts';
import { param, parseForm } from './form.ts';
import type { GrantType } from './grants/grant-type.ts';
import { backchannel, deferred, device } from './grants/polling.ts';
import { tokenExchange } from './grants/token-exchange.ts';
import { TOKEN_TYPE } from './names.ts';
import { onlyPost, sendOAuth, sendRefusal } from './oauth-error.ts';
import { provenKey } from './proof.ts';
import { tokenSchema } from './schemas.ts';

const GRANT_TYPES: readonly GrantType[] = [tokenExchange, deferred, backchannel, device];
const PATH = '/oauth/token';

/** Registers the token endpoint. */
export function tokenRoute(app: FastifyInstance, deps: BrokerDeps): void {
  onlyPost(app, PATH, tokenSchema, async (request, reply) => {
    const stop = deps.metrics.exchangeSeconds.startTimer();
    const answer = await answerTokenRequest(deps, request);
    stop();
    deps.metrics.exchangesTotal.inc({ result: resultLabel(answer) });
    if (!answer.ok) return sendRefusal(reply, answer.error, deps.logger);
    return answer.value.kind === 'issued' ? sendToken(deps, reply, answer.value) : sendWaiting(reply, answer.value);
  });
}

async function answerTokenRequest(
  deps: BrokerDeps,
  request: FastifyRequest,
): Promise<Result<Issued | Waiting, Refusal>> {
  const form = parseForm(request.headers['content-type'], request.body);
  if (!form.ok) return form;
  const grantType = grantTypeOf(param(form.value, 'grant_type'));
  if (!grantType.ok) return grantType;
  const calling = await callingClient(deps, request, form.value, ANY_CLIENT, 'exchange');
  if (!calling.ok) return calling;
  const { client, by } = calling.value;
  if (!client.grantTypes.includes(grantType.value.inPolicy)) {
    await deps.ledger.note({ refusal: { code: 'client_not_allowed' }, by, attempted: 'exchange' });
    return err({ code: 'client_not_allowed' });
  }
  const jkt = await keyOfCall(deps, request, client.requireDpop);
  if (jkt.ok) return grantType.value.handle(deps, { client, form: form.value, by, ...jkt.value, request });
  await deps.ledger.note({ refusal: jkt.error, by, attempted: 'exchange' });
  return jkt;
}

async function keyOfCall(
  deps: BrokerDeps,
  request: FastifyRequest,
  required: boolean,
): Promise<Result<{ readonly jkt?: string }, Refusal>> {
  const proven = await provenKey(deps, request, PATH);
  if (!proven.ok) return proven;
  if (proven.value === undefined) return required ? err({ code: 'proof_required' }) : ok({});
  return ok({ jkt: proven.value });
}

function grantTypeOf(name: string | undefined): Result<GrantType, Refusal> {
  if (name === undefined) return err({ code: 'malformed', what: 'grant_type is required' });
  const found = GRANT_TYPES.find((grantType) => grantType.name === name);
  return found === undefined ? err({ code: 'grant_type_unknown' }) : ok(found);
}

function sendToken(deps: BrokerDeps, reply: FastifyReply, { token, facts }: Issued): FastifyReply {
  return sendOAuth(reply, 200, {
    access_token: token,
    issued_token_type: facts.federation === undefined ? TOKEN_TYPE.accessToken : TOKEN_TYPE.jwt,
    token_type: tokenTypeOf(facts),
    expires_in: Math.ceil(Math.min(facts.expiresAt - facts.issuedAt, facts.expiresAt - deps.clock.now()) / 1_000),
    scope: scopeText(facts.scopes),
    ...(facts.details === undefined ? {} : { authorization_details: facts.details }),
    grant_id: facts.grantId,
    request_id: facts.requestId,
  });
}

/** RFC 8693 section 2.2.1, RFC 9449 section 5: a federation token is no access token at all. */
export function tokenTypeOf({ federation, jkt }: Pick<TokenFacts, 'federation' | 'jkt'>): 'Bearer' | 'DPoP' | 'N_A' {
  if (federation !== undefined) return 'N_A';
  return jkt === undefined ? 'Bearer' : 'DPoP';
}

function sendWaiting(reply: FastifyReply, { requestId, intervalSeconds, handle }: Waiting): FastifyReply {
  const given = handle === undefined ? {} : { deferral_code: handle.code, expires_in: handle.secondsLeft };
  return sendOAuth(reply, 400, {
    error: 'authorization_pending',
    error_description: 'waiting_for_approval',
    request_id: requestId,
    interval: intervalSeconds,
    ...given,
  });
}

function resultLabel(answer: Result<Issued | Waiting, Refusal>): string {
  return answer.ok ? answer.value.kind : answer.error.code;
}
