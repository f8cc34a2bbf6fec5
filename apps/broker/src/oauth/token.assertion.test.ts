/** Rows C5 to C16: clients that prove themselves by a key (private_key_jwt). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CLIENT_JWK } from '../testing/policy-text.ts';
import { assertion } from '../testing/proofs.ts';

let house: BrokerHouse;
let call: Callers;
const now = () => house.world.clock.now();
const at = () => Math.floor(now() / 1_000);
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  await call.approved();
});
afterAll(() => house.close());

type Signed = Readonly<Record<string, unknown>>;
const txAs = async (claims: Signed = {}, header: Signed = {}, params = {}) =>
  call.tx({ client_id: undefined, ...(await assertion(now, claims, header)), ...params });
const refused = async (claims: Signed, header: Signed = {}, params = {}) =>
  expectRefusal(house, await txAs(claims, header, params), 'invalid_client');

describe('private_key_jwt', () => {
  test('C6: the issuer alone is its audience, as a text or alone in a list', async () => {
    expect((await txAs()).status).toBe(200);
    const answer = await txAs({ aud: [ISSUER] });
    expect([answer.status, claimsIn(answer).client_id]).toEqual([200, 'keyed']);
    for (const aud of [`${ISSUER}/oauth/token`, [ISSUER, 'https://other.test'], `${ISSUER}/`, undefined, []]) {
      await refused({ aud });
    }
  });

  test('C5: sub and iss are the client, both', async () => {
    await refused({ sub: 'ci' });
    await refused({ iss: 'ci' });
    await refused({ iss: undefined });
    await refused({ sub: 'ci', iss: 'ci' });
    await refused({ sub: 'nobody', iss: 'nobody' });
  });

  test('C7: an assertion is good once, at whatever endpoint', async () => {
    const once = await assertion(now);
    expect((await call.tx({ client_id: undefined, ...once })).status).toBe(200);
    expectRefusal(house, await call.tx({ client_id: undefined, ...once }), 'invalid_client');
    expect((await call.introspect('x', once, {})).body.error).toBe('invalid_client');
    expect(trailOf(house, 'attempt.refused').at(-1)?.reasonCode).toBe('client_rejected');
  });

  test('C8: it ends, and soon', async () => {
    await refused({ exp: undefined });
    await refused({ exp: at() + 86_400 });
    await refused({ exp: at() - 60 });
    await refused({ jti: undefined });
  });

  test('C9: no token of another type is one', async () => {
    for (const typ of ['at+jwt', 'dpop+jwt', 'secevent+jwt', 'statuslist+jwt']) await refused({}, { typ });
    for (const typ of ['JWT', 'client-authentication+jwt']) expect((await txAs({}, { typ })).status).toBe(200);
  });

  test('C10: clocks may differ by 30 s', async () => {
    expect((await txAs({ nbf: at() + 8 })).status).toBe(200);
    await refused({ nbf: at() + 61 });
  });

  test('C11: the public key is no shared secret', async () => {
    const forged = await new SignJWT({ iss: 'keyed', sub: 'keyed', aud: ISSUER, jti: 'x', exp: at() + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'client-1' })
      .sign(new TextEncoder().encode(JSON.stringify(CLIENT_JWK)));
    const { client_assertion_type } = await assertion(now);
    const answer = await call.tx({ client_id: undefined, client_assertion: forged, client_assertion_type });
    expectRefusal(house, answer, 'invalid_client');
  });

  test('C11: a key the assertion brings along counts for nothing', async () => {
    await refused({}, { jwk: CLIENT_JWK });
    await refused({}, { jku: 'https://evil.test/jwks' });
    await refused({}, { kid: 'client-2' });
  });

  test('C12: the type must be said, and right', async () => {
    await refused({}, {}, { client_assertion_type: undefined });
    await refused({}, {}, { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' });
    await refused({}, {}, { client_secret: 'x' });
    expectRefusal(house, await call.tx({ client_id: 'keyed', client_assertion_type: 'x' }), 'invalid_client');
  });

  test('C13: a client_id beside it must be the same', async () => {
    expect((await txAs({}, {}, { client_id: 'keyed' })).status).toBe(200);
    await refused({}, {}, { client_id: 'ci' });
  });

  test('C14: a client that is gone looks like one that never was', async () => {
    const unknown = await txAs({ sub: 'nobody', iss: 'nobody' });
    house.putPolicy(house.policyWith('- { id: keyed, auth', '- { enabled: false, id: keyed, auth'));
    const gone = await txAs();
    house.putPolicy(house.policyWith('', ''));
    expect([gone.status, gone.text]).toEqual([unknown.status, unknown.text]);
  });

  test('C16: a token of a workload is no assertion', async () => {
    const { client_assertion_type } = await assertion(now);
    const answer = await call.tx({
      client_id: undefined,
      client_assertion: await call.jobToken(),
      client_assertion_type,
    });
    expectRefusal(house, answer, 'invalid_client');
  });

  test('C2: failed assertions bring no challenge, and are alike', async () => {
    const answers = [await txAs({ aud: 'x' }), await txAs({ sub: 'ci' }), await txAs({}, { kid: 'other' })];
    for (const answer of answers) expect([answer.status, answer.text]).toEqual([400, answers[0]?.text]);
  });

  test('I1 R1: it opens introspection and revocation', async () => {
    const { access_token } = (await txAs()).body;
    const told = await call.introspect(access_token, await assertion(now), {});
    expect(told.body).toMatchObject({ active: true, client_id: 'keyed' });
    const revoked = await call.revoke(access_token, { client_id: undefined, ...(await assertion(now)) });
    expect(revoked.status).toBe(200);
    expect((await call.introspect(access_token, await assertion(now), {})).body).toEqual({ active: false });
  });

  test('S25: the lost answer does not depend on how the client proved itself', async () => {
    const params = { ...(await call.txParams()), client_id: undefined };
    const first = await call.form('/oauth/token', { ...params, ...(await assertion(now)) });
    const again = await call.form('/oauth/token', { ...params, ...(await assertion(now)) });
    expect(claimsIn(again).jti).toBe(claimsIn(first).jti);
  });
});
