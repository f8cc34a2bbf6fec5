/** What the tests of real clients share: a house, clients discovered in it, the exchange of the example, polling as a client does. */
import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { type House, type HouseOptions, startHouse } from '../house/house.ts';
import { ORDERS, type People, peopleOf } from '../house/people.ts';
import { makeRecorder, type Recorder } from './recorder.ts';

export const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const DEF = 'urn:ietf:params:oauth:grant-type:deferred';
export const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** Everything that form encoding must carry through Basic. */
export const ODD_CLIENT = { id: 'ci:runner/1+%', secret: 's3cr-t ü:"&=+%/' };
const sha256 = createHash('sha256').update(ODD_CLIENT.secret).digest('hex');

/** Signs assertions; its public half is in the policy. */
const KEY_PAIR = await generateKeyPair('ES256', { extractable: true });
export const CLIENT_KEY: client.PrivateKey = { key: KEY_PAIR.privateKey, kid: 'client-1' };
const JWKS = { keys: [{ ...(await exportJWK(KEY_PAIR.publicKey)), kid: 'client-1', alg: 'ES256', use: 'sig' }] };

/** Clients beside those of the example. */
const CLIENT_FILE = `version: 1
clients:
  - { id: keyed, auth: private_key_jwt, grant_types: [token-exchange, deferred, ciba], introspect: [orders-db], jwks: ${JSON.stringify(JWKS)} }
  - { id: "${ODD_CLIENT.id}", auth: client_secret_basic, secret_sha256: "${sha256}", grant_types: [token-exchange, deferred], introspect: [orders-db] }
`;

export interface ClientWorld {
  readonly house: House;
  readonly people: People;
  readonly recorder: Recorder;
  /** A client that knows our metadata. */
  discovered(id: string, auth: client.ClientAuth, algorithm?: 'oidc' | 'oauth2'): Promise<client.Configuration>;
  /** The parameters of an exchange by a fresh job of payments-deploy for orders:write. */
  exchange(more?: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts a house with these clients in its policy, and more policy files if given. */
export async function startClientWorld(options: HouseOptions = {}): Promise<ClientWorld> {
  const policyFiles = { '21-clients-of-tests.yaml': CLIENT_FILE, ...options.policyFiles };
  const house = await startHouse({ ...options, policyFiles });
  const people = peopleOf(house);
  const recorder = makeRecorder(house.issuer);
  return {
    house,
    people,
    recorder,
    discovered: (id, auth, algorithm = 'oauth2') =>
      client.discovery(new URL(house.issuer), id, undefined, auth, {
        algorithm,
        execute: [client.allowInsecureRequests],
        [client.customFetch]: (url, { body, ...rest }) =>
          recorder.fetch(url, { ...rest, ...(body == null ? {} : { body: body as string }) }),
      }),
    exchange: async (more = {}) => ({
      subject_token: await people.jobToken(),
      subject_token_type: JWT,
      audience: ORDERS,
      scope: 'orders:write',
      ...more,
    }),
    stop: () => house.stop(),
  };
}

/** What a call was refused with. Throws when it was not, or not in a body. */
export async function refusalOf(calling: Promise<unknown>): Promise<client.ResponseBodyError> {
  const thrown = await calling.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof client.ResponseBodyError) return thrown;
  throw new Error(`expected a refusal with a body, got ${String(thrown)}`);
}

const POLLS_MAX = 10;

/** Waits. */
export function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}

/** Polls as RFC 8628 section 3.5 says: waits `interval` first, five seconds more after each slow_down. */
export async function pollDeferred(
  config: client.Configuration,
  code: string,
  intervalSeconds: number,
): Promise<client.TokenEndpointResponse> {
  let interval = intervalSeconds;
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    await seconds(interval);
    try {
      return await client.genericGrantRequest(config, DEF, { deferral_code: code });
    } catch (thrown) {
      const error = thrown instanceof client.ResponseBodyError ? thrown.error : undefined;
      if (error === 'slow_down') interval += 5;
      else if (error !== 'authorization_pending') throw thrown;
    }
  }
  throw new Error('nobody decided');
}
