/** GET /v1/access-requests and /v1/grants: pages, cursors, and that nobody sees what is not theirs. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf, REASON } from '../testing/callers.ts';
import { expectProblem } from '../testing/expect-problem.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const list = (who: string, query = '') => call.rest(who, 'GET', `/v1/access-requests${query}`);
const grants = (who: string, query = '') => call.rest(who, 'GET', `/v1/grants${query}`);
const idsIn = ({ body }: Answer) => (body.items as { id: string }[]).map(({ id }) => id);
const pipeline = { subject: { workload: 'payments-deploy' } };

async function asked(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push(String((await call.ask('alice')).body.id));
  return ids;
}

describe('200', () => {
  test('newest first, with what each request is now', async () => {
    const ids = await asked(3);
    await call.decide('bob', ids[0], { verdict: 'deny' });
    const answer = await list('alice');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(idsIn(answer)).toEqual([...ids].reverse());
    expect(answer.body.next_cursor).toBe(null);
    expect((answer.body.items as { state: string }[]).map(({ state }) => state)).toEqual([
      'pending',
      'pending',
      'denied',
    ]);
  });

  test('pages follow each other by cursor, without gap or repeat, also when something new comes meanwhile', async () => {
    const ids = await asked(5);
    const first = await list('alice', '?limit=2');
    await asked(1);
    const second = await list('alice', `?limit=2&cursor=${first.body.next_cursor}`);
    const third = await list('alice', `?limit=2&cursor=${second.body.next_cursor}`);
    expect([first, second, third].flatMap(idsIn)).toEqual([...ids].reverse());
    expect(third.body.next_cursor).toBe(null);
  });

  test('a page that just fits has no next one', async () => {
    await asked(2);
    expect((await list('alice', '?limit=2')).body.next_cursor).toBe(null);
  });

  test("others' are never shown: not to a stranger, not to an approver, not with another's cursor", async () => {
    await asked(3);
    await call.ask('alice', pipeline);
    const { next_cursor } = (await list('alice', '?limit=1')).body;
    for (const who of ['dave', 'bob', 'dan']) {
      expect((await list(who)).body).toEqual({ items: [], next_cursor: null });
      expect((await list(who, `?cursor=${next_cursor}`)).body).toEqual({ items: [], next_cursor: null });
    }
  });

  test('a workload sees its own, and its owner sees what it asked for itself', async () => {
    const token = await call.jobToken();
    const ask = { resource: 'orders-db', role: 'read', duration: '1h', justification: REASON };
    const own = await call.restAs(token, 'POST', '/v1/access-requests', ask);
    await call.ask('alice');
    expect(idsIn(await call.restAs(token, 'GET', '/v1/access-requests'))).toEqual([own.body.id]);
    expect(idsIn(await list('alice'))).toContain(own.body.id);
  });

  test('grants: those of the caller and of their workloads, newest first', async () => {
    const mine = await call.ask('alice', { role: 'read' });
    await call.approveBoth(mine.body.id);
    const { grantId } = await call.approved();
    await asked(1);
    const answer = await grants('alice');
    expect(idsIn(answer)).toHaveLength(2);
    expect((answer.body.items as object[])[0]).toEqual({
      id: grantId,
      state: 'active',
      request_id: expect.any(String),
      resource: 'orders-db',
      role: 'admin',
      scopes: ['orders:read', 'orders:write'],
      audience: 'https://orders-db.acme.test',
      subject: 'workload:payments-deploy',
      not_before: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    expect(idsIn(await grants('alice', '?limit=1'))).toEqual([grantId]);
    for (const who of ['dave', 'dan']) expect((await grants(who)).body.items).toEqual([]);
  });

  test('grants: what has ended says so, with no worker running', async () => {
    await call.approved();
    house.advance(1_800);
    expect((await grants('alice')).body.items).toEqual([expect.objectContaining({ state: 'expired' })]);
  });

  test('a cursor nobody gave ends the list', async () => {
    await asked(1);
    expect((await list('alice', '?cursor=nonsense')).body).toEqual({ items: [], next_cursor: null });
  });
});

test.each([
  'limit=0',
  'limit=201',
  'limit=-1',
  'limit=ten',
  'limit=1.5',
  'limit=1&limit=2',
  'cursor=',
  'cursor=%00',
  'cursor=a%20b',
  `cursor=${'1'.repeat(201)}`,
])('422: ?%s', async (query) => {
  expectProblem(await list('alice', `?${query}`), 422, 'malformed');
  expectProblem(await grants('alice', `?${query}`), 422, 'malformed');
});

test('503: no database', async () => {
  for (const [operation, answer] of [
    ['ledger.mine', list],
    ['ledger.granted', grants],
  ] as const) {
    house.fail(operation);
    expectProblem(await answer('alice'), 503, 'unavailable');
  }
});
