/** Row T17: an access token as two unrelated verifiers see it, by nothing but the published metadata and keys. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn } from '../testing/callers.ts';
import { METRICS, ORDERS } from '../testing/policy-text.ts';

describe('an access token', () => {
  let house: BrokerHouse;
  let call: Callers;
  let token: string;
  let granted: { readonly requestId: string; readonly grantId: string };
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    granted = await call.approved();
    token = String((await call.tx()).body.access_token);
  });
  afterAll(() => house.close());

  /** A fetch that reaches the broker, and nothing else in the world. */
  const fetchFromBroker = async (input: string | URL | Request): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    expect(url.origin).toBe(ISSUER);
    const answer = await house.app.inject({ method: 'GET', url: url.pathname });
    const headers = { 'content-type': String(answer.headers['content-type']) };
    return new Response(answer.payload, { status: answer.statusCode, headers });
  };

  const server = async (algorithm: 'oauth2' | 'oidc') => {
    const issuer = new URL(ISSUER);
    const response = await oauth.discoveryRequest(issuer, { algorithm, [oauth.customFetch]: fetchFromBroker });
    return oauth.processDiscoveryResponse(issuer, response);
  };

  const calling = (bearer: string) =>
    new Request('https://orders-db.acme.test/rows', { headers: { authorization: `Bearer ${bearer}` } });

  test('T17: says exactly what RFC 9068 and the contract ask for', () => {
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: expect.any(String) });
    const claims = claimsIn({ body: { access_token: token } });
    expect(claims).toEqual({
      iss: ISSUER,
      sub: 'workload:payments-deploy',
      aud: ORDERS,
      client_id: 'ci',
      scope: 'orders:write',
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(/^tok_/),
      grant_id: granted.grantId,
      txn: granted.requestId,
      status: { status_list: { idx: expect.any(Number), uri: `${ISSUER}/oauth/status-lists/0` } },
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(600);
    expect(JSON.stringify(claims)).not.toMatch(/bob|dan|alice/);
  });

  test('T17: jose accepts it by the published keys', async () => {
    const { jwks_uri } = await server('oauth2');
    const keys = createRemoteJWKSet(new URL(jwks_uri ?? ''), { [customFetch]: fetchFromBroker });
    const wanted = { issuer: ISSUER, audience: ORDERS, typ: 'at+jwt', algorithms: ['ES256'] };
    const { payload } = await jwtVerify(token, keys, wanted);
    expect(payload.sub).toBe('workload:payments-deploy');
    await expect(jwtVerify(token, keys, { ...wanted, audience: METRICS })).rejects.toThrow('"aud"');
    const [header = '', body = '', signature = ''] = token.split('.');
    await expect(jwtVerify(`${header}.${body}.${signature.slice(0, -4)}AAAA`, keys, wanted)).rejects.toThrow(
      'signature',
    );
  });

  test.each(['oauth2', 'oidc'] as const)(
    'T17: oauth4webapi finds the server by %s and accepts it',
    async (algorithm) => {
      const as = await server(algorithm);
      const options = { [oauth.customFetch]: fetchFromBroker };
      const claims = await oauth.validateJwtAccessToken(as, calling(token), ORDERS, options);
      expect(claims).toMatchObject({ client_id: 'ci', sub: 'workload:payments-deploy', scope: 'orders:write' });
      await expect(oauth.validateJwtAccessToken(as, calling(token), METRICS, options)).rejects.toThrow();
      await expect(oauth.validateJwtAccessToken(as, calling(await call.jobToken()), ORDERS, options)).rejects.toThrow();
    },
  );

  test('T17: oauth4webapi takes our answers of exchange, introspection and revocation', async () => {
    const as = await server('oauth2');
    const client: oauth.Client = { client_id: 'ci' };
    const exchanged = await call.tx();
    const response = () => new Response(exchanged.text, { status: exchanged.status, headers: jsonHeaders(exchanged) });
    const processed = await oauth.processGenericTokenEndpointResponse(as, client, response());
    expect(processed).toMatchObject({ token_type: 'bearer', scope: 'orders:write', expires_in: 600 });
    const told = await call.introspect(processed.access_token);
    const introspected = await oauth.processIntrospectionResponse(
      as,
      { client_id: 'ci-runner' },
      new Response(told.text, { status: told.status, headers: jsonHeaders(told) }),
    );
    expect(introspected).toMatchObject({ active: true, iss: ISSUER });
    const revoked = await call.revoke(processed.access_token);
    await oauth.processRevocationResponse(new Response(revoked.text, { status: revoked.status }));
  });

  test('T17: oauth4webapi reads a refusal as one, with what it needs to wait', async () => {
    const as = await server('oauth2');
    const waiting = await call.defer({ scope: 'orders:once' });
    const response = new Response(waiting.text, { status: waiting.status, headers: jsonHeaders(waiting) });
    const thrown = await oauth
      .processGenericTokenEndpointResponse(as, { client_id: 'ci' }, response)
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(oauth.ResponseBodyError);
    expect(thrown).toMatchObject({
      error: 'authorization_pending',
      status: 400,
      cause: { deferral_code: waiting.body.deferral_code },
    });
  });
});

function jsonHeaders({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): Record<string, string> {
  return { 'content-type': String(headers['content-type']) };
}
