/** Rows B*: unrelated clients and verifiers speak with the real broker, without a special case for any of them. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { type House, startHouse } from './house/house.ts';
import { ORDERS, type People, peopleOf } from './house/people.ts';

jest.setTimeout(120_000);
const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const DEF = 'urn:ietf:params:oauth:grant-type:deferred';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

describe('real clients', () => {
  let house: House;
  let people: People;
  const seen: { readonly url: string; readonly response: Response; readonly text: string }[] = [];

  /** B17: every answer that passes is kept, and looked at by the last test. */
  const recorder: client.CustomFetch = async (url, options) => {
    const response = await fetch(url, options as RequestInit);
    seen.push({ url, response, text: await response.clone().text() });
    return response;
  };

  async function discovered(id: string, auth: client.ClientAuth, algorithm: 'oidc' | 'oauth2' = 'oauth2') {
    const server = new URL(house.issuer);
    return client.discovery(server, id, undefined, auth, {
      algorithm,
      execute: [client.allowInsecureRequests],
      [client.customFetch]: recorder,
    });
  }

  beforeAll(async () => {
    house = await startHouse();
    people = peopleOf(house);
  });
  afterAll(() => house?.stop());

  const exchange = async (more: Readonly<Record<string, string>> = {}) => ({
    subject_token: await people.jobToken(),
    subject_token_type: JWT,
    audience: ORDERS,
    scope: 'orders:write',
    ...more,
  });

  test.each(['oidc', 'oauth2'] as const)('B1: discovery by %s', async (algorithm) => {
    const config = await discovered('ci', client.None(), algorithm);
    expect(config.serverMetadata()).toMatchObject({
      issuer: house.issuer,
      token_endpoint: `${house.issuer}/oauth/token`,
    });
  });

  test('B2 B9 B12 B15: a token for what was approved, accepted by unrelated verifiers', async () => {
    const id = await people.approved();
    const config = await discovered('ci', client.None());
    const answer = await client.genericGrantRequest(config, TE, await exchange({ request_id: id }));
    expect(answer).toMatchObject({
      token_type: 'bearer',
      scope: 'orders:write',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    const keys = createRemoteJWKSet(new URL(`${house.issuer}/oauth/jwks`));
    const { payload } = await jwtVerify(answer.access_token, keys, {
      issuer: house.issuer,
      audience: ORDERS,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    });
    const request = new Request(ORDERS, { headers: { authorization: `Bearer ${answer.access_token}` } });
    const server = { issuer: house.issuer, jwks_uri: `${house.issuer}/oauth/jwks` };
    const claims = await oauth.validateJwtAccessToken(server, request, ORDERS, { [oauth.allowInsecureRequests]: true });
    expect(claims).toMatchObject({ sub: 'workload:payments-deploy', jti: payload.jti, client_id: 'ci' });
  });

  test('B3 B4: deferred, polled in a loop while people decide', async () => {
    const config = await discovered('ci', client.None());
    const wanted = {
      audience: 'https://staging.acme.test',
      scope: 'staging:deploy',
      completion_mode: 'deferred',
      reason: 'Deploy of 2031.6',
    };
    const begun = await client
      .genericGrantRequest(config, TE, await exchange(wanted))
      .catch((thrown: unknown) => thrown);
    if (!(begun instanceof client.ResponseBodyError)) throw new Error('expected to be told to wait');
    expect([begun.error, begun.status]).toEqual(['authorization_pending', 400]);
    const { deferral_code: code, request_id: id } = begun.cause as { deferral_code: string; request_id: string };
    expect(code.length).toBeGreaterThanOrEqual(43);
    const first = await client
      .genericGrantRequest(config, DEF, { deferral_code: code })
      .catch((thrown: unknown) => thrown);
    expect(first).toMatchObject({ error: 'slow_down' });
    await people.rest('bob', 'POST', `/v1/access-requests/${id}/decisions`, { verdict: 'approve', revision: 1 });
    expect(await client.genericGrantRequest(config, DEF, { deferral_code: code })).toMatchObject({
      scope: 'staging:deploy',
    });
  });

  test('B10 B11: introspection and revocation of tokens and handles', async () => {
    const id = await people.approved();
    const ci = await discovered('ci', client.None());
    const api = await discovered('orders-api', client.ClientSecretBasic('orders-api-demo-secret'));
    const { access_token: token } = await client.genericGrantRequest(ci, TE, await exchange({ request_id: id }));
    expect(await client.tokenIntrospection(api, token)).toMatchObject({ active: true, client_id: 'ci', aud: ORDERS });
    await client.tokenRevocation(ci, token);
    expect(await client.tokenIntrospection(api, token)).toEqual({ active: false });
    await client.tokenRevocation(ci, 'A'.repeat(43), {
      token_type_hint: 'urn:ietf:params:oauth:token-type:deferral-code',
    });
  });

  test('B18: a failed Basic is a challenge, every other refusal a body', async () => {
    const wrong = await discovered('orders-api', client.ClientSecretBasic('wrong'));
    await expect(client.tokenIntrospection(wrong, 'x')).rejects.toBeInstanceOf(client.WWWAuthenticateChallengeError);
    const unknown = await discovered('nobody', client.None());
    await expect(client.genericGrantRequest(unknown, TE, await exchange())).rejects.toMatchObject({
      error: 'invalid_client',
      status: 400,
    });
  });

  test('B17: every answer had the status, type and headers it must have', () => {
    const answers = seen.filter(({ url }) => url.includes('/oauth/') && !url.endsWith('/jwks'));
    expect(answers.length).toBeGreaterThan(6);
    for (const { url, response, text } of answers) {
      expect([200, 400, 401]).toContain(response.status);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(response.headers.has('www-authenticate')).toBe(response.status === 401);
      expect(response.headers.get('server')).toBe(null);
      if (url.endsWith('/revoke')) expect([response.status, text]).toEqual([200, '']);
    }
  });
});
