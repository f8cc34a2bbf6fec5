/** The headers of every door and class of answer, whole: what is not listed here is not sent. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { type BrokerHouse, ISSUER, startBrokerHouse } from './testing/broker-house.ts';
import { type Callers, callersOf, SECRET } from './testing/callers.ts';

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};
const OAUTH = {
  ...ALWAYS,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  pragma: 'no-cache',
};
const PROBLEM = { ...ALWAYS, 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' };
const REST = { ...PROBLEM, 'content-type': 'application/json; charset=utf-8' };
const PUBLIC = {
  ...ALWAYS,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'public, max-age=300',
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
};

/** What every answer has and no two have alike, or what Node adds. */
const VARYING = new Set(['date', 'connection', 'content-length', 'x-correlation-id', 'etag', 'location']);

describe('headers', () => {
  let house: BrokerHouse;
  let call: Callers;
  let id: string;
  let alice: Record<string, string>;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    id = (await call.approved()).requestId;
    alice = { authorization: `Bearer ${await call.idToken('alice')}` };
  });
  afterAll(() => house.close());

  const fixed = ({ headers }: Pick<LightMyRequestResponse, 'headers'>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !VARYING.has(name)));

  test('OAuth: 200, 400, 401, 404, 405, 413, 415, 429, 503', async () => {
    const basic = call.basic('ci-runner', 'wrong');
    const token = await call.tx();
    expect(fixed(token)).toEqual(OAUTH);
    expect(fixed(await call.tx({ scope: 'x' }))).toEqual(OAUTH);
    expect(fixed(await call.introspect(token.body.access_token))).toEqual(OAUTH);
    expect(fixed(await call.introspect('x', {}, {}))).toEqual(OAUTH);
    expect(fixed(await call.revoke('x'))).toEqual(OAUTH);
    expect(fixed(await call.tx({ client_id: undefined }, basic))).toEqual({
      ...OAUTH,
      'www-authenticate': 'Basic realm="sallyport"',
    });
    expect(fixed(await house.app.inject({ url: '/oauth/nothing' }))).toEqual(OAUTH);
    for (const url of ['token', 'bc-authorize', 'device_authorization', 'introspect', 'revoke'].map(
      (one) => `/oauth/${one}`,
    )) {
      expect(fixed(await house.app.inject({ url }))).toEqual({ ...OAUTH, allow: 'POST' });
    }
    const big = await call.tx({ padding: 'x'.repeat(66_000) });
    expect([fixed(big), big.headers.connection]).toEqual([OAUTH, 'close']);
    expect(fixed(await call.form('/oauth/token', {}, { 'content-type': 'x' }))).toEqual(OAUTH);
    house.fail('ledger.covering');
    expect(fixed(await call.tx())).toEqual({ ...OAUTH, 'retry-after': '1' });
    house.fail();
    const guesses = await Promise.all(Array.from({ length: 61 }, () => call.revoke('x', { client_id: 'guesser' })));
    const limited = guesses.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    for (const answer of limited)
      expect(fixed(answer)).toEqual({ ...OAUTH, 'retry-after': expect.stringMatching(/^\d+$/) });
  });

  test('REST: 200, 201, 304, 401, 403, 404, 409, 413, 415, 422, 429 and 503', async () => {
    const get = (url: string, headers: Record<string, string> = alice) => house.app.inject({ url, headers });
    const read = await get(`/v1/access-requests/${id}`);
    expect(fixed(read)).toEqual(REST);
    expect(fixed(await get('/v1/access-requests'))).toEqual(REST);
    expect(fixed(await get('/v1/grants'))).toEqual(REST);
    expect(fixed(await call.ask('alice'))).toEqual(REST);
    const same = await get(`/v1/access-requests/${id}`, { ...alice, 'if-none-match': String(read.headers.etag) });
    const { 'content-type': _type, ...bodiless } = REST;
    expect([same.statusCode, fixed(same)]).toEqual([304, bodiless]);
    expect(fixed(await get('/v1/grants', {}))).toEqual({
      ...PROBLEM,
      'www-authenticate': `Bearer resource_metadata="${ISSUER}/.well-known/oauth-protected-resource/v1"`,
    });
    for (const url of ['/v1/grants/x', '/v1/nothing', '/nothing', '/v1/grants/%zz', '/v1/grants?limit=0']) {
      expect([url, fixed(await get(url))]).toEqual([url, PROBLEM]);
    }
    const big = await call.ask('alice', { justification: 'x'.repeat(66_000) });
    expect([fixed(big), big.headers.connection]).toEqual([PROBLEM, 'close']);
    const own = String((await call.ask('alice')).body.id);
    expect(fixed(await call.decide('alice', own))).toEqual(PROBLEM);
    expect(fixed(await call.decide('bob', id))).toEqual(PROBLEM);
    expect((await call.decide('bob', id)).status).toBe(409);
    const text = await call.post('/v1/access-requests', 'x', { ...alice, 'content-type': 'text/plain' });
    expect([text.status, fixed(text)]).toEqual([415, PROBLEM]);
    const reads = Array.from({ length: 51 }, () => get(`/v1/access-requests/${own}?wait=1`));
    const limited = (await Promise.all(reads)).filter(({ statusCode }) => statusCode === 429);
    expect(limited.length).toBeGreaterThan(0);
    for (const answer of limited) expect(fixed(answer)).toEqual({ ...PROBLEM, 'retry-after': '5' });
    house.fail('ledger.mine');
    expect(fixed(await get('/v1/access-requests'))).toEqual({ ...PROBLEM, 'retry-after': '1' });
    house.fail();
  });

  test('the feed of revocations: 200, 401, 403, 422, 503; as a stream', async () => {
    const get = (headers: Record<string, string>, query = '') =>
      house.app.inject({ url: `/v1/revocations${query}`, headers });
    const reader = call.basic('ci-runner', SECRET);
    expect(fixed(await get(reader))).toEqual(REST);
    expect(fixed(await get({}))).toEqual({ ...PROBLEM, 'www-authenticate': 'Basic realm="sallyport"' });
    expect(fixed(await get(reader, '?wait=x'))).toEqual(PROBLEM);
    house.fail('revocations.tip');
    expect(fixed(await get(reader))).toEqual({ ...PROBLEM, 'retry-after': '1' });
    house.fail();
    const draining = await startBrokerHouse();
    draining.drain();
    const headers = { ...callersOf(draining).basic('ci-runner', SECRET), accept: 'text/event-stream' };
    expect(fixed(await draining.app.inject({ url: '/v1/revocations', headers }))).toEqual({
      ...REST,
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
    });
    await draining.close();
  });

  test('status lists: public, for as long as one may go by them', async () => {
    await call.tx();
    const answer = await house.app.inject({ url: '/oauth/status-lists/0' });
    expect([fixed(answer), answer.headers.etag]).toEqual([
      { ...PUBLIC, 'content-type': 'application/statuslist+jwt', 'cache-control': 'public, max-age=30' },
      expect.stringMatching(/^"/),
    ]);
    expect(fixed(await house.app.inject({ url: '/oauth/status-lists/1' }))).toEqual(OAUTH);
    expect(fixed(await house.app.inject({ method: 'POST', url: '/oauth/status-lists/0' }))).toMatchObject({
      ...ALWAYS,
      allow: 'GET, HEAD',
    });
  });

  test('metadata and keys: public, for browsers, without credentials', async () => {
    const documents = ['oauth-authorization-server', 'openid-configuration', 'oauth-protected-resource/v1'];
    for (const url of [...documents.map((name) => `/.well-known/${name}`), '/oauth/jwks']) {
      const answer = await house.app.inject({ url, headers: { origin: 'https://app.acme.test' } });
      expect([url, fixed(answer), answer.headers.etag]).toEqual([url, PUBLIC, expect.stringMatching(/^"/)]);
      const head = await house.app.inject({ method: 'HEAD', url });
      expect([url, fixed(head), head.payload]).toEqual([url, PUBLIC, '']);
      const headers = { 'if-none-match': String(answer.headers.etag) };
      const { 'content-type': _type, ...bodiless } = PUBLIC;
      expect(fixed(await house.app.inject({ url, headers }))).toEqual(bodiless);
      const posted = await house.app.inject({ method: 'POST', url, headers: { 'content-type': 'x/y' }, payload: 'x' });
      expect([posted.statusCode, fixed(posted)]).toEqual([405, { ...OAUTH, allow: 'GET, HEAD' }]);
    }
    expect(fixed(await house.app.inject({ url: '/.well-known/nothing' }))).toEqual(PROBLEM);
  });

  test('the page and its document: what the page needs, and no more', async () => {
    const document = await house.app.inject({ url: '/openapi.json' });
    expect(fixed(document)).toEqual({
      ...ALWAYS,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=300',
    });
    const page = await house.app.inject({ url: '/docs' });
    const { 'content-security-policy': csp, ...rest } = fixed(page);
    const { 'content-security-policy': _csp, ...always } = ALWAYS;
    expect(rest).toEqual({
      ...always,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
    });
    expect(csp).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
  });

  test('CORS is nowhere else, asked or not', async () => {
    const headers = { ...alice, origin: 'https://evil.test', 'access-control-request-method': 'POST' };
    for (const url of ['/oauth/token', '/v1/grants', '/docs', '/openapi.json']) {
      for (const method of ['GET', 'OPTIONS'] as const) {
        const answer = await house.app.inject({ method, url, headers });
        expect([url, method, answer.headers['access-control-allow-origin']]).toEqual([url, method, undefined]);
      }
    }
  });

  test('the ops doors and the way to the page', async () => {
    const { 'strict-transport-security': _hsts, ...plain } = ALWAYS;
    const ops = { ...plain, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
    expect(fixed(await house.app.inject({ url: '/healthz' }))).toEqual(ops);
    expect(fixed(await house.app.inject({ url: '/readyz' }))).toEqual(ops);
    const home = await house.app.inject({ url: '/' });
    expect([home.statusCode, home.headers.location, fixed(home)]).toEqual([302, '/docs', ALWAYS]);
  });

  test('no answer says what it is made of, or passes on what it was sent', async () => {
    const forged = { 'x-powered-by': 'x', server: 'x', 'x-correlation-id': 'mine', 'x-request-id': 'mine' };
    for (const url of ['/docs', '/v1/grants', '/oauth/token', '/nothing']) {
      const { headers } = await house.app.inject({ url, headers: { ...alice, ...forged } });
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers['x-correlation-id']).toMatch(/^[A-Za-z0-9_-]{22}$/);
    }
  });

  test('X1: no token, handle or secret in the log or the trail, after all kinds of use', async () => {
    const runner = call.basic('ci-runner', SECRET);
    const params = await call.txParams();
    const token = await call.form('/oauth/token', { ...params, client_id: undefined }, runner);
    const deferred = await call.defer({ scope: 'orders:once' });
    await call.poll(deferred.body.deferral_code);
    await call.introspect(token.body.access_token);
    await call.revoke(token.body.access_token, { client_id: undefined }, runner);
    await call.revoke(deferred.body.deferral_code);
    const said = `${house.logged.join('')}${JSON.stringify(house.world.store.audit)}`;
    const secrets = [
      params.subject_token,
      token.body.access_token,
      deferred.body.deferral_code,
      SECRET,
      runner.authorization,
    ];
    for (const secret of [...secrets, alice.authorization?.slice(7)]) {
      expect(String(secret).length).toBeGreaterThan(8);
      expect(said).not.toContain(String(secret));
      expect(said).not.toContain(String(secret).split('.').at(-1));
    }
    // A correlation id may hold these three letters by chance; nothing with dots in it does.
    expect(said).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}/);
  });
});
