/** Row X4: a clock that jumps by a minute, back or ahead, gives nobody more than a minute. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';

const MINUTE = 60;

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

test('X4: a token that was over is good again for what the clock went back, and no longer', async () => {
  await call.approved();
  const { access_token, expires_in } = (await call.tx()).body;
  const active = async () => (await call.introspect(access_token)).body.active;
  house.advance(Number(expires_in) + 1);
  expect(await active()).toBe(false);
  house.advance(-MINUTE);
  house.advance(MINUTE);
  expect(await active()).toBe(false);
});

test('X4: a grant that was over likewise, and its tokens still end with it', async () => {
  await call.approved();
  house.advance(1_801);
  expectRefusal(house, await call.tx(), 'access_denied');
  house.advance(-MINUTE);
  const late = await call.tx();
  expect(late.body.expires_in).toBeLessThanOrEqual(MINUTE);
  house.advance(MINUTE);
  expect((await call.introspect(late.body.access_token)).body).toEqual({ active: false });
  expectRefusal(house, await call.tx(), 'access_denied');
});

test('X4: a grant that was swept is over for good', async () => {
  await call.approved();
  house.advance(1_801);
  await house.world.ledger.sweep(100);
  house.advance(-MINUTE);
  expectRefusal(house, await call.tx(), 'access_denied');
});

test('X4: nothing begins more than a minute early', async () => {
  const begins = new Date(house.world.clock.now() + 120_000).toISOString();
  await call.approved({ not_before: begins });
  house.advance(MINUTE);
  expectRefusal(house, await call.tx(), 'authorization_pending');
  house.advance(MINUTE + 1);
  const early = await call.tx();
  expect(early.status).toBe(200);
  expect(Number(claimsIn(early).iat) * 1_000).toBeGreaterThanOrEqual(Date.parse(begins) - 1_000);
});

test('X4: a subject token that was over is good again for a minute at most', async () => {
  await call.approved();
  const params = { ...(await call.txParams()), subject_token: await call.jobToken() };
  house.advance(300 + 31);
  expectRefusal(house, await call.form('/oauth/token', params), 'invalid_request');
  house.advance(-MINUTE);
  house.advance(MINUTE);
  expectRefusal(house, await call.form('/oauth/token', params), 'invalid_request');
});

test('X4: what was used once gives no second token, and what was revoked stays so', async () => {
  const { body } = await call.defer();
  await call.approveBoth(body.request_id);
  house.advance(2 * MINUTE);
  const first = await call.poll(body.deferral_code);
  house.advance(31);
  expectRefusal(house, await call.poll(body.deferral_code), 'invalid_grant');
  house.advance(-MINUTE);
  const again = await call.poll(body.deferral_code);
  expect(claimsIn(again).jti).toBe(claimsIn(first).jti);
  expect(house.world.store.tokens.size).toBe(1);
  await call.revoke(first.body.access_token);
  house.advance(-MINUTE);
  expect((await call.introspect(first.body.access_token)).body).toEqual({ active: false });
  expectRefusal(house, await call.poll(body.deferral_code), 'access_denied');
});

test('X4: a request whose time was over is decidable for a minute at most', async () => {
  const { body } = await call.ask('alice');
  house.advance(4 * 3_600);
  expect((await call.decide('bob', body.id)).status).toBe(409);
  house.advance(-MINUTE);
  expect((await call.decide('bob', body.id)).status).toBe(200);
  house.advance(MINUTE);
  expect((await call.decide('dan', body.id)).status).toBe(409);
});
