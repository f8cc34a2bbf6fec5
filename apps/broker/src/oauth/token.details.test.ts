/** Rows T11, T12, T15: authorization_details, and federation tokens. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, REASON, TT } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { ORDERS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterAll(() => house.close());

const TABLES = { type: 'tables', tables: ['orders', 'lines'], limit: 1.5 };
const details = (...all: unknown[]) => ({ authorization_details: JSON.stringify(all) });
const asked = { scope: 'orders:read', completion_mode: 'deferred', reason: REASON };

describe('authorization_details', () => {
  test.each([
    ['an unknown type', details({ type: 'rows' })],
    ['an extra member', details({ ...TABLES, more: true })],
    ['a member of another kind', details({ ...TABLES, limit: '1' })],
    ['a missing member', details({ type: 'tables' })],
    ['no type', details({ tables: [] })],
    ['no list', { authorization_details: JSON.stringify(TABLES) }],
    ['an empty list', details()],
    ['broken JSON', { authorization_details: '[{"type":"tables"' }],
    ['a doubled member', { authorization_details: '[{"type":"tables","type":"any","tables":[]}]' }],
    ['a member that looks like an index', details({ type: 'any', 7: 'x' })],
    ['NUL', details({ type: 'any', note: 'a\u0000b' })],
    ['too deep', details({ type: 'any', a: { b: { c: { d: { e: { f: { g: { h: {} } } } } } } } })],
    ['too long', details({ type: 'any', note: 'x'.repeat(2_001) })],
    ['too many', details(...Array.from({ length: 6 }, (_, index) => ({ type: 'any', note: `${index}` })))],
    ['no object', details('tables')],
  ])('T11: %s is invalid_authorization_details, and opens nothing', async (_, params) => {
    expectRefusal(house, await call.tx({ ...asked, ...params }), 'invalid_authorization_details');
    expect(house.world.store.cases.size).toBe(0);
  });

  test('T12: what is approved is in answer, token, introspection and REST, equal; nothing less covers, nothing more', async () => {
    const begun = await call.tx({ ...asked, ...details(TABLES) });
    expectRefusal(house, begun, 'authorization_pending');
    const id = String(begun.body.request_id);
    expect((await call.rest('bob', 'GET', `/v1/access-requests/${id}`)).body.authorization_details).toEqual([TABLES]);
    await call.approveBoth(id);
    const polled = await call.poll(begun.body.deferral_code);
    expect(polled.body.authorization_details).toEqual([TABLES]);
    expect(claimsIn(polled).authorization_details).toEqual([TABLES]);
    expect((await call.introspect(polled.body.access_token)).body.authorization_details).toEqual([TABLES]);

    const reordered = { limit: 1.5, tables: ['orders', 'lines'], type: 'tables' };
    expect((await call.tx({ scope: 'orders:read', ...details(reordered) })).body.authorization_details).toEqual([
      TABLES,
    ]);
    const wider = { ...TABLES, tables: ['orders', 'lines', 'people'] };
    expectRefusal(house, await call.tx({ scope: 'orders:read', ...details(wider) }), 'invalid_authorization_details');
    expectRefusal(
      house,
      await call.tx({ scope: 'orders:read', ...details(TABLES, { type: 'any' }) }),
      'invalid_authorization_details',
    );
    // Who asks for no details asks for more than this grant has.
    expectRefusal(house, await call.tx({ scope: 'orders:read' }), 'access_denied');
    expect((await call.tx({ scope: undefined, request_id: id })).body.authorization_details).toEqual([TABLES]);
  });

  test('T12: a grant without details covers none', async () => {
    await call.approved({ role: 'admin' });
    // One live grant has the details and not the scope, another the scope and no details: never a union.
    expectRefusal(house, await call.tx({ scope: 'orders:write', ...details(TABLES) }), 'invalid_scope');
    expect((await call.tx({ scope: 'orders:write' })).body).not.toHaveProperty('authorization_details');
  });
});

describe('federation tokens', () => {
  const federate = (params = {}) => call.tx({ requested_token_type: TT('jwt'), ...params });

  test('T15: RS256, N_A, one audience, short; no scope, no client, no key inside', async () => {
    const answer = await federate();
    expect(answer.body).toMatchObject({ token_type: 'N_A', issued_token_type: TT('jwt'), scope: 'orders:write' });
    expect(decodeProtectedHeader(String(answer.body.access_token))).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    const claims = claimsIn(answer);
    expect(claims).toEqual({
      iss: ISSUER,
      sub: 'workload:payments-deploy',
      aud: ORDERS,
      iat: expect.any(Number),
      nbf: claims.iat,
      exp: expect.any(Number),
      jti: expect.stringMatching(/^tok_/),
      grant_id: answer.body.grant_id,
      target: 'orders-db',
      role: 'admin',
      'https://aws.amazon.com/tags': { principal_tags: { grant: [answer.body.grant_id] } },
      'https://aws.amazon.com/source_identity': answer.body.grant_id,
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(300);
  });

  test('T15: it is not waited for, and a resource that wants proofs gives none', async () => {
    expectRefusal(house, await federate({ ...asked, scope: 'orders:once' }), 'invalid_request');
    expectRefusal(house, await federate({ audience: 'vault', scope: 'vault:open' }), 'invalid_request');
    expectRefusal(house, await federate({ scope: 'orders:once' }), 'invalid_scope');
  });

  test('T15: none of our own doors takes it', async () => {
    const token = String((await federate()).body.access_token);
    expect((await call.introspect(token)).body).toEqual({ active: false });
    expect((await call.restAs(token, 'GET', '/v1/grants')).status).toBe(401);
    for (const type of ['jwt', 'id_token', 'access_token']) {
      const answer = await call.tx({ subject_token: token, subject_token_type: TT(type) });
      expectRefusal(house, answer, 'invalid_request');
    }
  });

  test('T15: from the access token of a poll, by the same client', async () => {
    const { access_token } = (await call.tx()).body;
    const own = { subject_token: String(access_token), subject_token_type: TT('access_token') };
    expect((await federate(own)).body.token_type).toBe('N_A');
    expectRefusal(house, await federate({ ...own, client_id: 'other' }), 'invalid_request');
  });

  test('T15: a grant for one token gives one, of either kind: what was waited for is not swapped', async () => {
    const once = { scope: 'orders:once' };
    await call.approved({ role: 'once' });
    expect((await federate(once)).body.token_type).toBe('N_A');
    await call.approved({ role: 'once' });
    const waited = await call.tx(once);
    const own = { subject_token: String(waited.body.access_token), subject_token_type: TT('access_token'), ...once };
    expectRefusal(house, await federate(own), 'access_denied');
  });
});
