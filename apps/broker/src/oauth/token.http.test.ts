/** Rows H*: HTTP and parameters at the token endpoint. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, TT, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';

describe('HTTP and parameters', () => {
  let house: BrokerHouse;
  let call: Callers;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    await call.approved();
  });
  afterAll(() => house.close());

  test('H1: GET is 405 and says POST', async () => {
    const answer = await house.app.inject({ method: 'GET', url: '/oauth/token' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
  });

  test('H2 H3: JSON, or no content type, is invalid_request', async () => {
    const body = JSON.stringify(await call.txParams());
    expectRefusal(
      house,
      await call.post('/oauth/token', body, { 'content-type': 'application/json' }),
      'invalid_request',
    );
    const plain = await house.app.inject({ method: 'POST', url: '/oauth/token', payload: Buffer.from('grant_type=x') });
    expect([plain.statusCode, plain.json().error]).toEqual([400, 'invalid_request']);
  });

  test('H4: a charset on the media type is fine', async () => {
    const answer = await call.tx({}, { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' });
    expect(answer.status).toBe(200);
  });

  test.each(['scope', 'grant_type', 'subject_token', 'client_id', 'requested_token_type'])(
    'H5: %s twice is invalid_request',
    async (name) => {
      const params = { requested_token_type: TT('access_token'), ...(await call.txParams()) };
      const twice = (params as Record<string, string>)[name] ?? '';
      expectRefusal(house, await call.form('/oauth/token', { ...params, [name]: [twice, twice] }), 'invalid_request');
    },
  );

  test('H6: two audiences that differ are invalid_target, two equal ones are one', async () => {
    const params = await call.txParams();
    const differ = await call.form('/oauth/token', {
      ...params,
      audience: [String(params.audience), 'https://metrics.acme.test'],
    });
    expectRefusal(house, differ, 'invalid_target');
    expect(
      (await call.form('/oauth/token', { ...params, audience: [String(params.audience), String(params.audience)] }))
        .status,
    ).toBe(200);
  });

  test('H7 H8: empty is absent, and unknown parameters are ignored', async () => {
    expect((await call.tx({ actor_token: '', actor_token_type: '', foo: 'bar' })).status).toBe(200);
  });

  test('H9: a body over 64 KiB is 413 and JSON, and the connection is closed', async () => {
    const answer = await call.tx({ padding: 'x'.repeat(66_000) });
    expectRefusal(house, answer, 'invalid_request', 413);
    expect(answer.headers.connection).toBe('close');
  });

  test('H10: parameters in the query do not count, and the query is not logged', async () => {
    const params: Record<string, string> = { ...(await call.txParams()), scope: 'zq7markzq7' };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await call.post(`/oauth/token?${new URLSearchParams(params)}`, '', headers);
    expectRefusal(house, answer, 'invalid_request');
    expect(house.logged.join('')).not.toContain('zq7markzq7');
    expect(house.logged.join('')).not.toContain(String(params.subject_token));
    const both = await call.form(`/oauth/token?${new URLSearchParams(params)}`, { ...params, scope: 'orders:write' });
    expect([both.status, both.body.scope]).toEqual([200, 'orders:write']);
  });

  test('H11 H15: success is 200 and never cached', async () => {
    const answer = await call.tx();
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
    });
  });

  test('H12: a scope with quote, backslash and non-ASCII is invalid_scope with a clean description', async () => {
    expectRefusal(house, await call.tx({ scope: '"\\é' }), 'invalid_scope');
  });

  test.each(['password', 'refresh_token', 'client_credentials', 'authorization_code'])(
    'H13: grant type %s is unsupported',
    async (grantType) => {
      expectRefusal(house, await call.tx({ grant_type: grantType }), 'unsupported_grant_type');
    },
  );

  test('H14: no grant type is invalid_request', async () => {
    expectRefusal(house, await call.tx({ grant_type: undefined }), 'invalid_request');
  });

  test.each(['scope=%', 'scope=%ff', 'scope=%00', 'scope=a%2', '%00=x', 'scope=%c0%80', 'scope=%ed%a0%80'])(
    'H16: ill-encoded %s is invalid_request, never a 500',
    async (text) => {
      const good = new URLSearchParams(await call.txParams());
      good.delete('scope');
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expectRefusal(house, await call.post('/oauth/token', `${good}&${text}`, headers), 'invalid_request');
    },
  );

  test('nothing of all that was refused is in the record of tokens', () => {
    const issued = trailOf(house, 'token.issued');
    expect(issued).toHaveLength(house.world.store.tokens.size);
  });
});
