/** POST /oauth/introspect: RFC 7662, and RFC 9701 for who asks for a signed answer. A caller who may not ask gets exactly what a dead token gets. */
import { nameOf, numericDate, scopeText, type TokenFacts } from '@sallyport/core';
import { actClaim } from '@sallyport/tokens';
import type { FastifyInstance } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { callingClient, PROVEN_CLIENT } from './calling-client.ts';
import { param, parseForm } from './form.ts';
import { sendIntrospection } from './introspection-answer.ts';
import { onlyPost, sendRefusal } from './oauth-error.ts';
import { introspectSchema } from './schemas.ts';
import { tokenTypeOf } from './token.ts';

/** Registers the introspection endpoint. */
export function introspectRoute(app: FastifyInstance, deps: BrokerDeps): void {
  onlyPost(app, '/oauth/introspect', introspectSchema, async (request, reply) => {
    const stop = deps.metrics.introspectionSeconds.startTimer();
    const form = parseForm(request.headers['content-type'], request.body);
    if (!form.ok) return sendRefusal(reply, form.error, deps.logger);
    const calling = await callingClient(deps, request, form.value, PROVEN_CLIENT, 'introspect');
    if (!calling.ok) return sendRefusal(reply, calling.error, deps.logger);
    const { client, by } = calling.value;
    const token = param(form.value, 'token');
    if (token === undefined) {
      const refusal = { code: 'malformed', what: 'token is required' } as const;
      await deps.ledger.note({ refusal, by, attempted: 'introspect' });
      return sendRefusal(reply, refusal, deps.logger);
    }
    const told = await deps.introspectToken(client, token, by);
    stop();
    deps.metrics.introspectionsTotal.inc({ active: String(told.active) });
    const members = told.active ? membersOf(deps.issuer, told.facts) : { active: false };
    return sendIntrospection(reply, members, { client, now: deps.clock.now(), signer: deps.introspectionSigner });
  });
}

function membersOf(issuer: string, facts: TokenFacts): object {
  return {
    active: true,
    iss: issuer,
    sub: nameOf(facts.subject),
    aud: facts.audience,
    client_id: facts.clientId,
    scope: scopeText(facts.scopes),
    token_type: tokenTypeOf(facts),
    iat: numericDate(facts.issuedAt),
    exp: numericDate(facts.expiresAt),
    jti: facts.jti,
    grant_id: facts.grantId,
    txn: facts.requestId,
    ...(facts.actors === undefined ? {} : { act: actClaim(facts.actors, issuer) }),
    ...(facts.jkt === undefined ? {} : { cnf: { jkt: facts.jkt } }),
    ...(facts.details === undefined ? {} : { authorization_details: facts.details }),
  };
}
