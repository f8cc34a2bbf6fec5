/** POST /oauth/bc-authorize: a backchannel start in the shape of CIBA, poll mode only. Always a handle, also when approved at once. */
import type { Refusal, Result, StartedBackchannel } from '@sallyport/core';
import { err } from '@sallyport/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { readBackchannelParams } from './backchannel-params.ts';
import { ANY_CLIENT, callingClient } from './calling-client.ts';
import { parseForm } from './form.ts';
import { onlyPost, sendOAuth, sendRefusal } from './oauth-error.ts';
import { provenKey } from './proof.ts';
import { backchannelSchema } from './schemas.ts';

const PATH = '/oauth/bc-authorize';

/** Registers the endpoint. */
export function backchannelRoute(app: FastifyInstance, deps: BrokerDeps): void {
  onlyPost(app, PATH, backchannelSchema, async (request, reply) => {
    const started = await start(deps, request);
    // CIBA section 13: what the policy denies is 403 here.
    if (!started.ok) return sendRefusal(reply, started.error, deps.logger, { access_denied: 403 });
    const { handle, requestId, intervalSeconds } = started.value;
    return sendOAuth(reply, 200, {
      auth_req_id: handle.code,
      expires_in: handle.secondsLeft,
      interval: intervalSeconds,
      request_id: requestId,
    });
  });
}

async function start(deps: BrokerDeps, request: FastifyRequest): Promise<Result<StartedBackchannel, Refusal>> {
  const form = parseForm(request.headers['content-type'], request.body);
  if (!form.ok) return form;
  const calling = await callingClient(deps, request, form.value, ANY_CLIENT, 'backchannel');
  if (!calling.ok) return calling;
  const { client, by } = calling.value;
  const refuse = async (refusal: Refusal) => {
    await deps.ledger.note({ refusal, by, attempted: 'backchannel' });
    return err(refusal);
  };
  if (!client.grantTypes.includes('ciba')) return refuse({ code: 'client_not_allowed' });
  const proven = await provenKey(deps, request, PATH);
  if (!proven.ok) return refuse(proven.error);
  const params = readBackchannelParams(form.value);
  if (!params.ok) return refuse(params.error);
  const jkt = proven.value === undefined ? {} : { jkt: proven.value };
  return deps.startBackchannel({ client, ...params.value, ...jkt }, by);
}
