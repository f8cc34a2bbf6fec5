/** Status lists at their address: whose bit is set and when, how long an answer is good, and when there is none. */
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { STATUS_LIST_LENGTH } from '@sallyport/core';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn } from '../testing/callers.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const get = (url: string, headers: Record<string, string> = {}) => house.app.inject({ url, headers });

/** A token, and where it says its bit is. */
async function issued(params: Record<string, string> = {}) {
  const answer = await call.tx(params);
  const claims = claimsIn(answer);
  const { status_list } = claims.status as { readonly status_list: { readonly idx: number; readonly uri: string } };
  return { token: String(answer.body.access_token), claims, ...status_list };
}

/** What somebody finds who knows the draft and the published keys, and nothing else. */
async function bitAt({ uri, idx }: { readonly uri: string; readonly idx: number }): Promise<number> {
  const answer = await get(uri.slice(ISSUER.length));
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/statuslist+jwt']);
  const jwks = createLocalJWKSet((await get('/oauth/jwks')).json());
  const { payload } = await jwtVerify(answer.payload, jwks, {
    typ: 'statuslist+jwt',
    subject: uri,
    requiredClaims: ['iat', 'exp', 'ttl'],
    currentDate: new Date(house.world.clock.now()),
  });
  const { bits, lst } = payload.status_list as { readonly bits: number; readonly lst: string };
  expect(bits).toBe(1);
  const bytes = inflateSync(Buffer.from(lst, 'base64url'));
  return (bytes.readUInt8(Math.floor(idx / 8)) >> (idx % 8)) & 1;
}

test('I-9: the bit of a revoked token is set, that of its sibling is not', async () => {
  await call.approved();
  const [one, sibling] = [await issued(), await issued()];
  expect([await bitAt(one), await bitAt(sibling)]).toEqual([0, 0]);
  await call.revoke(one.token);
  house.advance(2);
  expect([await bitAt(one), await bitAt(sibling)]).toEqual([1, 0]);
});

test('I-9: with its grant every token’s bit is set', async () => {
  const { grantId } = await call.approved();
  const [one, sibling] = [await issued(), await issued()];
  await call.rest('alice', 'POST', `/v1/grants/${grantId}/revoke`);
  expect([await bitAt(one), await bitAt(sibling)]).toEqual([1, 1]);
});

test('I-17: so is that of a token the policy no longer allows', async () => {
  await call.approved();
  const one = await issued();
  house.putPolicy(house.policyWith('roles: [read, admin, once]', 'roles: [read, once]'));
  await house.barTokens();
  expect(await bitAt(one)).toBe(1);
});

test('federation tokens have no bit: whom they are for does not know of lists', async () => {
  await call.approved();
  const answer = await call.tx({ requested_token_type: 'urn:ietf:params:oauth:token-type:jwt' });
  expect(answer.status).toBe(200);
  expect(claimsIn(answer)).not.toHaveProperty('status');
});

test('a repeated answer has the same bit', async () => {
  await call.approved();
  const params = await call.txParams();
  const [one, again] = [await call.form('/oauth/token', params), await call.form('/oauth/token', params)];
  expect(claimsIn(again)).toEqual(claimsIn(one));
});

test('an answer is read once for all who ask in two seconds; the next one is new', async () => {
  await call.approved();
  const one = await issued();
  const looks = house.hold('endedBits.look');
  const all = [bitAt(one), bitAt(one), bitAt(one)];
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(looks).toHaveLength(1);
  looks[0]?.();
  await Promise.all(all);
  house.holdNothing();
  const first = await get('/oauth/status-lists/0');
  expect((await get('/oauth/status-lists/0')).payload).toBe(first.payload);
  expect((await get('/oauth/status-lists/0', { 'if-none-match': String(first.headers.etag) })).statusCode).toBe(304);
  house.advance(1);
  expect((await get('/oauth/status-lists/0')).headers['cache-control']).toBe('public, max-age=29');
  house.advance(1);
  expect((await get('/oauth/status-lists/0')).payload).not.toBe(first.payload);
});

test('while the store is away there is no answer: nothing says that all is well', async () => {
  await call.approved();
  const one = await issued();
  await bitAt(one);
  house.advance(2);
  house.fail('endedBits.look');
  const answer = await get('/oauth/status-lists/0');
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  house.fail();
  expect(await bitAt(one)).toBe(0);
});

test('a list that is not there, or is spelled otherwise, is 404', async () => {
  for (const id of ['0', '00', '01', '-1', '1.0', 'x', '1e3', '99999999999', '%30', '0x0', ''])
    expect([id, (await get(`/oauth/status-lists/${id}`)).statusCode]).toEqual([id, 404]);
  house.world.store.bitsTaken = STATUS_LIST_LENGTH + 1;
  house.advance(2);
  for (const id of ['0', '1']) expect((await get(`/oauth/status-lists/${id}`)).statusCode).toBe(200);
  expect((await get('/oauth/status-lists/2')).statusCode).toBe(404);
});

test('HEAD is answered, other methods are 405', async () => {
  await house.world.statuses.take();
  expect((await house.app.inject({ method: 'HEAD', url: '/oauth/status-lists/0' })).statusCode).toBe(200);
  for (const method of ['POST', 'PUT', 'DELETE'] as const) {
    const answer = await house.app.inject({ method, url: '/oauth/status-lists/0' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  }
});
