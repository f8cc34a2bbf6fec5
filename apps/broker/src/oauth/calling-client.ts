/** Who is calling an OAuth endpoint: the client authenticated, its failures noted in the trail and bounded. */
import { type Attribution, type Client, type ClientAuth, err, ok, type Refusal, type Result } from '@sallyport/core';
import type { FastifyRequest } from 'fastify';
import { addressOf } from '../address.ts';
import type { BrokerDeps } from '../deps.ts';
import { authenticateClient } from './client-auth.ts';
import { type Form, param } from './form.ts';

export interface Calling {
  readonly client: Client;
  readonly by: Attribution;
}

/** Every way a client can say who it is; `none` proves nothing, and is not enough where answers tell secrets. */
export const ANY_CLIENT: readonly ClientAuth[] = ['none', 'client_secret_basic', 'private_key_jwt'];
export const PROVEN_CLIENT: readonly ClientAuth[] = ['client_secret_basic', 'private_key_jwt'];

/** Failed authentications a minute, per client and address; then 429. */
const FAILURES_MAX = 60;
const WINDOW_MS = 60_000;

/** Authenticates by one of `allowed`. Refusals: malformed (two methods), client_rejected, too_many. */
export async function callingClient(
  deps: BrokerDeps,
  request: FastifyRequest,
  form: Form,
  allowed: readonly ClientAuth[],
  attempted: string,
): Promise<Result<Calling, Refusal>> {
  const by: Attribution = { door: 'oauth', traceId: request.id, ...addressOf(request) };
  const policy = deps.policies.inForce();
  const client = await authenticateClient(deps, policy, request.headers.authorization, form, allowed);
  if (client.ok) return ok({ client: client.value, by: { ...by, clientId: client.value.id } });
  await deps.ledger.note({ refusal: client.error, by, attempted });
  const key = `client-auth ${by.address ?? ''} ${param(form, 'client_id') ?? request.headers.authorization ?? ''}`;
  const within = await deps.limiter.hit(key, FAILURES_MAX, WINDOW_MS);
  return within.allowed ? client : err({ code: 'too_many', retryAfterSeconds: within.retryAfterSeconds });
}
