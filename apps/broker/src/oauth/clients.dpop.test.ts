/** Rows B8, B16: clients that are not ours prove their keys, with nonces wanted and without; in one process, as no setting turns nonces on. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeProofNonces } from '@sallyport/tokens';
import * as dpop from 'dpop';
import * as client from 'openid-client';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, REASON, TE } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';

const TOKEN_ENDPOINT = `${ISSUER}/oauth/token`;

/** A fetch that reaches this house and nothing else; the paths it was asked for. */
function fetchFrom(house: BrokerHouse, asked: string[]): client.CustomFetch {
  return async (input, { method, headers, body }) => {
    const url = new URL(input);
    expect(url.origin).toBe(ISSUER);
    asked.push(url.pathname);
    const payload = body === undefined || body === null ? {} : { payload: String(body) };
    const answer = await house.app.inject({ method: method as 'POST', url: url.pathname, headers, ...payload });
    return new Response(answer.payload, {
      status: answer.statusCode,
      headers: Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
    });
  };
}

describe.each([
  ['no nonces', undefined, 1],
  ['nonces', makeProofNonces(new Uint8Array(32).fill(7)), 2],
] as const)('openid-client, where the house wants %s', (_what, nonces, callsOfFirst) => {
  let house: BrokerHouse;
  let call: Callers;
  let config: client.Configuration;
  const asked: string[] = [];
  beforeAll(async () => {
    house = await startBrokerHouse(nonces === undefined ? {} : { nonces });
    call = callersOf(house);
    const fetching = { [client.customFetch]: fetchFrom(house, asked), algorithm: 'oauth2' } as const;
    config = await client.discovery(new URL(ISSUER), 'ci', undefined, client.None(), fetching);
    await call.approved();
  });
  afterAll(() => house.close());

  const exchange = async (handle: client.DPoPHandle, more: Record<string, string> = {}) => {
    const { grant_type: _type, client_id: _id, ...params } = await call.txParams();
    return client.genericGrantRequest(config, TE, { ...params, ...more }, { DPoP: handle });
  };

  test.each(['ES256', 'PS256', 'RS256', 'Ed25519'])(
    'B8: a token bound to an %s key, with one retry at most',
    async (alg) => {
      const pair = await client.randomDPoPKeyPair(alg);
      const handle = client.getDPoPHandle(config, pair);
      asked.length = 0;
      const answer = await exchange(handle);
      expect(asked).toEqual(Array(callsOfFirst).fill('/oauth/token'));
      expect(answer.token_type).toBe('dpop');
      expect(claimsIn({ body: answer as never }).cnf).toEqual({ jkt: await dpop.calculateThumbprint(pair.publicKey) });
      asked.length = 0;
      await exchange(handle);
      expect(asked).toEqual(['/oauth/token']);
    },
  );

  test('B8: who waits with a key polls with it', async () => {
    const pair = await client.randomDPoPKeyPair();
    const handle = client.getDPoPHandle(config, pair);
    const wanted = { scope: 'orders:once', completion_mode: 'deferred', reason: REASON };
    const begun = await exchange(handle, wanted).catch((thrown: unknown) => thrown);
    if (!(begun instanceof client.ResponseBodyError)) throw new Error('expected to be told to wait');
    const { deferral_code, request_id } = begun.cause;
    await call.approveBoth(request_id);
    const grant = 'urn:ietf:params:oauth:grant-type:deferred';
    const poll = (DPoP: client.DPoPHandle) =>
      client.genericGrantRequest(config, grant, { deferral_code: String(deferral_code) }, { DPoP });
    const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    await expect(poll(other)).rejects.toMatchObject({ error: 'invalid_dpop_proof' });
    const answer = await poll(handle);
    expect(claimsIn({ body: answer as never }).cnf).toEqual({ jkt: await dpop.calculateThumbprint(pair.publicKey) });
  });
});

describe('dpop', () => {
  let house: BrokerHouse;
  let call: Callers;
  let pair: dpop.KeyPair;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    pair = await dpop.generateKeyPair('ES256');
    await call.approved();
  });
  afterAll(() => house.close());

  test('B16: its proofs are taken once, and bind', async () => {
    const proof = await dpop.generateProof(pair, TOKEN_ENDPOINT, 'POST');
    const answer = await call.tx({}, { dpop: proof });
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
    expect(claimsIn(answer).cnf).toEqual({ jkt: await dpop.calculateThumbprint(pair.publicKey) });
    expectRefusal(house, await call.tx({}, { dpop: proof }), 'invalid_dpop_proof');
  });

  test('B16: for another address or method they are refused', async () => {
    for (const [htu, htm] of [
      [TOKEN_ENDPOINT, 'GET'],
      [`${ISSUER}/oauth/introspect`, 'POST'],
      ['https://evil.test/oauth/token', 'POST'],
    ] as const) {
      expectRefusal(house, await call.tx({}, { dpop: await dpop.generateProof(pair, htu, htm) }), 'invalid_dpop_proof');
    }
  });
});
