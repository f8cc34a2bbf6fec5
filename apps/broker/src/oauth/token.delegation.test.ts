/** Rows S26 to S31, S22, S23, T8: acting for somebody, and narrowing a token of ours. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, REASON, TT, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CI_AUDIENCE, METRICS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  await call.approved();
});
afterAll(() => house.close());

type Claims = Readonly<Record<string, unknown>>;
const ci = () => house.issuers.issuer('ci');
/** The job of payments-deploy, with more to say. */
const job = (claims: Claims = {}) => ci().jobToken({ audience: CI_AUDIENCE, repositoryId: '123', claims });
/** The job of reports-nightly, which acts. */
const actorJob = () => ci().jobToken({ audience: CI_AUDIENCE, repositoryId: '456', claims: { sub: 'the-actor' } });
const acting = async (token?: string) => ({ actor_token: token ?? (await actorJob()), actor_token_type: TT('jwt') });
const named = (more: Claims = {}) => ({ may_act: { sub: 'the-actor', iss: ci().url, ...more } });
const tx = async (claims: Claims, params: Readonly<Record<string, string | undefined>> = {}) =>
  call.tx({ subject_token: await job(claims), ...params });

describe('may_act', () => {
  test('S26 S30: the named actor acts: sub is the subject, act the actor, and nothing more', async () => {
    const answer = await tx(named(), await acting());
    expect(answer.status).toBe(200);
    const { sub, act } = claimsIn(answer);
    expect([sub, act]).toEqual(['workload:payments-deploy', { iss: ISSUER, sub: 'workload:reports-nightly' }]);
    const told = await call.introspect(answer.body.access_token);
    expect(told.body).toMatchObject({ active: true, act });
  });

  test('S26: another actor than the named one is refused', async () => {
    const other = await ci().jobToken({ audience: CI_AUDIENCE, repositoryId: '456', claims: { sub: 'another' } });
    expectRefusal(house, await tx(named(), await acting(other)), 'invalid_request');
    expect(trailOf(house, 'attempt.refused').at(-1)?.reasonCode).toBe('actor_token_rejected');
  });

  test('S27: the same sub of another issuer is another party; without iss it is one of the subject’s issuer', async () => {
    expectRefusal(house, await tx(named({ iss: 'https://elsewhere.test' }), await acting()), 'invalid_request');
    expect((await tx({ may_act: { sub: 'the-actor' } }, await acting())).status).toBe(200);
    const person = await house.issuers.issuer('workforce').idToken({ sub: 'the-actor', audience: 'sallyport' });
    expectRefusal(house, await tx({ may_act: { sub: 'the-actor' } }, await acting(person)), 'invalid_request');
  });

  test('S28: without an actor token, may_act must name the client', async () => {
    expectRefusal(house, await tx(named()), 'invalid_request');
    expectRefusal(house, await tx({ may_act: { sub: 'ci', iss: 'https://elsewhere.test' } }), 'invalid_request');
    expect((await tx({ may_act: { sub: 'ci' } })).status).toBe(200);
  });

  test('S26: what is no such claim is refused', async () => {
    for (const may_act of ['the-actor', {}, { sub: 7 }, [], { sub: 'x', iss: 7 }]) {
      expectRefusal(house, await tx({ may_act }, await acting()), 'invalid_request');
    }
  });

  test('S30: an actor who leaves takes the token along', async () => {
    const { body } = await tx(named(), await acting());
    house.putPolicy(
      house.policyWith('- { id: reports-nightly, issuer', '- { enabled: false, id: reports-nightly, issuer'),
    );
    expect((await call.introspect(body.access_token)).body).toEqual({ active: false });
    house.putPolicy(house.policyWith('', ''));
    expect((await call.introspect(body.access_token)).body.active).toBe(true);
  });
});

describe('the chain', () => {
  const chain = (depth: number): Claims =>
    depth === 0 ? {} : { act: { sub: `a${depth}`, iss: 'https://up.test', exp: 1, aud: 'x', ...chain(depth - 1) } };

  test('S31: who acted before is nested below, by name alone', async () => {
    const answer = await tx({ ...named(), ...chain(2) }, await acting());
    expect(claimsIn(answer).act).toEqual({
      iss: ISSUER,
      sub: 'workload:reports-nightly',
      act: { iss: 'https://up.test', sub: 'a2', act: { iss: 'https://up.test', sub: 'a1' } },
    });
  });

  test('S31: four at most, the current one among them', async () => {
    expect((await tx({ ...named(), ...chain(3) }, await acting())).status).toBe(200);
    expectRefusal(house, await tx({ ...named(), ...chain(4) }, await acting()), 'invalid_request');
    expectRefusal(house, await tx({ ...named(), ...chain(5) }, await acting()), 'invalid_request');
    for (const act of ['x', {}, { sub: '' }, [{ sub: 'x' }]]) {
      expectRefusal(house, await tx({ ...named(), act }, await acting()), 'invalid_request');
    }
  });

  test('S31: without a new actor the chain stays as it was', async () => {
    expect(claimsIn(await tx(chain(1))).act).toEqual({ iss: 'https://up.test', sub: 'a1' });
  });
});

describe('a request for a pair', () => {
  test('S29: neither named nor approved for this pair: refused, whatever the subject alone may', async () => {
    expectRefusal(house, await tx({}, await acting()), 'invalid_request');
    expectRefusal(
      house,
      await tx({}, { ...(await acting()), audience: METRICS, scope: 'metrics:read' }),
      'invalid_request',
    );
  });

  test('S29 S30: people approve the pair; then this actor acts, another does not, and the subject alone has nothing of it', async () => {
    const once = { scope: 'orders:once', completion_mode: 'deferred', reason: REASON };
    const asked = await tx({}, { ...once, ...(await acting()) });
    expectRefusal(house, asked, 'authorization_pending');
    const id = String(asked.body.request_id);
    const seen = await call.rest('bob', 'GET', `/v1/access-requests/${id}`);
    expect(seen.body).toMatchObject({ subject: 'workload:payments-deploy', actor: 'workload:reports-nightly' });
    await call.approveBoth(id);
    expectRefusal(house, await tx({}, { scope: 'orders:once' }), 'invalid_scope');
    const polled = await call.poll(asked.body.deferral_code);
    expect(claimsIn(polled).act).toEqual({ iss: ISSUER, sub: 'workload:reports-nightly' });
  });

  test('I-3: a person who is to act does not approve', async () => {
    const dan = await call.idToken('dan');
    const asked = await tx(
      {},
      {
        scope: 'orders:once',
        completion_mode: 'deferred',
        reason: REASON,
        actor_token: dan,
        actor_token_type: TT('id_token'),
      },
    );
    const answer = await call.decide('dan', asked.body.request_id);
    expect([answer.status, answer.body.code]).toEqual([403, 'own_request']);
    expect((await call.decide('carol', asked.body.request_id)).status).toBe(200);
  });
});

describe('an access token of ours as subject token', () => {
  const own = (token: unknown, params: Readonly<Record<string, string | undefined>> = {}) =>
    call.tx({ subject_token: String(token), subject_token_type: TT('access_token'), scope: undefined, ...params });
  const wide = async () => (await call.tx({ scope: 'orders:read orders:write' })).body.access_token;

  test('T8: fewer scopes for the same target, never past its own end', async () => {
    const first = await wide();
    house.advance(5);
    const answer = await own(first, { scope: 'orders:read' });
    expect([answer.status, answer.body.scope]).toEqual([200, 'orders:read']);
    const [before, after] = [claimsIn({ body: { access_token: first } }), claimsIn(answer)];
    expect(after).toMatchObject({ grant_id: before.grant_id, sub: before.sub, exp: before.exp });
    expect(after.jti).not.toBe(before.jti);
    expect((await own(first)).body.scope).toBe('orders:read orders:write');
  });

  test('T8: another target or more scope is refused', async () => {
    const narrow = (await call.tx({ scope: 'orders:read' })).body.access_token;
    expectRefusal(house, await own(narrow, { audience: METRICS }), 'invalid_target');
    expectRefusal(house, await own(narrow, { scope: 'orders:write' }), 'invalid_scope');
    expectRefusal(house, await own(narrow, { scope: 'orders:read orders:write' }), 'invalid_scope');
    expectRefusal(house, await own(narrow, { request_id: `req_${'0'.repeat(26)}` }), 'invalid_request');
  });

  test('S22: revoked, of another client, or garbage: refused', async () => {
    const token = await wide();
    expectRefusal(house, await own(token, { client_id: 'other' }), 'invalid_request');
    await call.revoke(token);
    expectRefusal(house, await own(token), 'invalid_request');
    expectRefusal(house, await own('x.y.z'), 'invalid_request');
  });

  test('S23: a federation token is nobody’s subject or actor token, and introspects as nothing', async () => {
    const federated = (await call.tx({ requested_token_type: TT('jwt') })).body.access_token;
    for (const type of ['access_token', 'jwt', 'id_token']) {
      const shown = { subject_token: String(federated), subject_token_type: TT(type) };
      expectRefusal(house, await call.tx(shown), 'invalid_request');
    }
    expectRefusal(house, await tx(named(), await acting(String(federated))), 'invalid_request');
    expect((await call.introspect(federated)).body).toEqual({ active: false });
  });

  test('S30: who acted stays in the chain', async () => {
    const first = await tx(named(), await acting());
    const { act } = claimsIn(first);
    expect(claimsIn(await own(first.body.access_token)).act).toEqual(act);
  });
});
