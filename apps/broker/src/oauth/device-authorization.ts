/** POST /oauth/device_authorization: where a device without a browser begins (RFC 8628 section 3.1). Served where people can sign in. */
import { err, loginIssuer, type Refusal, type Result, type StartedDevice, userCodeText } from '@sallyport/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { ANY_CLIENT, callingClient } from './calling-client.ts';
import { readDeviceParams } from './device-params.ts';
import { parseForm } from './form.ts';
import { oauthNotFound, onlyPost, sendOAuth, sendRefusal } from './oauth-error.ts';
import { provenKey } from './proof.ts';
import { deviceSchema } from './schemas.ts';

const PATH = '/oauth/device_authorization';
/** Starts a minute, per client and address: each is a row for two days. */
const STARTS_MAX = 60;
const WINDOW_MS = 60_000;

/** Whether anybody can be served: people can sign in, and some client may ask. */
export function servesDevices({ policies }: Pick<BrokerDeps, 'policies'>): boolean {
  const policy = policies.inForce();
  const mayAsk = policy.clients.some((client) => client.enabled && client.grantTypes.includes('device'));
  return mayAsk && loginIssuer(policy) !== undefined;
}

/** Registers the endpoint. */
export function deviceAuthorizationRoute(app: FastifyInstance, deps: BrokerDeps): void {
  onlyPost(app, PATH, deviceSchema, async (request, reply) => {
    if (!servesDevices(deps)) return oauthNotFound(reply);
    const started = await start(deps, request);
    if (!started.ok) return sendRefusal(reply, started.error, deps.logger);
    const { deviceCode, userCode, secondsLeft, intervalSeconds } = started.value;
    const shown = userCodeText(userCode);
    return sendOAuth(reply, 200, {
      device_code: deviceCode,
      user_code: shown,
      verification_uri: `${deps.issuer}/device`,
      verification_uri_complete: `${deps.issuer}/device?user_code=${shown}`,
      expires_in: secondsLeft,
      interval: intervalSeconds,
    });
  });
}

async function start(deps: BrokerDeps, request: FastifyRequest): Promise<Result<StartedDevice, Refusal>> {
  const form = parseForm(request.headers['content-type'], request.body);
  if (!form.ok) return form;
  const calling = await callingClient(deps, request, form.value, ANY_CLIENT, 'device');
  if (!calling.ok) return calling;
  const { client, by } = calling.value;
  const refuse = async (refusal: Refusal) => {
    await deps.ledger.note({ refusal, by, attempted: 'device' });
    return err(refusal);
  };
  if (!client.grantTypes.includes('device')) return refuse({ code: 'client_not_allowed' });
  const within = await deps.limiter.hit(`device-start ${client.id} ${by.address ?? ''}`, STARTS_MAX, WINDOW_MS);
  if (!within.allowed) return err({ code: 'too_many', retryAfterSeconds: within.retryAfterSeconds });
  const proven = await provenKey(deps, request, PATH);
  if (!proven.ok) return refuse(proven.error);
  const params = readDeviceParams(form.value);
  if (!params.ok) return refuse(params.error);
  const jkt = proven.value === undefined ? {} : { jkt: proven.value };
  return deps.startDevice({ client, ...params.value, ...jkt }, by);
}
