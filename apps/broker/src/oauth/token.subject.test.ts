/** Rows S*, T*: subject tokens, targets and scopes at the token endpoint. What a token itself may look like is tested in packages/tokens. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, DEF, REASON, TT, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CI_AUDIENCE, METRICS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

describe('subject and actor tokens', () => {
  test('S1: subject_token or its type missing', async () => {
    expectRefusal(house, await call.tx({ subject_token: undefined }), 'invalid_request');
    expectRefusal(house, await call.tx({ subject_token_type: undefined }), 'invalid_request');
  });

  test.each(['saml2', 'refresh_token', 'access_token', 'unknown'])(
    'S2 S3: type %s is invalid_request',
    async (type) => {
      expectRefusal(house, await call.tx({ subject_token_type: TT(type) }), 'invalid_request');
    },
  );

  test('S3: our own access token as id_token is refused', async () => {
    await call.approved();
    const { access_token } = (await call.tx()).body;
    expectRefusal(house, await call.tx({ subject_token: String(access_token) }), 'invalid_request');
  });

  test('S4 S5 S29: an actor token alone, its type alone, or one nobody approved', async () => {
    expectRefusal(house, await call.tx({ actor_token: 'x' }), 'invalid_request');
    expectRefusal(house, await call.tx({ actor_token_type: TT('jwt') }), 'invalid_request');
    expectRefusal(
      house,
      await call.tx({ actor_token: await call.jobToken(), actor_token_type: TT('jwt') }),
      'invalid_request',
    );
  });

  test('S6: an expired subject token is invalid_request, with the same body as any other bad one', async () => {
    const token = await call.jobToken();
    house.advance(600);
    const expired = await call.tx({ subject_token: token });
    expectRefusal(house, expired, 'invalid_request');
    const forged = await call.tx({ subject_token: `${token.slice(0, -4)}AAAA` });
    const anonymous = (text: unknown) => String(text).replace(/correlation id .*/, '');
    expect(anonymous(forged.body.error_description)).toBe(anonymous(expired.body.error_description));
  });

  test('S25: a single-use token again within 30 s, same exchange: the same jti, once recorded', async () => {
    await call.approved();
    const params = await call.txParams();
    const [first, again] = [await call.form('/oauth/token', params), await call.form('/oauth/token', params)];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(claims(again).jti).toBe(claims(first).jti);
    expect(house.world.store.tokens.size).toBe(1);
  });

  test('S25: the same exchange in another order is the same; by another client or with one thing more it is not', async () => {
    await call.approved();
    const params = await call.txParams();
    const first = await call.form('/oauth/token', params);
    const turned = Object.fromEntries(Object.entries(params).reverse());
    expect(claims(await call.form('/oauth/token', turned)).jti).toBe(claims(first).jti);
    for (const change of [{ client_id: 'other' }, { requested_duration: '5m' }, { audience: 'orders-db' }]) {
      expectRefusal(house, await call.form('/oauth/token', { ...params, ...change }), 'invalid_request');
    }
    expect(house.world.store.tokens.size).toBe(1);
  });

  test('S25: a single-use token after 30 s, or with any parameter changed, is refused and in the trail', async () => {
    await call.approved();
    const params = await call.txParams();
    expect((await call.form('/oauth/token', params)).status).toBe(200);
    expectRefusal(house, await call.form('/oauth/token', { ...params, scope: 'orders:read' }), 'invalid_request');
    house.advance(31);
    expectRefusal(house, await call.form('/oauth/token', params), 'invalid_request');
    const replays = trailOf(house, 'attempt.refused').filter((row) => row.reasonCode === 'replayed');
    expect(replays).toHaveLength(2);
  });

  test('S25: a refused or pending exchange does not use the token up', async () => {
    const asked = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    const params = await call.txParams();
    expect((await call.form('/oauth/token', params)).body.error).toBe('authorization_pending');
    await call.decide('bob', asked.body.id);
    await call.decide('dan', asked.body.id);
    expect((await call.form('/oauth/token', params)).status).toBe(200);
  });

  test('S25: one subject token gives one token, also through three handles', async () => {
    const params = { ...(await call.txParams()), completion_mode: 'deferred', reason: REASON };
    const begun = await Promise.all([1, 2, 3].map(async () => (await call.form('/oauth/token', params)).body));
    await approveAsked(begun[0]?.request_id);
    const polls = [];
    for (const { deferral_code } of begun) polls.push(await poll(String(deferral_code)));
    expect(polls.map((answer) => answer.body.error ?? 'token')).toEqual(['token', 'invalid_grant', 'invalid_grant']);
    expect(house.world.store.tokens.size).toBe(1);
  });

  test('I-6: a one-shot grant gives one token; after it the grant covers nothing', async () => {
    await call.approved({ role: 'once' });
    const scope = 'orders:once';
    const params = { ...(await call.txParams()), scope };
    const first = await call.form('/oauth/token', params);
    expect(first.status).toBe(200);
    expect(claims(await call.form('/oauth/token', params)).jti).toBe(claims(first).jti);
    expectRefusal(house, await call.tx({ scope }), 'access_denied');
    const next = await call.tx({ scope, completion_mode: 'deferred', reason: REASON });
    expect(next.body).toMatchObject({ error: 'authorization_pending', deferral_code: expect.any(String) });
    expect(house.world.store.tokens.size).toBe(1);
  });
});

describe('target, scope, type', () => {
  test('T1 T2 T3: unknown, relative, fragment, or two targets are invalid_target', async () => {
    expectRefusal(house, await call.tx({ audience: 'https://nowhere.acme.test' }), 'invalid_target');
    expectRefusal(house, await call.tx({ audience: undefined, resource: 'orders-db' }), 'invalid_target');
    expectRefusal(
      house,
      await call.tx({ audience: undefined, resource: 'https://orders-db.acme.test#x' }),
      'invalid_target',
    );
    expectRefusal(house, await call.tx({ resource: METRICS }), 'invalid_target');
  });

  test('T1: where no rule gives this subject anything, the answer is the same as for unknown', async () => {
    const foreign = await call.tx({ subject_token: await call.jobToken('456') });
    const unknown = await call.tx({ audience: 'https://nowhere.acme.test' });
    expectRefusal(house, foreign, 'invalid_target');
    expect(foreign.text).toBe(unknown.text);
  });

  test('T4: audience and resource may name the same one, also by id', async () => {
    await call.approved();
    const answer = await call.tx({ audience: 'orders-db', resource: 'https://orders-db.acme.test' });
    expect(answer.status).toBe(200);
    expect(claims(answer).aud).toBe('https://orders-db.acme.test');
  });

  test('T5: no target is invalid_request; scopes of two resources are invalid_scope', async () => {
    expectRefusal(house, await call.tx({ audience: undefined }), 'invalid_request');
    expectRefusal(house, await call.tx({ scope: 'orders:read metrics:read' }), 'invalid_scope');
  });

  test('T6: approved, then the resource is disabled: a poll is access_denied, an exchange invalid_target', async () => {
    const begun = await call.tx({ completion_mode: 'deferred', reason: REASON });
    await approveAsked(begun.body.request_id);
    house.putPolicy(
      house.policyWith('name: Orders database (production)', 'enabled: false\n    name: Orders database (production)'),
    );
    expectRefusal(house, await poll(String(begun.body.deferral_code)), 'access_denied');
    expectRefusal(house, await call.tx(), 'invalid_target');
    expect(house.world.store.tokens.size).toBe(0);
  });

  test('T7: a grant for read does not give write', async () => {
    await call.approved({ role: 'read' });
    expectRefusal(house, await call.tx(), 'invalid_scope');
    expect((await call.tx({ scope: 'orders:read' })).body.scope).toBe('orders:read');
  });

  test('T9: a narrowed approval gives the smaller scope, also to a handle that asked for more', async () => {
    const begun = await call.tx({
      scope: 'orders:read orders:write',
      completion_mode: 'deferred',
      reason: REASON,
      subject_token: await longRunner(),
    });
    const id = begun.body.request_id;
    await call.decide('bob', id, { narrow: { scopes: ['orders:read'] } });
    const done = await call.decide('dan', id, { revision: 2 });
    expect(done.body).toMatchObject({ state: 'approved', revision: 2, scopes: ['orders:read'] });
    const polled = await poll(String(begun.body.deferral_code));
    expect(polled.body).toMatchObject({ scope: 'orders:read' });
    expect(claims(polled).scope).toBe('orders:read');
  });

  test('T10: two spaces, a tab, a quote or a space around are invalid_scope', async () => {
    for (const scope of ['orders:read  orders:write', 'orders:read\torders:write', 'orders:"read"', ' orders:read ']) {
      expectRefusal(house, await call.tx({ scope }), 'invalid_scope');
    }
  });

  test.each(['refresh_token', 'saml2', 'id_token'])('T13: requested_token_type %s is invalid_request', async (type) => {
    expectRefusal(house, await call.tx({ requested_token_type: TT(type) }), 'invalid_request');
  });

  test('T14 T16: issued_token_type is there, and never a refresh or ID token', async () => {
    await call.approved();
    const { body } = await call.tx({ requested_token_type: TT('access_token') });
    expect(body).toMatchObject({ issued_token_type: TT('access_token'), token_type: 'Bearer' });
    expect(Object.keys(body).sort()).toEqual([
      'access_token',
      'expires_in',
      'grant_id',
      'issued_token_type',
      'request_id',
      'scope',
      'token_type',
    ]);
    for (const scope of ['openid', 'offline_access']) expectRefusal(house, await call.tx({ scope }), 'invalid_scope');
  });

  test('T18: a token never outlives its grant', async () => {
    await call.approved();
    house.advance(30 * 60 - 90);
    const { body } = await call.tx();
    expect(body.expires_in).toBeLessThanOrEqual(90);
    const { exp } = claims({ body });
    const [grant] = [...house.world.store.cases.values()].map((stored) => stored.case.grant);
    expect(exp * 1_000).toBeLessThanOrEqual(grant?.expiresAt ?? 0);
  });
});

/** A workload asked for itself: its owner's manager and a dba approve. */
async function approveAsked(id: unknown): Promise<void> {
  await call.decide('bob', id);
  expect((await call.decide('dan', id)).body.state).toBe('approved');
}

const poll = (code: string) => call.form('/oauth/token', { grant_type: DEF, client_id: 'ci', deferral_code: code });

const longRunner = () => house.issuers.issuer('other').jobToken({ audience: CI_AUDIENCE, repositoryId: '789' });

function claims(answer: { readonly body: Readonly<Record<string, unknown>> }) {
  const [, payload = ''] = String(answer.body.access_token).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
    jti: string;
    aud: string;
    scope: string;
    exp: number;
  };
}
