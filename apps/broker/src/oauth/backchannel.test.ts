/** Rows P20 to P23: the CIBA-shaped start, and polling for what it gave. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, CIBA, callersOf, claimsIn, REASON, SECRET } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CI_AUDIENCE, ORDERS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

type Params = Readonly<Record<string, string | undefined>>;
const app = () => call.basic('ciba-app', SECRET);
const casesOf = () => [...house.world.store.cases.values()].map((stored) => stored.case);
const start = (params: Params = {}, headers: Record<string, string> = app()) =>
  call.form(
    '/oauth/bc-authorize',
    { login_hint: 'workload:payments-deploy', audience: ORDERS, scope: 'orders:write', reason: REASON, ...params },
    headers,
  );
const poll = (id: unknown, headers: Record<string, string> = app()) =>
  call.form('/oauth/token', { grant_type: CIBA, auth_req_id: String(id) }, headers);

test('P20: a start gives what to poll with; approved, the poll gives a token for the hinted principal', async () => {
  const begun = await start();
  expect([begun.status, begun.headers['cache-control']]).toEqual([200, 'no-store']);
  expect(Object.keys(begun.body).sort()).toEqual(['auth_req_id', 'expires_in', 'interval', 'request_id']);
  expect(String(begun.body.auth_req_id)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(Number(begun.body.expires_in)).toBeGreaterThan(0);
  expect(Number(begun.body.interval)).toBeGreaterThanOrEqual(1);
  house.advance(6);
  expectRefusal(house, await poll(begun.body.auth_req_id), 'authorization_pending');
  await call.approveBoth(begun.body.request_id);
  const answer = await poll(begun.body.auth_req_id);
  expect(answer.status).toBe(200);
  expect(claimsIn(answer)).toMatchObject({ sub: 'workload:payments-deploy', client_id: 'ciba-app' });
  expect(answer.body).not.toHaveProperty('id_token');
});

test('P20: approved at once, or joined, is a 200 as well', async () => {
  const metrics = await start({ audience: 'metrics', scope: 'metrics:read' });
  expect((await poll(metrics.body.auth_req_id)).status).toBe(200);
  const first = await start();
  const second = await start();
  expect(second.body.request_id).toBe(first.body.request_id);
  await call.approveBoth(first.body.request_id);
  const third = await start();
  for (const { body } of [first, second, third]) expect((await poll(body.auth_req_id)).status).toBe(200);
});

describe('hints', () => {
  test('P21: exactly one: none, two, or an ID token of ours are invalid_request', async () => {
    expectRefusal(house, await start({ login_hint: undefined }), 'invalid_request');
    expectRefusal(house, await start({ login_hint_token: await call.jobToken() }), 'invalid_request');
    expectRefusal(house, await start({ login_hint: undefined, id_token_hint: 'x' }), 'invalid_request');
    expect(casesOf()).toEqual([]);
  });

  test('P21: who is unknown is unknown_user_id; a token whose time is over says so', async () => {
    for (const login_hint of ['person:nobody', 'nobody@acme.test', 'workload:none', 'ä']) {
      expectRefusal(house, await start({ login_hint }), 'unknown_user_id');
    }
    const token = { login_hint: undefined, login_hint_token: 'x' };
    expectRefusal(house, await start(token), 'unknown_user_id');
    const at = Math.floor(house.world.clock.now() / 1_000);
    const old = { iat: at - 900, nbf: at - 900, exp: at - 600 };
    const expired = await house.issuers
      .issuer('ci')
      .jobToken({ audience: CI_AUDIENCE, repositoryId: '123', claims: old });
    expectRefusal(house, await start({ ...token, login_hint_token: expired }), 'expired_login_hint_token');
  });

  test('P21: a name needs a client that proves itself; a token of the subject does not', async () => {
    const open = { client_id: 'ciba-open' };
    expectRefusal(house, await start(open, {}), 'invalid_request');
    const token = { ...open, login_hint: undefined, login_hint_token: await call.jobToken() };
    expect((await start(token, {})).status).toBe(200);
    expect((await start({ login_hint: 'alice@acme.test' })).status).toBe(200);
    expect(
      casesOf()
        .map((c) => c.request.subject.id)
        .sort(),
    ).toEqual(['alice@acme.test', 'payments-deploy']);
  });

  test('S25: a single-use token as a hint gives one token, also through several handles', async () => {
    const open = { client_id: 'ciba-open', login_hint: undefined, login_hint_token: await call.jobToken() };
    const [a, b] = [await start(open, {}), await start(open, {})];
    await call.approveBoth(a.body.request_id);
    const pollOpen = (id: unknown) =>
      call.form('/oauth/token', { grant_type: CIBA, client_id: 'ciba-open', auth_req_id: String(id) });
    expect((await pollOpen(a.body.auth_req_id)).status).toBe(200);
    expectRefusal(house, await pollOpen(b.body.auth_req_id), 'invalid_grant');
  });
});

describe('binding message', () => {
  test('P22: one that could not be shown plainly is refused', async () => {
    for (const binding_message of ['see https://evil.test', 'x'.repeat(65), 'a\nb', '<!channel>', 'ü']) {
      expectRefusal(house, await start({ binding_message }), 'invalid_binding_message');
    }
  });

  test('P22: a good one is on the request, and its justification where no reason is given', async () => {
    const begun = await start({ binding_message: 'Deploy #4711 of main_2', reason: undefined });
    const { body } = await call.rest('bob', 'GET', `/v1/access-requests/${String(begun.body.request_id)}`);
    expect(body).toMatchObject({ binding_message: 'Deploy #4711 of main_2', justification: 'Deploy #4711 of main_2' });
  });
});

test('P23: a handle of one kind is none of the other', async () => {
  const begun = await start();
  expectRefusal(
    house,
    await call.form('/oauth/token', { grant_type: CIBA, auth_req_id: 'x', deferral_code: 'y' }, app()),
    'invalid_grant',
  );
  await call.approveBoth(begun.body.request_id);
  const asDeferral = await call.poll(begun.body.auth_req_id, { client_id: undefined }, call.basic('ci-runner', SECRET));
  expectRefusal(house, asDeferral, 'invalid_grant');
  const waiting = await call.defer({ scope: 'orders:once' });
  expectRefusal(house, await poll(waiting.body.deferral_code), 'invalid_grant');
});

test('requested_expiry shortens the pending time, and never lengthens it', async () => {
  const short = await start({ requested_expiry: '60' });
  expect(Number(short.body.expires_in)).toBe(60);
  const [c] = casesOf();
  expect((c?.request.expiresAt ?? 0) - (c?.request.openedAt ?? 0)).toBe(60_000);
  const long = await start({ requested_expiry: '999999', scope: 'orders:once' });
  expect(Number(long.body.expires_in)).toBeLessThanOrEqual(4 * 3_600);
  for (const requested_expiry of ['0', '-1', '1.5', 'x', '99999999']) {
    expectRefusal(house, await start({ requested_expiry }), 'invalid_request');
  }
});

test('what the policy denies is 403; what is no target, scope or right of the client is 400', async () => {
  const approvals = 'approvals: [ { count: 1, from: [group:dba] }, { count: 1, from: [manager] } ]';
  house.putPolicy(house.policyWith(approvals, 'approvals: [ { count: 1, from: [person:dave@acme.test] } ]'));
  const daveAlone = await start({ login_hint: 'dave@acme.test' });
  expectRefusal(house, daveAlone, 'invalid_target');
  house.putPolicy(house.policyWith(approvals, 'approvals: [ { count: 9, from: [group:dba] } ]'));
  expectRefusal(house, await start(), 'access_denied', 403);
  house.putPolicy(house.policyWith('', ''));
  expectRefusal(house, await start({ scope: 'openid' }), 'invalid_scope');
  expectRefusal(house, await start({ scope: undefined }), 'invalid_request');
  expectRefusal(house, await start({ audience: 'nothing' }), 'invalid_target');
  expectRefusal(house, await start({ client_id: 'ci' }, {}), 'unauthorized_client');
  expect(casesOf()).toEqual([]);
});
