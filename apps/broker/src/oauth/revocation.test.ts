/** Rows R*: revocation of access tokens. Handles are in token.waiting.test.ts, P13 and P14. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, SECRET, TT, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const aToken = async () => String((await call.tx()).body.access_token);
const isActive = async (token: string) => (await call.introspect(token)).body.active;

describe('revocation', () => {
  test('R1 R5: an unknown token, garbage, a foreign issuer’s: exactly 200 with an empty body', async () => {
    for (const token of ['garbage', 'a.b.c', await call.jobToken(), 'A'.repeat(43), 'x'.repeat(5_000)]) {
      const answer = await call.revoke(token);
      expect([answer.status, answer.text]).toEqual([200, '']);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    }
  });

  test.each([TT('refresh_token'), TT('deferral-code'), 'nonsense', ''])(
    'R2: with hint %j it is 200 all the same',
    async (hint) => {
      await call.approved();
      const token = await aToken();
      expect((await call.revoke(token, { token_type_hint: hint })).status).toBe(200);
      expect(await isActive(token)).toBe(false);
    },
  );

  test("R3: another client's token is invalid_request, stays active, and the attempt is in the trail", async () => {
    await call.approved();
    const token = await aToken();
    expectRefusal(house, await call.revoke(token, { client_id: 'other' }), 'invalid_request');
    const asRunner = await call.revoke(token, { client_id: undefined }, call.basic('ci-runner', SECRET));
    expectRefusal(house, asRunner, 'invalid_request');
    expect(await isActive(token)).toBe(true);
    expect(trailOf(house, 'attempt.refused')).toHaveLength(2);
  });

  test('R4: one jti revoked: siblings stay active, and the grant gives more', async () => {
    await call.approved();
    const [one, sibling] = [await aToken(), await aToken()];
    expect((await call.revoke(one)).status).toBe(200);
    expect([await isActive(one), await isActive(sibling)]).toEqual([false, true]);
    expect((await call.tx()).status).toBe(200);
    expect(trailOf(house, 'token.revoked')).toHaveLength(1);
  });

  test('R4: the grant revoked: all inactive, and an exchange is access_denied', async () => {
    const { grantId } = await call.approved();
    const tokens = [await aToken(), await aToken()];
    expect((await call.rest('bob', 'POST', `/v1/grants/${grantId}/revoke`)).body.state).toBe('revoked');
    expect([await isActive(tokens[0] ?? ''), await isActive(tokens[1] ?? '')]).toEqual([false, false]);
    expectRefusal(house, await call.tx(), 'access_denied');
  });

  test('I-11: revoked again, twice at once, or after its end: 200, and it stays inactive', async () => {
    await call.approved();
    const token = await aToken();
    const answers = await Promise.all([call.revoke(token), call.revoke(token), call.revoke(token)]);
    answers.push(await call.revoke(token));
    house.advance(3_600);
    answers.push(await call.revoke(token));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await isActive(token)).toBe(false);
  });

  test('R4: a revoked token is not answered again by the lost-answer rule', async () => {
    await call.approved();
    const params = await call.txParams();
    const first = await call.form('/oauth/token', params);
    await call.revoke(first.body.access_token);
    expectRefusal(house, await call.form('/oauth/token', params), 'access_denied');
  });

  test('who revokes authenticates as at the token endpoint', async () => {
    await call.approved();
    const token = await aToken();
    expectRefusal(house, await call.revoke(token, { client_id: 'nobody' }), 'invalid_client');
    expectRefusal(house, await call.revoke(token, { client_id: undefined }), 'invalid_client');
    const wrong = await call.revoke(token, { client_id: undefined }, call.basic('ci-runner', 'wrong'));
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Basic realm="sallyport"']);
    expect(await isActive(token)).toBe(true);
  });

  test('no token is invalid_request; GET is 405', async () => {
    expectRefusal(house, await call.form('/oauth/revoke', { client_id: 'ci' }), 'invalid_request');
    const got = await house.app.inject({ method: 'GET', url: '/oauth/revoke?token=x' });
    expect([got.statusCode, got.headers.allow]).toEqual([405, 'POST']);
  });

  test('no database: 503, and the token is as it was', async () => {
    await call.approved();
    const token = await aToken();
    house.fail('ledger.transact');
    const answer = await call.revoke(token);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    house.fail();
    expect(await isActive(token)).toBe(true);
  });
});
