/** POST /v1/access-requests/{id}/decisions: who may decide, what a verdict does, and what it must not do. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf } from '../testing/callers.ts';
import { anonymous, countOf, expectProblem, expectRefused } from '../testing/expect-problem.ts';

let house: BrokerHouse;
let call: Callers;
let id: string;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  id = String((await call.ask('alice', { subject: { workload: 'payments-deploy' } })).body.id);
});
afterEach(() => house.close());

const now = async () => (await call.rest('alice', 'GET', `/v1/access-requests/${id}`)).body;
const deny = (who: string, body: object = {}) => call.decide(who, id, { verdict: 'deny', ...body });

describe('200', () => {
  test('two approve: first "1 of 2", then the grant', async () => {
    const first = await call.decide('bob', id);
    expect(first.status).toBe(200);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.body).toMatchObject({ state: 'pending', approvals: { required: 2, given: 1 }, grant: null });
    const second = await call.decide('dan', id, { reason: 'looks right' });
    expect(second.body).toMatchObject({
      state: 'approved',
      approvals: { required: 2, given: 2 },
      grant: { id: expect.stringMatching(/^grt_/), state: 'active' },
    });
    expect(second.text).not.toMatch(/eyJ|token/);
  });

  test('one deny ends it, whatever was approved before, also by the same person (I-16)', async () => {
    await call.decide('bob', id);
    const answer = await deny('bob', { reason: 'on second thought' });
    expect([answer.status, answer.body.state]).toEqual([200, 'denied']);
    expect(countOf(house, 'request.denied')).toBe(1);
  });

  test('the same verdict again: 200, nothing written', async () => {
    await call.decide('bob', id);
    const before = house.world.store.audit.length;
    const again = await call.decide('bob', id);
    expect([again.status, again.body]).toEqual([200, await now()]);
    expect(house.world.store.audit).toHaveLength(before);
  });

  test('I-3: one person fills one place, however often and in however many lines they are', async () => {
    house.putPolicy(house.policyWith('name: Bob Berg, groups: [managers]', 'name: Bob Berg, groups: [managers, dba]'));
    await call.decide('bob', id);
    expect((await call.decide('bob', id)).body).toMatchObject({ state: 'pending', approvals: { given: 1 } });
    expect((await call.decide('dan', id)).body.state).toBe('approved');
  });

  test('two people for the same place leave the other open', async () => {
    await call.decide('carol', id);
    expect((await call.decide('dan', id)).body).toMatchObject({
      state: 'pending',
      approvals: { required: 2, given: 1 },
    });
  });

  test('I-16: two who approve at once both count', async () => {
    await Promise.all([call.decide('bob', id), call.decide('dan', id)]);
    expect((await now()).state).toBe('approved');
    expect(countOf(house, 'grant.started')).toBe(1);
  });
});

describe('narrow', () => {
  test('shortens the ask: revision + 1, earlier decisions void, this one counts', async () => {
    await call.decide('dan', id);
    const narrowed = await call.decide('bob', id, { narrow: { duration: '15m', scopes: ['orders:read'] } });
    expect(narrowed.body).toMatchObject({
      state: 'pending',
      revision: 2,
      duration_seconds: 900,
      scopes: ['orders:read'],
      approvals: { required: 2, given: 1 },
    });
    await expectRefused(house, call.decide('dan', id), 409, 'stale_revision');
    const done = await call.decide('dan', id, { revision: 2 });
    expect(done.body).toMatchObject({ state: 'approved', revision: 2 });
    const { not_before, expires_at } = done.body.grant as { not_before: string; expires_at: string };
    expect(Date.parse(expires_at) - Date.parse(not_before)).toBe(900_000);
  });

  test('to what is asked already is a plain approval', async () => {
    const answer = await call.decide('bob', id, { narrow: { duration: '30m' } });
    expect(answer.body).toMatchObject({ revision: 1, approvals: { given: 1 } });
    expect((await call.decide('dan', id, { narrow: {} })).body.state).toBe('approved');
  });

  test.each([
    ['longer', { duration: '31m' }, 'duration_too_long'],
    ['shorter than a minute', { duration: '10s' }, 'malformed'],
    ['wider', { scopes: ['orders:read', 'orders:once'] }, 'scope_not_covered'],
    ['to nothing', { scopes: [] }, 'malformed'],
    ['to no scope at all', { scopes: ['two words'] }, 'malformed'],
    ['in another member', { role: 'read' }, 'malformed'],
  ])('422: %s', async (_what, narrow, code) => {
    await expectRefused(house, call.decide('bob', id, { narrow }), 422, code);
    expect(await now()).toMatchObject({ revision: 1, approvals: { given: 0 } });
  });

  test('422: goes with approve only', async () => {
    await expectRefused(house, deny('bob', { narrow: { duration: '15m' } }), 422, 'malformed');
  });
});

describe('403', () => {
  test('MR-1: the requester, by this door too; still pending', async () => {
    for (const verdict of ['approve', 'deny']) {
      await expectRefused(house, call.decide('alice', id, { verdict }), 403, 'own_request');
    }
    expect((await now()).state).toBe('pending');
  });

  test('MA-2: the subject is a workload, and a workload decides nothing', async () => {
    const body = { verdict: 'approve', revision: 1 };
    const calling = call.restAs(await call.jobToken(), 'POST', `/v1/access-requests/${id}/decisions`, body);
    await expectRefused(house, calling, 403, 'not_an_approver');
  });

  test('who may read it, as an owner, but is in no line of it', async () => {
    const own = await call.defer({ scope: 'orders:once' });
    const calling = call.decide('alice', own.body.request_id);
    await expectRefused(house, calling, 403, 'not_an_approver');
  });

  test('the policy no longer allows what was asked: approving is refused, denying is not', async () => {
    house.putPolicy(house.policyWith('roles: [read, admin, once]', 'roles: [read]'));
    await expectRefused(house, call.decide('bob', id), 403, 'policy_forbids');
    expect((await deny('bob')).body.state).toBe('denied');
  });
});

describe('404', () => {
  test('GX-1: an outsider, and a workload that may not see it: as if it were not there', async () => {
    const outsider = await expectRefused(house, call.decide('dave', id), 404, 'request_unknown');
    const unknown = await expectRefused(house, call.decide('dave', `req_${'0'.repeat(26)}`), 404, 'request_unknown');
    const misspelt = await expectRefused(house, call.decide('dave', 'req_x'), 404, 'request_unknown');
    const body = { verdict: 'approve', revision: 1 };
    const stranger = call.restAs(await call.jobToken('456'), 'POST', `/v1/access-requests/${id}/decisions`, body);
    const workload = await expectRefused(house, stranger, 404, 'request_unknown');
    for (const one of [unknown, misspelt, workload]) expect(anonymous(one)).toEqual(anonymous(outsider));
  });

  test('MA-5: who left the group meanwhile', async () => {
    house.putPolicy(house.policyWith('name: Dan Dorn, groups: [dba]', 'name: Dan Dorn, groups: []'));
    await expectRefused(house, call.decide('dan', id), 404, 'request_unknown');
  });
});

describe('409', () => {
  test('an approve may become a deny while pending, a deny never an approve', async () => {
    await deny('bob');
    const answer = await expectRefused(house, call.decide('bob', id), 409, 'request_closed');
    expect(answer.body).toMatchObject({ state: 'denied', by: 'person:bob@acme.test' });
  });

  test.each([
    ['approved', () => call.approveBoth(id), 'person:dan@acme.test'],
    ['canceled', () => call.rest('alice', 'POST', `/v1/access-requests/${id}/cancel`), 'person:alice@acme.test'],
    ['expired', async () => house.advance(4 * 3_600), undefined],
  ])('%s already, and by whom', async (state, close, by) => {
    await close();
    for (const verdict of ['approve', 'deny']) {
      const answer = await expectRefused(house, call.decide('carol', id, { verdict }), 409, 'request_closed');
      expect([answer.body.state, answer.body.by]).toEqual([state, by]);
    }
  });

  test.each([0, 2, 7])('I-4: revision %i is not the one in force', async (revision) => {
    const status = revision === 0 ? 422 : 409;
    const code = revision === 0 ? 'malformed' : 'stale_revision';
    const answer = await expectRefused(house, call.decide('bob', id, { revision }), status, code);
    if (status === 409) expect(answer.body.revision).toBe(1);
  });
});

test('422: a reason of 501 characters', async () => {
  await expectRefused(house, deny('bob', { reason: 'x'.repeat(501) }), 422, 'malformed');
  expect((await deny('bob', { reason: 'x'.repeat(500) })).status).toBe(200);
});

test('503: no database: nothing was decided', async () => {
  house.fail('ledger.transact');
  expectProblem(await call.decide('bob', id), 503, 'unavailable');
  house.fail();
  expect((await now()).approvals).toEqual({ required: 2, given: 0 });
});
