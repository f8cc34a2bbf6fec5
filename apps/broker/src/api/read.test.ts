/** GET /v1/access-requests/{id}: who may read it, entity tags, and the long poll. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf } from '../testing/callers.ts';
import { anonymous, expectProblem } from '../testing/expect-problem.ts';

let house: BrokerHouse;
let call: Callers;
let id: string;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  id = String((await call.ask('alice', { subject: { workload: 'payments-deploy' } })).body.id);
});
afterEach(() => house.close());

const get = (who: string, query = '', headers: Record<string, string> = {}) =>
  call.rest(who, 'GET', `/v1/access-requests/${id}${query}`, undefined, headers);
const known = (answer: Answer) => ({ 'if-none-match': String(answer.headers.etag) });

/** Less than the 20 s the polls here wait: whoever is answered in this time was answered early. */
const EARLY_MS = 15_000;
jest.setTimeout(EARLY_MS);

async function until(condition: () => boolean): Promise<void> {
  for (let looks = 0; looks < 500; looks++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that');
}

describe('200', () => {
  test.each(['alice', 'bob', 'dan', 'carol'])('%s, who asked, owns or may decide, reads it', async (who) => {
    const answer = await get(who);
    expect([answer.status, answer.body.id]).toEqual([200, id]);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', etag: expect.stringMatching(/^"[^"]+"$/) });
  });

  test('the subject reads it too', async () => {
    const answer = await call.restAs(await call.jobToken(), 'GET', `/v1/access-requests/${id}`);
    expect(answer.body).toMatchObject({ id, subject: 'workload:payments-deploy', requester: 'person:alice@acme.test' });
  });

  test('the tag changes with each step, and with what time alone changes', async () => {
    const tags = [(await get('alice')).headers.etag];
    await call.decide('bob', id);
    tags.push((await get('alice')).headers.etag);
    await call.decide('dan', id);
    tags.push((await get('alice')).headers.etag);
    house.advance(1_800);
    const over = await get('alice');
    tags.push(over.headers.etag);
    expect(new Set(tags).size).toBe(4);
    expect(over.body.grant).toMatchObject({ state: 'expired' });
  });

  test('pending past its time reads expired, with no worker running', async () => {
    house.advance(4 * 3_600);
    expect((await get('alice')).body).toMatchObject({ state: 'expired', grant: null });
  });
});

describe('304', () => {
  test('what the caller knows: no body, the same tag; weak or in a list as well', async () => {
    const first = await get('alice');
    const tag = String(first.headers.etag);
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const answer = await get('alice', '', { 'if-none-match': header });
      expect([answer.status, answer.text, answer.headers.etag]).toEqual([304, '', tag]);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
    expect((await get('alice', '', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test("a stranger's If-None-Match tells them nothing", async () => {
    const tag = String((await get('alice')).headers.etag);
    for (const header of [tag, '*']) {
      expectProblem(await get('dave', '?wait=20', { 'if-none-match': header }), 404, 'request_unknown');
    }
  });
});

describe('wait', () => {
  test('held until it changes, then answered at once', async () => {
    const first = await get('alice');
    const held = get('alice', '?wait=20', known(first));
    await until(() => house.heldNow() > 0);
    await call.decide('bob', id);
    const answer = await held;
    expect([answer.status, answer.body.approvals]).toEqual([200, { required: 2, given: 1 }]);
  });

  test('answered at once when what the caller knows is old already', async () => {
    const first = await get('alice');
    await call.decide('bob', id);
    expect((await get('alice', '?wait=20', known(first))).status).toBe(200);
  });

  test('no change in time: 304 with a known tag, the request without one', async () => {
    const first = await get('alice');
    const held = Promise.all([get('alice', '?wait=2', known(first)), get('alice', '?wait=2')]);
    await until(() => house.heldNow() === 2);
    const [with304, with200] = await held;
    expect([with304.status, with200.status]).toEqual([304, 200]);
    expect(with200.body.state).toBe('pending');
  });

  test('without If-None-Match it waits for the next change; a closed request has none to wait for', async () => {
    const held = get('alice', '?wait=20');
    await until(() => house.heldNow() > 0);
    await call.decide('bob', id, { verdict: 'deny' });
    expect((await held).body.state).toBe('denied');
    expect((await get('alice', '?wait=20')).body.state).toBe('denied');
  });

  test('what time alone changes is a change too', async () => {
    const first = await get('alice');
    const held = get('alice', '?wait=20', known(first));
    await until(() => house.heldNow() > 0);
    house.advance(4 * 3_600);
    expect((await held).body.state).toBe('expired');
  });

  test('who may no longer read it is told 404 while waiting', async () => {
    const first = await get('dan');
    const held = get('dan', '?wait=20', known(first));
    await until(() => house.heldNow() > 0);
    house.putPolicy(house.policyWith('name: Dan Dorn, groups: [dba]', 'name: Dan Dorn, groups: []'));
    expectProblem(await held, 404, 'request_unknown');
  });

  test('429: more than fifty held by one caller, others untouched; draining answers them all', async () => {
    const held = Array.from({ length: 50 }, () => get('alice', '?wait=20'));
    await until(() => house.heldNow() === 50);
    const more = await get('alice', '?wait=20');
    expectProblem(more, 429, 'too_many');
    expect(Number(more.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('alice')).status).toBe(200);
    const bobs = get('bob', '?wait=20');
    await until(() => house.heldNow() === 51);
    house.drain();
    const answers = await Promise.all([...held, bobs]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await get('alice', '?wait=20')).headers.connection).toBe('close');
  });

  test.each(['wait=21', 'wait=-1', 'wait=long', 'wait=1.5', 'wait=1&wait=2'])('422: ?%s', async (query) => {
    expectProblem(await get('alice', `?${query}`), 422, 'malformed');
  });
});

describe('404', () => {
  test('a stranger, an unknown id, one that cannot be: one answer, whatever the method', async () => {
    const { body } = await call.approveBoth(id);
    const grant = (body.grant as { id: string }).id;
    const unknown = '0'.repeat(26);
    const requests = [id, `req_${unknown}`, grant, 'req_', 'x', '%00', '..%2f..', 'a'.repeat(2_000), '%F0%9F%92%A9'];
    const grants = [grant, `grt_${unknown}`, id, 'x', 'a'.repeat(2_000)];
    const answers = [
      ...requests.flatMap((one) => [
        call.rest('dave', 'GET', `/v1/access-requests/${one}`),
        call.rest('dave', 'GET', `/v1/access-requests/${one}?wait=20`),
        call.rest('dave', 'POST', `/v1/access-requests/${one}/cancel`),
        call.decide('dave', one),
        call.decide('dave', one, { verdict: 'deny', revision: 7 }),
      ]),
      ...grants.flatMap((one) => [
        call.rest('dave', 'GET', `/v1/grants/${one}`),
        call.rest('dave', 'POST', `/v1/grants/${one}/revoke`),
      ]),
    ];
    const seen = new Set((await Promise.all(answers)).map((answer) => JSON.stringify(anonymous(answer))));
    expect([...seen]).toEqual([
      JSON.stringify({
        status: 404,
        type: 'about:blank',
        code: 'request_unknown',
        title: 'Not found',
        detail: 'It does not exist, or it is not yours to see.',
      }),
    ]);
  });

  test('other methods are 404 for everybody', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const answer = await house.app.inject({ method, url: `/v1/access-requests/${id}` });
      expect([method, answer.statusCode]).toEqual([method, 404]);
    }
  });
});

test('503: no database, never a stale answer', async () => {
  const first = await get('alice');
  house.fail('ledger.find');
  expectProblem(await get('alice', '?wait=20', known(first)), 503, 'unavailable');
});
