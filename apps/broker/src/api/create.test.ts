/** POST /v1/access-requests: every answer it has. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, REASON } from '../testing/callers.ts';
import { anonymous, expectProblem, expectRefused } from '../testing/expect-problem.ts';
import { ORDERS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const URL = '/v1/access-requests';
const requestsMade = () => house.world.store.cases.size;
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

describe('201', () => {
  test('a person asks for themselves: the request as it is, and where it is', async () => {
    const answer = await call.ask('alice', { ticket: 'OPS-7' });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      location: `${ISSUER}/v1/access-requests/${answer.body.id}`,
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^req_[0-9a-z]{26}$/),
      state: 'pending',
      revision: 1,
      resource: 'orders-db',
      role: 'admin',
      scopes: ['orders:read', 'orders:write'],
      audience: ORDERS,
      duration_seconds: 1_800,
      subject: 'person:alice@acme.test',
      requester: 'person:alice@acme.test',
      justification: REASON,
      ticket: 'OPS-7',
      approvals: { required: 2, given: 0 },
      expires_at: iso(house.world.clock.now() + 4 * 3_600_000),
      grant: null,
    });
  });

  test('for a workload they own; and a workload for itself', async () => {
    const owned = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    expect(owned.body).toMatchObject({ subject: 'workload:payments-deploy', requester: 'person:alice@acme.test' });
    const own = await call.restAs(await call.jobToken(), 'POST', URL, {
      resource: 'orders-db',
      role: 'read',
      duration: '1h',
      justification: REASON,
    });
    expect(own.body).toMatchObject({ subject: 'workload:payments-deploy', requester: 'workload:payments-deploy' });
  });

  test('auto_approve: the grant begins at once; still no token', async () => {
    const answer = await call.ask('dan', { resource: 'metrics', role: 'view', duration: '2h' });
    expect([answer.status, answer.body.state]).toEqual([201, 'approved']);
    const { not_before, ...grant } = answer.body.grant as Record<string, string>;
    expect(grant).toEqual({
      id: expect.stringMatching(/^grt_/),
      state: 'active',
      expires_at: iso(Date.parse(String(not_before)) + 7_200_000),
    });
    expect(answer.text).not.toMatch(/eyJ|token|deferral/);
  });

  test('not_before: the grant begins then, not at approval', async () => {
    const begins = iso((Math.floor(house.world.clock.now() / 1_000) + 3_600) * 1_000);
    const { body } = await call.ask('alice', { not_before: begins });
    const approved = await call.approveBoth(body.id);
    expect(approved.body.grant).toMatchObject({ state: 'active', not_before: begins });
  });

  test('without an Idempotency-Key every POST is a new request', async () => {
    const [one, two] = [await call.ask('alice'), await call.ask('alice')];
    expect(one.body.id).not.toBe(two.body.id);
  });
});

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'build-7' };

  test('I-12: same key and body: the same request as it is now, also many at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => call.ask('alice', {}, key)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(requestsMade()).toBe(1);
    await call.decide('bob', answers[0]?.body.id);
    const again = await call.ask('alice', {}, key);
    expect([again.status, again.body.approvals]).toEqual([201, { required: 2, given: 1 }]);
  });

  test('I-12: the order of members is no part of the body', async () => {
    const members = { resource: 'orders-db', role: 'read', duration: '30m', justification: REASON };
    const turned = Object.fromEntries(Object.entries(members).reverse());
    const one = await call.rest('alice', 'POST', URL, members, key);
    const two = await call.rest('alice', 'POST', URL, turned, key);
    expect(two.body.id).toBe(one.body.id);
  });

  test('I-12: other body: 422 key_reused, in the trail, nothing made', async () => {
    await call.ask('alice', {}, key);
    await expectRefused(house, call.ask('alice', { duration: '31m' }, key), 422, 'key_reused');
    expect(requestsMade()).toBe(1);
  });

  test("somebody else's key is another key", async () => {
    const one = await call.ask('dan', { resource: 'metrics', role: 'view' }, key);
    const two = await call.ask('carol', { resource: 'metrics', role: 'view' }, key);
    expect(two.body.id).not.toBe(one.body.id);
  });

  test('a refused ask does not use the key up; a day later it is free again', async () => {
    await expectRefused(house, call.ask('alice', { justification: 'short' }, key), 422, 'justification_too_short');
    const one = await call.ask('alice', {}, key);
    expect(one.status).toBe(201);
    house.advance(24 * 3_600 + 1);
    expect((await call.ask('alice', {}, key)).body.id).not.toBe(one.body.id);
  });

  test.each([[''], ['k'.repeat(256)]])('a key that is none is 422', async (text) => {
    expectProblem(await call.ask('alice', {}, { 'idempotency-key': text }), 422, 'malformed');
  });
});

describe('403', () => {
  test('no rule lets them', async () => {
    const answer = await expectRefused(house, call.ask('dave'), 403, 'policy_forbids');
    expect(answer.body.check).toBe('who_includes_subject');
    expect(requestsMade()).toBe(0);
  });

  test('a workload they do not own, and one that is not there, look alike', async () => {
    const foreign = { subject: { workload: 'reports-nightly' } };
    const nobody = { subject: { workload: 'never-heard-of' } };
    const answers = [
      await expectRefused(house, call.ask('alice', foreign), 403, 'policy_forbids'),
      await expectRefused(house, call.ask('alice', nobody), 403, 'policy_forbids'),
    ];
    expect(answers.map(anonymous)[1]).toEqual(answers.map(anonymous)[0]);
    expect(answers[1]?.text).not.toContain('never-heard-of');
  });

  test('a workload never asks for another', async () => {
    const token = await call.jobToken();
    const ask = { resource: 'orders-db', role: 'read', duration: '1h', justification: REASON };
    const calling = call.restAs(token, 'POST', URL, { ...ask, subject: { workload: 'long-runner' } });
    await expectRefused(house, calling, 403, 'policy_forbids');
  });
});

describe('422', () => {
  test.each([
    ['an unknown resource', { resource: 'nothing-here' }, 'target_unknown', 'resource'],
    ['an unknown role', { role: 'owner' }, 'target_unknown', 'resource'],
    ['a duration above the maximum', { duration: '61m' }, 'duration_too_long', 'duration'],
    ['a duration below a minute', { duration: '59s' }, 'malformed', 'duration'],
    ['a justification too short', { justification: '  short   ' }, 'justification_too_short', 'justification'],
    ['a not_before too far ahead', { not_before: '2099-01-01T00:00:00Z' }, 'malformed', 'not_before'],
  ])('%s', async (_what, body, code, path) => {
    const answer = await expectRefused(house, call.ask('alice', body), 422, code);
    expect(answer.body.path).toBe(path);
    expect(requestsMade()).toBe(0);
  });

  test('nobody can approve it', async () => {
    const asking = call.ask('dave', { resource: 'metrics', role: 'view', subject: { workload: 'reports-nightly' } });
    await expectRefused(house, asking, 422, 'nobody_can_approve');
    expect(requestsMade()).toBe(0);
  });

  test('a disabled resource is unknown', async () => {
    house.putPolicy(house.policyWith('- id: orders-db', '- id: orders-db\n    enabled: false'));
    await expectRefused(house, call.ask('alice'), 422, 'target_unknown');
  });
});

test('503: no database: nothing changed, and Retry-After', async () => {
  house.fail('ledger.open');
  const answer = await call.ask('alice');
  expectProblem(answer, 503, 'unavailable');
  expect(answer.headers['retry-after']).toBe('1');
  expect(requestsMade()).toBe(0);
});
