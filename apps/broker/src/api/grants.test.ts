/** GET /v1/grants/{id} and POST …/revoke: those who can read a grant may end it. Lists are in list.test.ts. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf } from '../testing/callers.ts';
import { countOf, expectProblem, expectRefused } from '../testing/expect-problem.ts';

let house: BrokerHouse;
let call: Callers;
let ids: { readonly requestId: string; readonly grantId: string };
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  ids = await call.approved();
});
afterEach(() => house.close());

const read = (who: string) => call.rest(who, 'GET', `/v1/grants/${ids.grantId}`);
const revoke = (who: string, body?: unknown) => call.rest(who, 'POST', `/v1/grants/${ids.grantId}/revoke`, body);

describe('200', () => {
  test.each(['alice', 'bob', 'dan', 'carol'])('%s reads it', async (who) => {
    const answer = await read(who);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toEqual({
      id: ids.grantId,
      state: 'active',
      request_id: ids.requestId,
      resource: 'orders-db',
      role: 'admin',
      scopes: ['orders:read', 'orders:write'],
      audience: 'https://orders-db.acme.test',
      subject: 'workload:payments-deploy',
      not_before: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('the subject reads it, and may end it', async () => {
    const token = await call.jobToken();
    expect((await call.restAs(token, 'GET', `/v1/grants/${ids.grantId}`)).status).toBe(200);
    const ended = await call.restAs(token, 'POST', `/v1/grants/${ids.grantId}/revoke`);
    expect([ended.status, ended.body.state]).toEqual([200, 'revoked']);
  });

  test.each(['alice', 'bob', 'carol'])(
    '%s ends it: the grant as it now is; again is harmless, written once',
    async (who) => {
      const answer = await revoke(who);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ id: ids.grantId, state: 'revoked' });
      const again = await Promise.all([revoke(who), revoke('dan', {})]);
      expect(again.map(({ status, body }) => [status, body.state])).toEqual([
        [200, 'revoked'],
        [200, 'revoked'],
      ]);
      expect(countOf(house, 'grant.revoked')).toBe(1);
      expect((await call.rest('alice', 'GET', `/v1/access-requests/${ids.requestId}`)).body).toMatchObject({
        state: 'approved',
        grant: { state: 'revoked' },
      });
    },
  );

  test('over, with no worker running: it reads expired', async () => {
    house.advance(1_800);
    expect((await read('alice')).body.state).toBe('expired');
  });

  test('revoked before it begins', async () => {
    const later = new Date(house.world.clock.now() + 3_600_000).toISOString();
    ids = await call.approved({ not_before: later });
    expect((await read('alice')).body.state).toBe('active');
    expect((await revoke('alice')).body.state).toBe('revoked');
  });
});

test('404: a stranger reads and ends nothing; ending is in the trail', async () => {
  expectProblem(await read('dave'), 404, 'request_unknown');
  await expectRefused(house, revoke('dave'), 404, 'request_unknown');
  const unknown = call.rest('dave', 'POST', `/v1/grants/grt_${'0'.repeat(26)}/revoke`);
  await expectRefused(house, unknown, 404, 'request_unknown');
  await expectRefused(house, call.rest('dave', 'POST', '/v1/grants/x/revoke'), 404, 'request_unknown');
  expect((await read('alice')).body.state).toBe('active');
});

test('409: ending what is over', async () => {
  house.advance(1_800);
  const answer = await expectRefused(house, revoke('alice'), 409, 'grant_ended');
  expect(answer.body.how).toBe('over');
});

test('422: it takes no body', async () => {
  await expectRefused(house, revoke('alice', { reason: 'x' }), 422, 'malformed');
});

test('503: no database: it is as it was', async () => {
  for (const operation of ['ledger.findByGrant', 'ledger.transact']) {
    house.fail(operation);
    expectProblem(await revoke('alice'), 503, 'unavailable');
  }
  house.fail();
  expect((await read('alice')).body.state).toBe('active');
});
