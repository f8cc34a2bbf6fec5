/** Rows B*: unrelated clients and verifiers speak with the real broker, without a special case for any of them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createResourceServer, type ResourceServer } from '@sallyport/resource-server';
import { makeRequireAccess } from '@sallyport/resource-server/node';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import {
  CLIENT_KEY,
  type ClientWorld,
  DEF,
  ODD_CLIENT,
  pollDeferred,
  refusalOf,
  seconds,
  startClientWorld,
  TE,
} from './clients/client-world.ts';
import { expectAnswerFits } from './clients/recorder.ts';
import { ORDERS } from './house/people.ts';

jest.setTimeout(120_000);
const STAGING = { audience: 'https://staging.acme.test', scope: 'staging:deploy' };
/** The repository of reports-nightly. */
const REPORTS = '456';
const WAIT = { completion_mode: 'deferred', reason: 'Deploy of 2031.6' };

let world: ClientWorld;
/** Alice's request for payments-deploy, approved by Bob and Dan. */
let approved: string;
beforeAll(async () => {
  world = await startClientWorld();
  approved = await world.people.approved();
});
afterAll(() => world?.stop());

const ci = () => world.discovered('ci', client.None());
const odd = () => world.discovered(ODD_CLIENT.id, client.ClientSecretBasic(ODD_CLIENT.secret));
const keyed = (change?: (claims: Record<string, unknown>) => void) =>
  world.discovered(
    'keyed',
    client.PrivateKeyJwt(CLIENT_KEY, { [client.modifyAssertion]: (_header, claims) => change?.(claims) }),
  );
const ordersApi = (secret = 'orders-api-demo-secret') =>
  world.discovered('orders-api', client.ClientSecretBasic(secret));
const exchanged = async (config: client.Configuration, more: Record<string, string>) =>
  client.genericGrantRequest(config, TE, await world.exchange(more));
const decide = (id: string, verdict: string) =>
  world.people.rest('dan', 'POST', `/v1/access-requests/${id}/decisions`, { verdict, revision: 1 });
/** Asks, for a pipeline that has nothing yet, and is told to wait. */
async function begun(config: client.Configuration) {
  const subject_token = await world.people.jobToken(REPORTS);
  const refusal = await refusalOf(exchanged(config, { subject_token, ...STAGING, ...WAIT }));
  expect([refusal.error, refusal.status]).toEqual(['authorization_pending', 400]);
  return begunIn(refusal);
}
function begunIn({ cause }: client.ResponseBodyError) {
  const { deferral_code, request_id, interval } = cause;
  return { code: String(deferral_code), id: String(request_id), interval: Number(interval) };
}

describe('openid-client', () => {
  test.each(['oidc', 'oauth2'] as const)('B1: discovery by %s', async (algorithm) => {
    const config = await world.discovered('ci', client.None(), algorithm);
    expect(config.serverMetadata()).toMatchObject({
      issuer: world.house.issuer,
      token_endpoint: `${world.house.issuer}/oauth/token`,
    });
    expect(config.serverMetadata().supportsPKCE()).toBe(false);
  });

  test('B2: a token for what was approved', async () => {
    const answer = await exchanged(await ci(), { request_id: approved });
    expect(answer).toMatchObject({
      token_type: 'bearer',
      scope: 'orders:write',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    expect(answer.expiresIn()).toBeGreaterThan(0);
  });

  test('B3: to be told to wait is an error that carries the handle', async () => {
    const config = await ci();
    const { code, id, interval } = await begun(config);
    expect([code.length >= 43, interval]).toEqual([true, 5]);
    const early = await refusalOf(client.genericGrantRequest(config, DEF, { deferral_code: code }));
    expect([early.error, (early.cause as { interval: number }).interval]).toEqual(['slow_down', 10]);
    expect((await decide(id, 'deny')).status).toBe(200);
    const over = await refusalOf(client.genericGrantRequest(config, DEF, { deferral_code: code }));
    expect([over.error, over.error_description, over.status]).toEqual(['access_denied', 'denied', 400]);
  });

  test('B4: polled in a loop while people decide', async () => {
    const config = await ci();
    const refusal = await refusalOf(exchanged(config, { ...STAGING, ...WAIT }));
    const { code, id, interval } = begunIn(refusal);
    const polling = pollDeferred(config, code, interval);
    await seconds(interval + 0.5);
    expect((await decide(id, 'approve')).status).toBe(200);
    const token = await polling;
    expect(token).toMatchObject({ scope: 'staging:deploy', token_type: 'bearer' });
    const again = await client.genericGrantRequest(config, DEF, { deferral_code: code });
    expect(jtiOf(again.access_token)).toBe(jtiOf(token.access_token));
  });

  test('B5: what cannot be asked for is an error with a body, and what is denied ends the polling', async () => {
    const config = await keyed();
    const start = (more: Record<string, string>) =>
      client.initiateBackchannelAuthentication(config, { ...STAGING, ...more });
    expect((await refusalOf(start({ login_hint: 'person:nobody' }))).error).toBe('unknown_user_id');
    expect((await refusalOf(start({ login_hint: 'workload:payments-deploy', binding_message: 'a\nb' }))).error).toBe(
      'invalid_binding_message',
    );
    const nothing = await refusalOf(start({ login_hint: 'person:dave@acme.test' }));
    expect([nothing.error, nothing.status]).toEqual(['invalid_target', 400]);
    const begun = await start({ login_hint: 'person:alice@acme.test', reason: WAIT.reason });
    expect((await decide(String(begun.request_id), 'deny')).status).toBe(200);
    expect((await refusalOf(client.pollBackchannelAuthenticationGrant(config, begun))).error).toBe('access_denied');
  });

  test('B5 B6: a backchannel start, polled while people decide', async () => {
    const config = await keyed();
    const metrics = {
      audience: 'https://metrics.acme.test',
      scope: 'metrics:read',
      login_hint: 'workload:reports-nightly',
    };
    const atOnce = await client.initiateBackchannelAuthentication(config, metrics);
    expect(atOnce).toMatchObject({ auth_req_id: expect.any(String), expires_in: expect.any(Number) });
    const subject = { login_hint: 'person:alice@acme.test', binding_message: 'Deploy 2031.6', reason: WAIT.reason };
    const begun = await client.initiateBackchannelAuthentication(config, { ...STAGING, ...subject });
    const polling = client.pollBackchannelAuthenticationGrant(config, begun);
    await seconds((begun.interval ?? 5) + 0.5);
    expect((await decide(String(begun.request_id), 'approve')).status).toBe(200);
    expect(await polling).toMatchObject({ scope: 'staging:deploy', token_type: 'bearer' });
    expect(await client.pollBackchannelAuthenticationGrant(config, atOnce)).toMatchObject({ scope: 'metrics:read' });
  });

  test('B8: a token bound to a key, and told so at introspection', async () => {
    const config = await ci();
    const pair = await client.randomDPoPKeyPair('ES256');
    const params = await world.exchange({ request_id: approved });
    const answer = await client.genericGrantRequest(config, TE, params, { DPoP: client.getDPoPHandle(config, pair) });
    expect(answer.token_type).toBe('dpop');
    const told = await client.tokenIntrospection(await ordersApi(), answer.access_token);
    expect(told).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: expect.stringMatching(/^[\w-]{43}$/) },
    });
  });

  test('B9: by an assertion, at every door; for an endpoint instead of the issuer it is refused', async () => {
    const config = await keyed();
    const { access_token: token } = await exchanged(config, { request_id: approved });
    expect(await client.tokenIntrospection(config, token)).toMatchObject({ active: true, client_id: 'keyed' });
    await client.tokenRevocation(config, token);
    expect(await client.tokenIntrospection(config, token)).toEqual({ active: false });
    const astray = await keyed((claims) => {
      claims.aud = `${world.house.issuer}/oauth/token`;
    });
    expect(await refusalOf(exchanged(astray, { request_id: approved }))).toMatchObject({
      error: 'invalid_client',
      status: 400,
    });
  });

  test('B9: by name alone, and by a secret with every odd character, at every door', async () => {
    const byName = await exchanged(await ci(), { request_id: approved });
    const config = await odd();
    const bySecret = await exchanged(config, { request_id: approved });
    expect([byName, bySecret].map(({ scope }) => scope)).toEqual(['orders:write', 'orders:write']);
    expect(await client.tokenIntrospection(config, bySecret.access_token)).toMatchObject({
      active: true,
      client_id: ODD_CLIENT.id,
    });
    await client.tokenRevocation(config, bySecret.access_token);
    expect(await client.tokenIntrospection(config, bySecret.access_token)).toEqual({ active: false });
    expect(await client.tokenIntrospection(config, byName.access_token)).toMatchObject({ active: true });
  });

  test('B10: introspection of a live token, of one that is not, of a handle, of nothing', async () => {
    const api = await ordersApi();
    const { access_token: token } = await exchanged(await ci(), { request_id: approved });
    expect(await client.tokenIntrospection(api, token)).toMatchObject({ active: true, client_id: 'ci', aud: ORDERS });
    expect(await client.tokenIntrospection(api, token, { token_type_hint: 'refresh_token' })).toMatchObject({
      active: true,
    });
    const { code } = await begun(await ci());
    for (const one of [code, `${token}A`, 'x'])
      expect(await client.tokenIntrospection(api, one)).toEqual({ active: false });
    await client.tokenRevocation(await ci(), code);
    const forOthers = await exchanged(await ci(), { audience: 'https://metrics.acme.test', scope: 'metrics:read' });
    expect(await client.tokenIntrospection(api, forOthers.access_token)).toEqual({ active: false });
  });

  test('B11: revocation of a token, of a handle, of what was never there', async () => {
    const [config, api] = [await ci(), await ordersApi()];
    const { access_token: token } = await exchanged(config, { request_id: approved });
    await client.tokenRevocation(config, token);
    expect(await client.tokenIntrospection(api, token)).toEqual({ active: false });
    const hint = { token_type_hint: 'urn:ietf:params:oauth:token-type:deferral-code' };
    const { code } = await begun(config);
    await client.tokenRevocation(config, code, hint);
    const over = await refusalOf(client.genericGrantRequest(config, DEF, { deferral_code: code }));
    expect([over.error, over.error_description]).toEqual(['access_denied', 'canceled']);
    await client.tokenRevocation(config, 'A'.repeat(43), hint);
  });

  test('B18: a failed Basic is a challenge, every other refusal a body', async () => {
    const wrong = await ordersApi('wrong');
    for (const calling of [
      client.tokenIntrospection(wrong, 'x'),
      client.tokenRevocation(wrong, 'x'),
      client.genericGrantRequest(wrong, TE, await world.exchange()),
    ]) {
      await expect(calling).rejects.toBeInstanceOf(client.WWWAuthenticateChallengeError);
    }
    const unknown = await world.discovered('nobody', client.None());
    expect(await refusalOf(exchanged(unknown, {}))).toMatchObject({ error: 'invalid_client', status: 400 });
    const refusals = [
      [{ subject_token: 'x' }, 'invalid_request'],
      [{ audience: 'https://nowhere.acme.test' }, 'invalid_target'],
      [{ scope: 'orders:drop' }, 'invalid_scope'],
      [{ ...STAGING, subject_token: await world.people.jobToken(REPORTS) }, 'access_denied'],
    ] as const;
    for (const [params, error] of refusals) expect((await refusalOf(exchanged(await ci(), params))).error).toBe(error);
    const grant = await refusalOf(client.genericGrantRequest(await ci(), 'password', { username: 'x' }));
    expect(grant.error).toBe('unsupported_grant_type');
  });
});

describe('a resource server of ours', () => {
  let access: ResourceServer;
  let server: Server;
  let url: URL;
  let guard: ReturnType<ReturnType<typeof makeRequireAccess>>;
  beforeAll(async () => {
    const orders = { clientId: 'orders-api', clientSecret: 'orders-api-demo-secret' } as const;
    const behave = { revocations: 'none', introspection: 'always' } as const;
    server = createServer(async (req, res) => {
      const caller = await guard(req, res);
      if (caller !== undefined) res.writeHead(200, { 'content-type': 'text/plain' }).end(caller.subject);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`);
    access = createResourceServer({
      issuer: world.house.issuer,
      audience: ORDERS,
      publicUrl: url.origin,
      ...orders,
      ...behave,
    });
    guard = makeRequireAccess(access)({ scopes: ['orders:write'] });
  });
  afterAll(async () => {
    access.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('B13: takes a bound token with a proof of its key and no other, until it is revoked', async () => {
    const config = await ci();
    const handle = async () => client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const [own, other] = [await handle(), await handle()];
    const params = await world.exchange({ request_id: approved });
    const { access_token: token } = await client.genericGrantRequest(config, TE, params, { DPoP: own });
    const call = (options?: client.DPoPOptions) =>
      client.fetchProtectedResource(config, token, url, 'GET', undefined, undefined, options);
    expect(await (await call({ DPoP: own })).text()).toBe('workload:payments-deploy');
    await expect(call({ DPoP: other })).rejects.toBeInstanceOf(client.WWWAuthenticateChallengeError);
    await expect(call()).rejects.toBeInstanceOf(client.WWWAuthenticateChallengeError);
    await client.tokenRevocation(config, token);
    await expect(call({ DPoP: own })).rejects.toBeInstanceOf(client.WWWAuthenticateChallengeError);
  });
});

describe('verifiers', () => {
  const keysOf = () => new URL(`${world.house.issuer}/oauth/jwks`);

  test('B12: oauth4webapi takes a token for its audience, and none for another', async () => {
    const { access_token: token } = await exchanged(await ci(), { request_id: approved });
    const request = new Request(ORDERS, { headers: { authorization: `Bearer ${token}` } });
    const issuer = new URL(world.house.issuer);
    const insecure = { [oauth.allowInsecureRequests]: true } as const;
    const server = await oauth
      .discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
      .then((response) => oauth.processDiscoveryResponse(issuer, response));
    const claims = await oauth.validateJwtAccessToken(server, request, ORDERS, insecure);
    expect(claims).toMatchObject({ sub: 'workload:payments-deploy', client_id: 'ci', scope: 'orders:write' });
    await expect(
      oauth.validateJwtAccessToken(server, request, 'https://metrics.acme.test', insecure),
    ).rejects.toThrow();
    const job = new Request(ORDERS, { headers: { authorization: `Bearer ${await world.people.jobToken()}` } });
    await expect(oauth.validateJwtAccessToken(server, job, ORDERS, insecure)).rejects.toThrow();
  });

  test('B15: jose verifies by the published keys', async () => {
    const { access_token: token } = await exchanged(await ci(), { request_id: approved });
    const keys = createRemoteJWKSet(keysOf(), {
      [customFetch]: (url, { headers, method }) => world.recorder.fetch(url, { headers, method }),
    });
    const wanted = { issuer: world.house.issuer, audience: ORDERS, typ: 'at+jwt', algorithms: ['ES256'] };
    const { payload, protectedHeader } = await jwtVerify(token, keys, wanted);
    expect([payload.sub, payload.aud, protectedHeader.typ]).toEqual(['workload:payments-deploy', ORDERS, 'at+jwt']);
    await expect(jwtVerify(token, keys, { ...wanted, audience: 'https://metrics.acme.test' })).rejects.toThrow('"aud"');
    await expect(jwtVerify(token, keys, { ...wanted, typ: 'JWT' })).rejects.toThrow('"typ"');
  });
});

test('B17: every answer any of them got had the status, type and headers it must have', () => {
  const paths = new Set(world.recorder.answers.map(({ path }) => path));
  for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/jwks'])
    expect(paths).toContain(path);
  expect(new Set(world.recorder.answers.map(({ response }) => response.status))).toEqual(new Set([200, 400, 401]));
  for (const answer of world.recorder.answers) expectAnswerFits(answer);
});

function jtiOf(token: string): unknown {
  return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { jti: unknown }).jti;
}
