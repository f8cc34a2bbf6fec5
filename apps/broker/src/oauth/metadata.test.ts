/** Rows M*, K1: the well-known documents and the published keys; everything advertised works, nothing else does. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, CIBA, callersOf, DEF, SECRET, TE, TT } from '../testing/callers.ts';
import { DEVICE } from '../testing/devices.ts';

const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

describe('metadata', () => {
  let house: BrokerHouse;
  let call: Callers;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    await call.approved();
  });
  afterAll(() => house.close());

  const get = (url: string, headers: Record<string, string> = {}) => house.app.inject({ method: 'GET', url, headers });
  const metadata = async () => (await get(WELL_KNOWN[0] ?? '')).json() as Record<string, unknown>;
  const pathOf = (url: unknown) => String(url).slice(ISSUER.length);

  test('M1: issuer is exact, no trailing slash, whatever Host the client asked', async () => {
    const answer = await get(WELL_KNOWN[0] ?? '', {
      host: 'evil.test',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.test',
    });
    expect(answer.json().issuer).toBe(ISSUER);
    expect(answer.payload).not.toContain('evil.test');
  });

  test.each(WELL_KNOWN)(
    'M2: %s is 200, application/json, public, for browsers too, and has no empty array',
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'public, max-age=300',
        'access-control-allow-origin': '*',
        etag: expect.stringMatching(/^"[^"]+"$/),
      });
      expect(answer.headers['access-control-allow-credentials']).toBe(undefined);
      expect(answer.payload.length).toBeLessThan(65_536);
      for (const value of Object.values(answer.json())) expect(value).not.toEqual([]);
    },
  );

  test('M3: both documents are deep-equal', async () => {
    const [first, second] = await Promise.all(WELL_KNOWN.map(async (url) => (await get(url)).json()));
    expect(first).toEqual(second);
  });

  test('M2: GET and HEAD, 304 for what is known, 405 for the rest', async () => {
    for (const url of [...WELL_KNOWN, '/oauth/jwks']) {
      const { headers } = await get(url);
      expect((await house.app.inject({ method: 'HEAD', url })).statusCode).toBe(200);
      expect((await get(url, { 'if-none-match': `W/${String(headers.etag)}` })).statusCode).toBe(304);
      expect((await get(url, { 'if-none-match': '"other"' })).statusCode).toBe(200);
      const posted = await house.app.inject({ method: 'POST', url });
      expect([posted.statusCode, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  test('M2: exactly these members', async () => {
    expect(await metadata()).toEqual({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/oauth/token`,
      jwks_uri: `${ISSUER}/oauth/jwks`,
      introspection_endpoint: `${ISSUER}/oauth/introspect`,
      revocation_endpoint: `${ISSUER}/oauth/revoke`,
      backchannel_authentication_endpoint: `${ISSUER}/oauth/bc-authorize`,
      device_authorization_endpoint: `${ISSUER}/oauth/device_authorization`,
      service_documentation: `${ISSUER}/docs`,
      grant_types_supported: [TE, DEF, CIBA, DEVICE],
      response_types_supported: ['id_token'],
      scopes_supported: ['metrics:read', 'orders:once', 'orders:read', 'orders:write', 'vault:open'],
      authorization_details_types_supported: ['any', 'tables'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256', 'PS256'],
      revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'private_key_jwt'],
      revocation_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256', 'PS256'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
      introspection_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256', 'PS256'],
      introspection_signing_alg_values_supported: ['RS256'],
      dpop_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'Ed25519'],
      backchannel_token_delivery_modes_supported: ['poll'],
      backchannel_user_code_parameter_supported: false,
      id_token_signing_alg_values_supported: ['RS256'],
      deferred_token_response_supported: true,
      revocation_endpoint_token_type_values_supported: [TT('access_token'), TT('deferral-code')],
      subject_types_supported: ['public'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti'],
    });
  });

  test('M2: the scopes are those of the policy in force; a policy without resources has no such member', async () => {
    const text = house.policyWith('', '');
    const bare = `${text.slice(0, text.indexOf('resources:'))}`;
    house.putPolicy(bare);
    expect(await metadata()).not.toHaveProperty('scopes_supported');
    house.putPolicy(text);
    expect(await metadata()).toHaveProperty('scopes_supported');
  });

  test('M4: every list of signing algorithms is of signatures, and is there where clients sign', async () => {
    const document = await metadata();
    const lists = Object.entries(document).filter(([name]) => /_alg(orithm)?s?(_values)?_supported$/.test(name));
    for (const [name, algorithms] of lists) {
      expect([name, algorithms]).toEqual([
        name,
        expect.arrayContaining([expect.stringMatching(/^(?:[EPR]S\d{3}|Ed25519)$/)]),
      ]);
      expect(algorithms).not.toContain('none');
      expect(JSON.stringify(algorithms)).not.toMatch(/HS\d/);
    }
    for (const door of ['token', 'revocation', 'introspection']) {
      const signs = (document[`${door}_endpoint_auth_methods_supported`] as string[]).includes('private_key_jwt');
      expect(`${door}_endpoint_auth_signing_alg_values_supported` in document).toBe(signs);
    }
  });

  describe('M5: everything advertised works', () => {
    test('every endpoint is there, and is of its method', async () => {
      const document = await metadata();
      for (const name of ['token_endpoint', 'introspection_endpoint', 'revocation_endpoint']) {
        expect((await get(pathOf(document[name]))).statusCode).toBe(405);
      }
      expect((await get(pathOf(document.jwks_uri))).statusCode).toBe(200);
      expect((await get(pathOf(document.service_documentation))).statusCode).toBe(200);
    });

    test('every grant type gives a token, with every way a client may authenticate', async () => {
      const runner = call.basic('ci-runner', SECRET);
      const waiting = await call.defer({ scope: 'orders:once' });
      const asRunner = await call.defer({ scope: 'orders:once', client_id: undefined }, runner);
      await call.approveBoth(waiting.body.request_id);
      expect((await call.tx()).status).toBe(200);
      expect((await call.tx({ client_id: undefined }, runner)).status).toBe(200);
      expect((await call.poll(waiting.body.deferral_code)).status).toBe(200);
      // One-shot: the second handle finds the grant spent, which proves the client came that far.
      const second = await call.poll(asRunner.body.deferral_code, { client_id: undefined }, runner);
      expect(second.body).toMatchObject({ error: 'access_denied', error_description: 'grant_over' });
    });

    test('every kind of token can be revoked, with every way a client may authenticate', async () => {
      const runner = call.basic('ci-runner', SECRET);
      for (const [params, headers] of [
        [{}, {}],
        [{ client_id: undefined }, runner],
      ] as const) {
        const { access_token } = (await call.tx(params, headers)).body;
        expect((await call.revoke(access_token, params, headers)).status).toBe(200);
        expect((await call.introspect(access_token)).body).toEqual({ active: false });
        const { deferral_code } = (await call.defer({ scope: 'orders:once', ...params }, headers)).body;
        expect((await call.revoke(deferral_code, params, headers)).status).toBe(200);
        expect((await call.poll(deferral_code, params, headers)).body.error).toBe('access_denied');
      }
    });

    test('every claim named is in a token', async () => {
      const [, payload = ''] = String((await call.tx()).body.access_token).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
      const { claims_supported } = await metadata();
      for (const name of claims_supported as string[]) expect(claims).toHaveProperty(name);
    });
  });

  describe('M5: nothing else does', () => {
    test.each([
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'authorization_code',
      'client_credentials',
      'refresh_token',
    ])('grant type %s is unsupported', async (grant_type) => {
      expect((await call.tx({ grant_type })).body.error).toBe('unsupported_grant_type');
    });

    test.each(['/oauth/authorize', '/oauth/par', '/oauth/register'])('there is no %s', async (url) => {
      for (const method of ['GET', 'POST'] as const) {
        const answer = await house.app.inject({
          method,
          url,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: method === 'POST' ? 'client_id=ci' : '',
        });
        expect([url, method, answer.statusCode]).toEqual([url, method, 404]);
      }
    });

    test('no other client authentication: client_secret_post', async () => {
      const post = await call.tx({ client_id: 'ci-runner', client_secret: SECRET });
      expect(post.body.error).toBe('invalid_client');
    });
  });

  test('K1: the key set is public members only, with kid, use and alg, kid unique', async () => {
    const answer = await get('/oauth/jwks');
    expect(answer.headers['cache-control']).toBe('public, max-age=300');
    const { keys } = answer.json() as { keys: Record<string, string>[] };
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys.map((key) => key.kid)).size).toBe(keys.length);
    expect(keys.map((key) => key.alg)).toEqual(['ES256', 'RS256']);
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) expect(key).not.toHaveProperty(secret);
    }
  });
});
