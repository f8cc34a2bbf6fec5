/** Who is calling the REST door: tokens of trusted issuers and nothing else; forged headers mean nothing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, trailOf } from '../testing/callers.ts';
import { anonymous, expectProblem, expectRefused } from '../testing/expect-problem.ts';

describe('authentication', () => {
  let house: BrokerHouse;
  let call: Callers;
  let requestId: string;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    ({ requestId } = await call.approved());
  });
  afterAll(() => house.close());

  const EVERY: readonly (readonly ['GET' | 'POST', string])[] = [
    ['POST', '/v1/access-requests'],
    ['GET', '/v1/access-requests'],
    ['GET', '/v1/access-requests/req_x'],
    ['POST', '/v1/access-requests/req_x/cancel'],
    ['POST', '/v1/access-requests/req_x/decisions'],
    ['GET', '/v1/grants'],
    ['GET', '/v1/grants/grt_x'],
    ['POST', '/v1/grants/grt_x/revoke'],
  ];
  const inject = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string) => {
    const answer = await house.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      body: answer.json() as Record<string, unknown>,
    };
  };

  test.each(EVERY)('401: %s %s without a token, and one row in the trail', async (method, url) => {
    await expectRefused(house, inject(method, url, {}), 401, 'subject_token_rejected');
  });

  test('401: before the body is looked at: an ill-formed one changes nothing', async () => {
    const headers = { 'content-type': 'application/json' };
    expectProblem(await inject('POST', '/v1/access-requests', headers, '{'), 401, 'subject_token_rejected');
    expectProblem(await inject('POST', '/v1/access-requests', headers, '{"x":1}'), 401, 'subject_token_rejected');
  });

  test('401: every bad token gives one answer', async () => {
    const honest = await call.idToken('alice');
    const own = String((await call.tx()).body.access_token);
    const workforce = house.issuers.issuer('workforce');
    const stranger = await workforce.idToken({ sub: 'mallory', audience: 'sallyport' });
    const elsewhere = await workforce.idToken({ sub: 'alice', audience: 'another-app' });
    const old = await workforce.idToken({ sub: 'alice', audience: 'sallyport', ttlSeconds: -120 });
    const bad = [
      `Bearer ${own}`,
      `Bearer ${stranger}`,
      `Bearer ${elsewhere}`,
      `Bearer ${old}`,
      `Bearer ${honest.slice(0, -4)}AAAA`,
      `Bearer ${honest} ${honest}`,
      `Bearer  ${honest}`,
      'Bearer',
      'Bearer x',
      `Basic ${Buffer.from('alice:secret').toString('base64')}`,
      honest,
      `DPoP ${honest}`,
      `Bearer ${'x'.repeat(10_000)}`,
    ];
    const answers = [];
    for (const authorization of bad) {
      const calling = inject('GET', '/v1/grants', { authorization });
      answers.push(await expectRefused(house, calling, 401, 'subject_token_rejected'));
    }
    for (const answer of answers) expect(anonymous(answer)).toEqual(anonymous(answers[0] ?? answer));
  });

  test('the scheme is case-insensitive (RFC 9110 section 11.1)', async () => {
    const token = await call.idToken('alice');
    expect((await inject('GET', '/v1/grants', { authorization: `bearer ${token}` })).status).toBe(200);
  });

  test('a token in the query or a cookie is none', async () => {
    const token = await call.idToken('alice');
    const inQuery = await inject('GET', `/v1/grants?access_token=${token}`, { cookie: `token=${token}` });
    expectProblem(inQuery, 401, 'subject_token_rejected');
    expect(house.logged.join('')).not.toContain(token);
  });

  const FORGED = {
    'x-user': 'bob@acme.test',
    'x-remote-user': 'bob@acme.test',
    'x-forwarded-user': 'bob@acme.test',
    'x-forwarded-for': '203.0.113.9',
    'x-real-ip': '203.0.113.9',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'http',
    forwarded: 'for=203.0.113.9;host=evil.test',
    'x-original-url': '/v1/grants',
    'x-http-method-override': 'POST',
    'x-request-id': 'mine',
    'x-correlation-id': 'mine',
    host: 'evil.test',
  };

  test('forged identity headers name nobody', async () => {
    expectProblem(await inject('GET', `/v1/access-requests/${requestId}`, FORGED), 401, 'subject_token_rejected');
    const authorization = `Bearer ${await call.idToken('dave')}`;
    const asDave = await inject('GET', `/v1/access-requests/${requestId}`, { ...FORGED, authorization });
    expectProblem(asDave, 404, 'request_unknown');
  });

  test('forged proxy headers change neither address, link nor correlation id', async () => {
    const answer = await call.ask('alice', {}, FORGED);
    expect(answer.status).toBe(201);
    expect(`${answer.text}${JSON.stringify(answer.headers)}`).not.toMatch(/evil\.test|203\.0\.113|mine/);
    const row = trailOf(house, 'request.opened').at(-1);
    expect(row?.by).toMatchObject({ address: '127.0.0.1', principal: { kind: 'person', id: 'alice@acme.test' } });
    expect(row?.by.external).toBe(`${house.issuers.issuer('workforce').url} alice`);
  });

  test('401: a person taken out of the directory, at once', async () => {
    const text = house.policyWith('- { id: dave@acme.test,', '- { enabled: false, id: dave@acme.test,');
    expect((await call.rest('dave', 'GET', '/v1/grants')).status).toBe(200);
    house.putPolicy(text);
    await expectRefused(house, call.rest('dave', 'GET', '/v1/grants'), 401, 'subject_token_rejected');
    house.putPolicy(house.policyWith('', ''));
  });
});
