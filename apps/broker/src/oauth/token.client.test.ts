/** Rows C*: client authentication. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, DEF, SECRET, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';

describe('client authentication', () => {
  let house: BrokerHouse;
  let call: Callers;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    await call.approved();
  });
  afterAll(() => house.close());

  test('C1: Basic with a wrong secret is 401 invalid_client with a challenge, and in the trail', async () => {
    const answer = await call.tx({ client_id: undefined }, call.basic('ci-runner', 'wrong'));
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="sallyport"');
    expect(trailOf(house, 'attempt.refused').at(-1)?.reasonCode).toBe('client_rejected');
  });

  test('C1: unknown, of another method, and wrong are alike in their body', async () => {
    const wrong = await call.tx({ client_id: undefined }, call.basic('ci-runner', 'wrong'));
    const unknown = await call.tx({ client_id: undefined }, call.basic('nobody', 'wrong'));
    const otherMethod = await call.tx({ client_id: undefined }, call.basic('ci', ''));
    expect([unknown.text, otherMethod.text]).toEqual([wrong.text, wrong.text]);
  });

  test('C2: an unknown client_id is invalid_client without a challenge', async () => {
    expectRefusal(house, await call.tx({ client_id: 'nobody' }), 'invalid_client');
    expectRefusal(house, await call.tx({ client_id: 'ci-runner' }), 'invalid_client');
    expectRefusal(house, await call.tx({ client_id: undefined }), 'invalid_client');
  });

  test('C3: Basic is form-decoded on both sides', async () => {
    const answer = await call.tx({ client_id: undefined }, call.basic('ci-runner', SECRET));
    expect(answer.status).toBe(200);
    const spelled = {
      authorization: `Basic ${Buffer.from(`ci%2Drunner:${encodeURIComponent(SECRET)}`).toString('base64')}`,
    };
    expect((await call.tx({ client_id: undefined }, spelled)).status).toBe(200);
  });

  test('C4: two methods in one call are invalid_request', async () => {
    const both = { client_id: undefined, client_assertion: 'x', client_assertion_type: 'y' };
    expectRefusal(house, await call.tx(both, call.basic('ci-runner', SECRET)), 'invalid_request');
  });

  test('C13: a client_id in the body that is not the one that authenticated is invalid_client', async () => {
    expect((await call.tx({ client_id: 'ci' }, call.basic('ci-runner', SECRET))).body.error).toBe('invalid_client');
  });

  test('C14: a client taken out of the policy looks like one that never was', async () => {
    const unknown = await call.tx({ client_id: 'nobody' });
    house.putPolicy(house.policyWith('- { id: other, auth', '- { enabled: false, id: other, auth'));
    const disabled = await call.tx({ client_id: 'other' });
    expectRefusal(house, disabled, 'invalid_client');
    expect(disabled.text).toBe(unknown.text);
    house.putPolicy(house.policyWith('', ''));
  });

  test.each([undefined, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'x'])(
    'C12 C16: a workload token as client_assertion of type %s is invalid_client',
    async (client_assertion_type) => {
      const assertion = { client_assertion: await call.jobToken(), client_assertion_type };
      expectRefusal(house, await call.tx({ client_id: undefined, ...assertion }), 'invalid_client');
      expectRefusal(house, await call.tx(assertion), 'invalid_client');
    },
  );

  test('C15: a client without the grant type is unauthorized_client', async () => {
    expectRefusal(
      house,
      await call.tx({ client_id: 'exchange-only', grant_type: DEF, deferral_code: 'x' }),
      'unauthorized_client',
    );
  });

  test('what asks for more protection than is served is refused, never served with less', async () => {
    expectRefusal(house, await call.tx({ client_id: 'bound' }), 'invalid_request');
    expectRefusal(
      house,
      await call.tx({ audience: 'https://vault.acme.test', scope: 'vault:open' }),
      'invalid_request',
    );
    expectRefusal(house, await call.tx({}, { dpop: 'eyJ.eyJ.x' }), 'invalid_dpop_proof');
    expectRefusal(house, await call.tx({ client_assertion: 'x' }), 'invalid_client');
    expectRefusal(house, await call.tx({ authorization_details: '[]' }), 'invalid_authorization_details');
  });

  test('more than 60 failed authentications a minute from one address as one client are 429, and the right secret still works', async () => {
    const tries = [];
    for (let count = 0; count < 61; count++)
      tries.push(await call.form('/oauth/revoke', { token: 'x', client_id: 'guesser' }));
    expect(tries.slice(0, 60).every((answer) => answer.status === 400)).toBe(true);
    expect([tries[60]?.status, tries[60]?.body.error]).toEqual([429, 'slow_down']);
    expect(Number(tries[60]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call.tx()).status).toBe(200);
  });
});
