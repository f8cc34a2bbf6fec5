/** POST /v1/access-requests/{id}/cancel: by the requester, harmlessly again, and by nobody else. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, REASON } from '../testing/callers.ts';
import { countOf, expectProblem, expectRefused } from '../testing/expect-problem.ts';

let house: BrokerHouse;
let call: Callers;
let id: string;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  id = String((await call.ask('alice', { subject: { workload: 'payments-deploy' } })).body.id);
});
afterEach(() => house.close());

const cancel = (who: string, body?: unknown) => call.rest(who, 'POST', `/v1/access-requests/${id}/cancel`, body);

describe('200', () => {
  test('the requester takes it back; again is harmless and written once', async () => {
    const answer = await cancel('alice');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, state: 'canceled', grant: null });
    expect(answer.headers['cache-control']).toBe('no-store');
    const again = await Promise.all([cancel('alice'), cancel('alice')]);
    expect(again.map(({ status, body }) => [status, body.state])).toEqual([
      [200, 'canceled'],
      [200, 'canceled'],
    ]);
    expect(countOf(house, 'request.canceled')).toBe(1);
    expect(countOf(house, 'attempt.refused')).toBe(0);
  });

  test('an empty JSON body, or an empty object, is no body', async () => {
    const headers = { authorization: `Bearer ${await call.idToken('alice')}`, 'content-type': 'application/json' };
    for (const payload of ['', '{}', ' {} ']) {
      expect((await call.post(`/v1/access-requests/${id}/cancel`, payload, headers)).status).toBe(200);
    }
  });

  test('a workload that asked for itself takes it back itself', async () => {
    const token = await call.jobToken();
    const ask = { resource: 'orders-db', role: 'read', duration: '1h', justification: REASON };
    const own = await call.restAs(token, 'POST', '/v1/access-requests', ask);
    const answer = await call.restAs(token, 'POST', `/v1/access-requests/${own.body.id}/cancel`);
    expect([answer.status, answer.body.state]).toEqual([200, 'canceled']);
  });
});

test.each(['bob', 'dan', 'dave'])('404: %s, though an approver might read it, does not cancel it', async (who) => {
  await expectRefused(house, cancel(who), 404, 'request_unknown');
  expect((await call.rest('alice', 'GET', `/v1/access-requests/${id}`)).body.state).toBe('pending');
});

test('404: the subject is not the requester', async () => {
  const calling = call.restAs(await call.jobToken(), 'POST', `/v1/access-requests/${id}/cancel`);
  await expectRefused(house, calling, 404, 'request_unknown');
});

describe('409', () => {
  test('approved', async () => {
    await call.approveBoth(id);
    const answer = await expectRefused(house, cancel('alice'), 409, 'request_closed');
    expect(answer.body).toMatchObject({
      state: 'approved',
      by: 'person:dan@acme.test',
      at: expect.stringMatching(/Z$/),
    });
  });

  test('denied', async () => {
    await call.decide('bob', id, { verdict: 'deny' });
    const answer = await expectRefused(house, cancel('alice'), 409, 'request_closed');
    expect(answer.body).toMatchObject({ state: 'denied', by: 'person:bob@acme.test' });
  });

  test('past its time, with no worker running', async () => {
    house.advance(4 * 3_600);
    const answer = await expectRefused(house, cancel('alice'), 409, 'request_closed');
    expect(answer.body.state).toBe('expired');
    expect(answer.body).not.toHaveProperty('by');
  });
});

test('422: it takes no body', async () => {
  await expectRefused(house, cancel('alice', { reason: 'x' }), 422, 'malformed');
  await expectRefused(house, cancel('alice', []), 422, 'malformed');
  await expectRefused(house, cancel('alice', 'x'), 422, 'malformed');
});

test('503: no database: it is as it was', async () => {
  house.fail('ledger.transact');
  expectProblem(await cancel('alice'), 503, 'unavailable');
  house.fail();
  expect((await call.rest('alice', 'GET', `/v1/access-requests/${id}`)).body.state).toBe('pending');
});
