/** Rows I*: introspection. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, SECRET, TT, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { METRICS, ORDERS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const INACTIVE = { active: false };
const aToken = async () => {
  const { grantId, requestId } = await call.approved();
  const answer = await call.tx();
  return { token: String(answer.body.access_token), claims: claimsIn(answer), grantId, requestId };
};

describe('who may ask', () => {
  test('I1: no credentials, or a client that has none, is invalid_client without a challenge', async () => {
    const { token } = await aToken();
    expectRefusal(house, await call.introspect(token, {}, {}), 'invalid_client');
    expectRefusal(house, await call.introspect(token, { client_id: 'ci' }, {}), 'invalid_client');
    expectRefusal(house, await call.introspect(token, { client_id: 'ci-runner' }, {}), 'invalid_client');
  });

  test('I1: Basic with a wrong secret is 401 invalid_client with a challenge, and in the trail', async () => {
    const { token } = await aToken();
    const answer = await call.introspect(token, {}, call.basic('ci-runner', 'wrong'));
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="sallyport"');
    expect(trailOf(house, 'attempt.refused').map((row) => row.reasonCode)).toEqual(['client_rejected']);
  });

  test("I3: a resource that is not the caller's is exactly inactive, and the attempt is in the trail", async () => {
    const answer = await call.tx({ audience: METRICS, scope: 'metrics:read' });
    expect(answer.status).toBe(200);
    const told = await call.introspect(answer.body.access_token);
    expect([told.status, told.body]).toEqual([200, INACTIVE]);
    const [attempt] = trailOf(house, 'attempt.refused');
    expect(attempt).toMatchObject({ reasonCode: 'client_not_allowed', grantId: answer.body.grant_id });
  });

  test('I8: GET is 405; no token, a repeated one, or JSON is invalid_request', async () => {
    const got = await house.app.inject({ method: 'GET', url: '/oauth/introspect' });
    expect([got.statusCode, got.headers.allow]).toEqual([405, 'POST']);
    const basic = call.basic('ci-runner', SECRET);
    expectRefusal(house, await call.form('/oauth/introspect', {}, basic), 'invalid_request');
    expectRefusal(house, await call.form('/oauth/introspect', { token: ['a', 'a'] }, basic), 'invalid_request');
    const json = await call.post('/oauth/introspect', '{"token":"a"}', {
      ...basic,
      'content-type': 'application/json',
    });
    expectRefusal(house, json, 'invalid_request');
  });
});

describe('what is told', () => {
  test('I4: a live token: every member and no other, aud a text as in the token', async () => {
    const { token, claims, grantId, requestId } = await aToken();
    const answer = await call.introspect(token);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.body).toEqual({
      active: true,
      iss: ISSUER,
      aud: ORDERS,
      sub: 'workload:payments-deploy',
      client_id: 'ci',
      scope: 'orders:write',
      token_type: 'Bearer',
      iat: claims.iat,
      exp: claims.exp,
      jti: claims.jti,
      grant_id: grantId,
      txn: requestId,
    });
    expect(answer.text).not.toMatch(/bob|dan/);
  });

  test("I2: garbage, another issuer's token, a handle, a forged one: exactly inactive", async () => {
    const { token } = await aToken();
    const handle = (await call.defer({ scope: 'orders:read orders:once' })).body.deferral_code;
    const [header = '', payload = '', signature = ''] = token.split('.');
    const forged = [
      'garbage',
      'a.b.c',
      await call.jobToken(),
      await call.idToken('alice'),
      String(handle),
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -6)}AAAAAA`,
      `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`,
    ];
    for (const one of forged) {
      const answer = await call.introspect(one);
      expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
    }
  });

  test('I2: unknown to the record, though rightly signed: inactive', async () => {
    const { token } = await aToken();
    house.world.store.tokens.clear();
    expect((await call.introspect(token)).body).toEqual(INACTIVE);
  });

  test('I2: expired to the second, without leeway', async () => {
    const { token, claims } = await aToken();
    const leftMs = Number(claims.exp) * 1_000 - house.world.clock.now();
    house.advance((leftMs - 1) / 1_000);
    expect((await call.introspect(token)).body.active).toBe(true);
    house.advance(0.001);
    expect((await call.introspect(token)).body).toEqual(INACTIVE);
  });

  test('I9: a shortened or lengthened token is inactive', async () => {
    const { token } = await aToken();
    for (const one of [token.slice(0, -1), `${token}A`, `${token}=`, `${token} `, ` ${token}`, token.slice(1)]) {
      expect((await call.introspect(one)).body).toEqual(INACTIVE);
    }
  });

  test.each([TT('refresh_token'), 'nonsense', 'access_token'])('I6: hint %s is no more than a hint', async (hint) => {
    const { token } = await aToken();
    expect((await call.introspect(token, { token_type_hint: hint })).body.active).toBe(true);
  });
});

describe('I7: as a JWT (RFC 9701)', () => {
  const accept = 'application/token-introspection+jwt';
  const asJwt = (token: string, headers: Record<string, string> = {}) =>
    call.introspect(token, {}, { ...call.basic('ci-runner', SECRET), accept, ...headers });
  const opened = async (text: string) => {
    const jwks = createLocalJWKSet((await house.app.inject({ url: '/oauth/jwks' })).json());
    return jwtVerify(text, jwks, { issuer: ISSUER, audience: 'ci-runner', algorithms: ['RS256'] });
  };

  test('I7: right typ, aud = caller, and inside exactly what the JSON says; nothing of the token at the top', async () => {
    const { token } = await aToken();
    const answer = await asJwt(token);
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      200,
      accept,
      'no-store',
    ]);
    const { payload, protectedHeader } = await opened(answer.text);
    expect(protectedHeader.typ).toBe('token-introspection+jwt');
    expect(payload).toEqual({
      iss: ISSUER,
      aud: 'ci-runner',
      iat: Math.floor(house.world.clock.now() / 1_000),
      token_introspection: (await call.introspect(token)).body,
    });
  });

  test('I7: of a dead token exactly that it is not active', async () => {
    expect((await opened((await asJwt('garbage')).text)).payload.token_introspection).toEqual(INACTIVE);
  });

  test('I7: openid-client’s base, oauth4webapi, takes it', async () => {
    const { token, claims } = await aToken();
    const answer = await asJwt(token);
    const response = new Response(answer.text, { headers: { 'content-type': String(answer.headers['content-type']) } });
    const as = {
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/oauth/jwks`,
      introspection_signing_alg_values_supported: ['RS256'],
    };
    const client = { client_id: 'ci-runner', introspection_signed_response_alg: 'RS256' };
    const read = await oauth.processIntrospectionResponse(as, client, response);
    expect(read).toMatchObject({ active: true, jti: claims.jti });
  });

  test.each(['application/json', '*/*', 'application/jwt', `x${accept}`])('who takes %s gets JSON', async (other) => {
    const { token } = await aToken();
    expect((await asJwt(token, { accept: other })).body.active).toBe(true);
  });

  test('among other types, with parameters, in any case: it is asked for', async () => {
    const { token } = await aToken();
    const answer = await asJwt(token, { accept: 'application/json;q=0.1, Application/Token-Introspection+JWT;q=0.9' });
    expect(answer.headers['content-type']).toBe(accept);
  });

  test('without an RS256 key the answer is JSON, and the metadata does not promise another', async () => {
    const bare = await startBrokerHouse({ withFederationKey: false });
    try {
      const there = callersOf(bare);
      const headers = { ...there.basic('ci-runner', SECRET), accept };
      const answer = await there.introspect('garbage', {}, headers);
      expect([answer.headers['content-type'], answer.body]).toEqual(['application/json; charset=utf-8', INACTIVE]);
      const document = (await bare.app.inject({ url: '/.well-known/oauth-authorization-server' })).json();
      expect(document).not.toHaveProperty('introspection_signing_alg_values_supported');
    } finally {
      await bare.close();
    }
  });
});

describe('at once', () => {
  test('I5: inactive the moment the grant is revoked', async () => {
    const { token, grantId } = await aToken();
    await call.rest('alice', 'POST', `/v1/grants/${grantId}/revoke`);
    expect((await call.introspect(token)).body).toEqual(INACTIVE);
  });

  test('I5: inactive the moment the grant is over, with no worker running', async () => {
    await call.approved();
    house.advance(1_790);
    const { access_token } = (await call.tx()).body;
    expect((await call.introspect(access_token)).body.active).toBe(true);
    house.advance(10);
    expect((await call.introspect(access_token)).body).toEqual(INACTIVE);
  });

  test.each([
    ['subject', '- { id: payments-deploy,', '- { enabled: false, id: payments-deploy,'],
    ['issuer', '- { name: ci,', '- { enabled: false, name: ci,'],
    ['client', '- { id: ci, auth', '- { enabled: false, id: ci, auth'],
    ['resource', '- id: orders-db', '- id: orders-db\n    enabled: false'],
    ['scope of the role', '"orders:read", "orders:write"', '"orders:read"'],
    ['rule', 'roles: [read, admin, once]', 'roles: [read, once]'],
  ])('I5: inactive once the %s is gone from the policy', async (_what, from, to) => {
    const { token } = await aToken();
    house.putPolicy(house.policyWith(from, to));
    expect((await call.introspect(token)).body).toEqual(INACTIVE);
    expectRefusalOrInactive(await call.tx());
  });

  test('no database: 503, never a stale yes', async () => {
    const { token } = await aToken();
    house.fail('issuances.find');
    const answer = await call.introspect(token);
    expect([answer.status, answer.body.active, answer.headers['retry-after']]).toEqual([503, undefined, '1']);
  });
});

function expectRefusalOrInactive({ status, body }: { readonly status: number; readonly body: object }): void {
  expect(status).toBe(400);
  expect(body).not.toHaveProperty('access_token');
}
