/** POST /oauth/token: the shared duties, once, in the order the refusals are promised; a grant type adds only its difference. */
import { err, type Issued, ok, type Refusal, type Result, scopeText, type Waiting } from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { callingClient } from './calling-client.ts';
import { param, parseForm } from './form.ts';
import { deferred } from './grants/deferred.ts';
import type { GrantType } from './grants/grant-type.ts';
import { tokenExchange } from './grants/token-exchange.ts';
import { TOKEN_TYPE } from './names.ts';
import { onlyPost, sendOAuth, sendRefusal } from './oauth-error.ts';
import { tokenSchema } from './schemas.ts';

const GRANT_TYPES: readonly GrantType[] = [tokenExchange, deferred];

/** Registers the token endpoint. */
export function tokenRoute(app: FastifyInstance, deps: BrokerDeps): void {
  onlyPost(app, '/oauth/token', tokenSchema, async (request, reply) => {
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
  const calling = await callingClient(deps, request, form.value, ['none', 'client_secret_basic'], 'exchange');
  if (!calling.ok) return calling;
  const { client, by } = calling.value;
  if (!client.grantTypes.includes(grantType.value.inPolicy)) {
    await deps.ledger.note({ refusal: { code: 'client_not_allowed' }, by, attempted: 'exchange' });
    return err({ code: 'client_not_allowed' });
  }
  const proof = refuseProof(request, client.requireDpop);
  if (proof === undefined) return grantType.value.handle(deps, client, form.value, by);
  await deps.ledger.note({ refusal: proof, by, attempted: 'exchange' });
  return err(proof);
}

function grantTypeOf(name: string | undefined): Result<GrantType, Refusal> {
  if (name === undefined) return err({ code: 'malformed', what: 'grant_type is required' });
  const found = GRANT_TYPES.find((grantType) => grantType.name === name);
  return found === undefined ? err({ code: 'grant_type_unknown' }) : ok(found);
}

/** Proofs are not taken yet. A client that sends one, or must, never gets an unbound token for it. */
function refuseProof(request: FastifyRequest, required: boolean): Refusal | undefined {
  if (request.headers.dpop !== undefined) return { code: 'proof_rejected', why: 'DPoP is not served' };
  return required
    ? { code: 'malformed', what: 'this client needs a DPoP proof, and this server takes none' }
    : undefined;
}

function sendToken(deps: BrokerDeps, reply: FastifyReply, { token, facts }: Issued): FastifyReply {
  return sendOAuth(reply, 200, {
    access_token: token,
    issued_token_type: TOKEN_TYPE.accessToken,
    token_type: 'Bearer',
    expires_in: Math.ceil(Math.min(facts.expiresAt - facts.issuedAt, facts.expiresAt - deps.clock.now()) / 1_000),
    scope: scopeText(facts.scopes),
    grant_id: facts.grantId,
    request_id: facts.requestId,
  });
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
