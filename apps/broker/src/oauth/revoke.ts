/** POST /oauth/revoke: RFC 7009, for access tokens and handles: 200 and an empty body, whatever was known. */
import type { FastifyInstance } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { ANY_CLIENT, callingClient } from './calling-client.ts';
import { param, parseForm } from './form.ts';
import { onlyPost, sendRefusal } from './oauth-error.ts';
import { revokeSchema } from './schemas.ts';

/** Registers the revocation endpoint. */
export function revokeRoute(app: FastifyInstance, deps: BrokerDeps): void {
  onlyPost(app, '/oauth/revoke', revokeSchema, async (request, reply) => {
    const form = parseForm(request.headers['content-type'], request.body);
    if (!form.ok) return sendRefusal(reply, form.error, deps.logger);
    const calling = await callingClient(deps, request, form.value, ANY_CLIENT, 'revoke');
    if (!calling.ok) return sendRefusal(reply, calling.error, deps.logger);
    const { client, by } = calling.value;
    const token = param(form.value, 'token');
    if (token === undefined) {
      const refusal = { code: 'malformed', what: 'token is required' } as const;
      await deps.ledger.note({ refusal, by, attempted: 'revoke' });
      return sendRefusal(reply, refusal, deps.logger);
    }
    const revoked = await deps.revokeToken(client, token, by);
    if (!revoked.ok) return sendRefusal(reply, revoked.error, deps.logger);
    deps.metrics.revocationsTotal.inc();
    return reply
      .code(200)
      .headers({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': 'application/json; charset=utf-8' })
      .send('');
  });
}
