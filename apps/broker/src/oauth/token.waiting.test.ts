/** Rows P*: waiting for people: handles, polls, their pace, and how a wait can end. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf, claimsIn, DEF, REASON, SECRET, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const errorsOf = (answers: readonly Answer[]) => answers.map(({ body }) => body.error ?? 'token');
const casesOf = () => [...house.world.store.cases.values()].map((stored) => stored.case);
const onlyCase = () => {
  const [only, ...others] = casesOf();
  if (only === undefined || others.length > 0) throw new Error('expected one request');
  return only;
};
const cardsOf = (type: string) => house.world.store.outbox.filter((row) => row.type === type);
const asRunner = () => call.basic('ci-runner', SECRET);
const deferAsRunner = () => call.defer({ client_id: undefined }, asRunner());
const pollAsRunner = (code: unknown) => call.poll(code, { client_id: undefined }, asRunner());

function expectNothingHappened(): void {
  expect(casesOf()).toEqual([]);
  expect(house.world.store.handles.size).toBe(0);
  expect(house.world.store.outbox).toEqual([]);
}

describe('opting in', () => {
  test('P1: completion_mode=deferred creates the request and hands out a handle', async () => {
    const answer = await call.defer();
    expectRefusal(house, answer, 'authorization_pending');
    expect(answer.body).toEqual({
      error: 'authorization_pending',
      error_description: 'waiting_for_approval',
      request_id: onlyCase().request.id,
      interval: 5,
      deferral_code: expect.stringMatching(/^[A-Za-z0-9_-]{43,}$/),
      expires_in: 3_600,
    });
    expect(onlyCase().request).toMatchObject({ justification: REASON, door: 'oauth', clientId: 'ci' });
  });

  test('P1: a client with a key waits as long as the request; a keyless one at most an hour', async () => {
    expect((await deferAsRunner()).body.expires_in).toBe(4 * 3_600);
    expect((await call.defer()).body.expires_in).toBe(3_600);
  });

  test('P2: nothing asked, no opt-in: approval_required; no code, request or card', async () => {
    const answer = await call.tx();
    expectRefusal(house, answer, 'access_denied');
    expect(answer.body.error_description).toBe('approval_required');
    expectNothingHappened();
    expect(trailOf(house, 'attempt.refused').map((row) => row.reasonCode)).toEqual(['approval_required']);
  });

  test('P2: already pending, no opt-in: authorization_pending with interval and request_id, no code', async () => {
    const asked = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    const answer = await call.tx();
    expectRefusal(house, answer, 'authorization_pending');
    expect(answer.body).toEqual({
      error: 'authorization_pending',
      error_description: 'waiting_for_approval',
      request_id: asked.body.id,
      interval: 5,
    });
    expect(house.world.store.handles.size).toBe(0);
  });

  test('P3: completion_mode is a list of words; unknown ones are ignored', async () => {
    const without = await call.tx({ completion_mode: 'foo', reason: REASON });
    expect(without.body).toMatchObject({ error: 'access_denied', error_description: 'approval_required' });
    expectNothingHappened();
    expect((await call.defer({ completion_mode: 'foo deferred' })).body.deferral_code).toEqual(expect.any(String));
  });

  test('P4: the same ask three times, one after another or at once: one request, one card, three handles', async () => {
    for (const how of ['in turn', 'at once']) {
      const begun =
        how === 'at once'
          ? await Promise.all([call.defer(), call.defer(), call.defer()])
          : [await call.defer(), await call.defer(), await call.defer()];
      expect(new Set(begun.map(({ body }) => body.request_id)).size).toBe(1);
      expect(new Set(begun.map(({ body }) => body.deferral_code)).size).toBe(3);
      await call.revoke(begun[0]?.body.deferral_code);
    }
    expect(casesOf()).toHaveLength(2);
    expect(cardsOf('request.opened')).toHaveLength(2);
  });

  test('nobody could approve: access_denied no_approver, and nothing is created', async () => {
    const answer = await call.defer({
      subject_token: await call.jobToken('456'),
      audience: 'metrics',
      scope: 'metrics:read',
    });
    expectRefusal(house, answer, 'access_denied');
    expect(answer.body.error_description).toBe('no_approver');
    expectNothingHappened();
  });

  test('a reason too short for the rule, or none, is invalid_request, and nothing is created', async () => {
    expectRefusal(house, await call.defer({ reason: 'because' }), 'invalid_request');
    expectRefusal(house, await call.defer({ reason: undefined }), 'invalid_request');
    expectRefusal(house, await call.defer({ reason: 'x'.repeat(2_001) }), 'invalid_request');
    expectNothingHappened();
  });

  test.each([
    ['5h', 3_600],
    ['30m', 1_800],
    [undefined, 3_600],
  ])('requested_duration %s: a grant of %i s, clamped to what the role allows', async (requested, seconds) => {
    const { body } = await call.defer({ requested_duration: requested });
    await call.approveBoth(body.request_id);
    const { grant } = onlyCase();
    expect(((grant?.expiresAt ?? 0) - (grant?.notBefore ?? 0)) / 1_000).toBe(seconds);
  });

  test('requested_duration absent is at most an hour, also where the role would give eight', async () => {
    await call.defer({ scope: 'orders:read' });
    expect(onlyCase().request).toMatchObject({ duration: 3_600_000, access: { role: 'read' } });
  });

  test.each(['soon', '30', '-5m', '10s', '1h 30m', '0m'])(
    'requested_duration %s is invalid_request',
    async (requested) => {
      expectRefusal(house, await call.defer({ requested_duration: requested }), 'invalid_request');
      expectNothingHappened();
    },
  );
});

describe('polling', () => {
  test('P5: a poll while waiting is authorization_pending, without a new handle', async () => {
    const { body } = await call.defer();
    house.advance(5);
    const answer = await call.poll(body.deferral_code);
    expectRefusal(house, answer, 'authorization_pending');
    expect(answer.body).toEqual({
      error: 'authorization_pending',
      error_description: 'waiting_for_approval',
      request_id: body.request_id,
      interval: 5,
    });
    expect(house.world.store.handles.size).toBe(1);
  });

  test('P6: too soon is slow_down, five seconds more each time, for good', async () => {
    const { body } = await call.defer();
    house.advance(1);
    const first = await call.poll(body.deferral_code);
    house.advance(5);
    const second = await call.poll(body.deferral_code);
    house.advance(15);
    const third = await call.poll(body.deferral_code);
    for (const answer of [first, second]) expectRefusal(house, answer, 'slow_down');
    expect([first, second, third].map(({ body: { error, interval } }) => [error, interval])).toEqual([
      ['slow_down', 10],
      ['slow_down', 15],
      ['authorization_pending', 15],
    ]);
    expect(first.body.request_id).toBe(body.request_id);
  });

  test('P6: a decision beats slow_down', async () => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    expect((await call.poll(body.deferral_code)).status).toBe(200);
  });

  test('P6: half a second early is forgiven', async () => {
    const { body } = await call.defer();
    house.advance(4.5);
    expect((await call.poll(body.deferral_code)).body.error).toBe('authorization_pending');
  });

  test('P6: more than ten too soon in a row burn the handle, never a 429; the request lives on', async () => {
    const { body } = await call.defer();
    const answers: Answer[] = [];
    for (let polls = 0; polls < 11; polls++) answers.push(await call.poll(body.deferral_code));
    expect(errorsOf(answers)).toEqual([...Array<string>(10).fill('slow_down'), 'invalid_request']);
    await call.approveBoth(body.request_id);
    expectRefusal(house, await call.poll(body.deferral_code), 'access_denied');
    expect((await call.tx()).status).toBe(200);
  });

  test('without a handle a client waits by repeating the exchange, at the same pace', async () => {
    const asked = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    const params = await call.txParams();
    const again = () => call.form('/oauth/token', params);
    expect((await again()).body.error).toBe('authorization_pending');
    expect((await again()).body).toMatchObject({ error: 'slow_down', interval: 10, request_id: asked.body.id });
    house.advance(10);
    expect((await again()).body.error).toBe('authorization_pending');
    await call.approveBoth(asked.body.id);
    expect((await again()).status).toBe(200);
  });

  test('without a handle, more than ten too soon in a row are 429 with Retry-After; patience is answered again', async () => {
    const asked = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    const params = await call.txParams();
    const answers: Answer[] = [];
    for (let tries = 0; tries < 12; tries++) answers.push(await call.form('/oauth/token', params));
    expect(errorsOf(answers)).toEqual(['authorization_pending', ...Array<string>(11).fill('slow_down')]);
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(11).fill(400), 429]);
    expect(answers.at(-1)?.headers['retry-after']).toBe('60');
    house.advance(60);
    expect((await call.form('/oauth/token', params)).body).toMatchObject({
      error: 'authorization_pending',
      request_id: asked.body.id,
    });
  });

  test('P12: a poll with any parameter of the exchange is invalid_request, and the handle stays good', async () => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    for (const extra of [{ scope: 'orders:write' }, { audience: 'orders-db' }, { completion_mode: 'deferred' }]) {
      expectRefusal(house, await call.poll(body.deferral_code, extra), 'invalid_request');
    }
    expectRefusal(house, await call.form('/oauth/token', { grant_type: DEF, client_id: 'ci' }), 'invalid_request');
    expect((await call.poll(body.deferral_code)).status).toBe(200);
  });

  test('P10: unknown, shortened, foreign, of another client, redeemed: invalid_grant, byte for byte equal', async () => {
    const { body } = await call.defer();
    const code = String(body.deferral_code);
    const others = [
      await call.poll('A'.repeat(43)),
      await call.poll(code.slice(0, -1)),
      await call.poll(`${code}A`),
      await call.poll('x'),
      await call.poll(code, { client_id: 'other' }),
      await pollAsRunner(code),
    ];
    await call.approveBoth(body.request_id);
    expect((await call.poll(code)).status).toBe(200);
    house.advance(31);
    const redeemed = await call.poll(code);
    expectRefusal(house, redeemed, 'invalid_grant');
    const seen = ({ status, text, headers }: Answer) => {
      const { 'x-correlation-id': _id, date: _date, ...rest } = headers;
      return [status, text, rest];
    };
    for (const other of others) expect(seen(other)).toEqual(seen(redeemed));
  });
});

describe('how a wait ends', () => {
  test('P7: approved: 200; the same poll within 30 s: the same token, one issuance; later: invalid_grant', async () => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    const first = await call.poll(body.deferral_code);
    house.advance(29);
    const again = await call.poll(body.deferral_code);
    expect([first.status, again.status]).toEqual([200, 200]);
    const { jti, iat, exp } = claimsIn(first);
    expect(claimsIn(again)).toMatchObject({ jti, iat, exp });
    expect(again.body).toMatchObject({ grant_id: first.body.grant_id, expires_in: Number(first.body.expires_in) - 29 });
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
    house.advance(2);
    expectRefusal(house, await call.poll(body.deferral_code), 'invalid_grant');
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
  });

  test('P7: the repeat within 30 s gives nothing once the grant, or that token, was revoked', async () => {
    for (const end of ['grant', 'token']) {
      const { body } = await call.defer();
      await call.approveBoth(body.request_id);
      const first = await call.poll(body.deferral_code);
      expect(first.status).toBe(200);
      if (end === 'token') expect((await call.revoke(first.body.access_token)).status).toBe(200);
      else expect((await call.rest('dan', 'POST', `/v1/grants/${first.body.grant_id}/revoke`)).status).toBe(200);
      expectRefusal(house, await call.poll(body.deferral_code), 'access_denied');
    }
  });

  test('P8: denied: access_denied again and again for a day after the handle, then invalid_grant', async () => {
    const { body } = await call.defer();
    await call.decide('bob', body.request_id, { verdict: 'deny', reason: 'not now' });
    for (const wait of [0, 0, 3_600, 20 * 3_600]) {
      house.advance(wait);
      const answer = await call.poll(body.deferral_code);
      expectRefusal(house, answer, 'access_denied');
      expect(answer.body.error_description).toBe('denied');
    }
    house.advance(5 * 3_600);
    expectRefusal(house, await call.poll(body.deferral_code), 'invalid_grant');
  });

  test('P9: pending time over, no worker running: expired_token, and nobody can approve any more', async () => {
    const { body } = await deferAsRunner();
    await call.decide('bob', body.request_id);
    house.advance(4 * 3_600);
    expectRefusal(house, await pollAsRunner(body.deferral_code), 'expired_token');
    const late = await call.decide('dan', body.request_id);
    expect([late.status, late.body.code, late.body.state]).toEqual([409, 'request_closed', 'expired']);
    expectRefusal(house, await pollAsRunner(body.deferral_code), 'expired_token');
    expect(onlyCase().grant).toBe(undefined);
  });

  test("P9: a keyless handle's end is expired_token, but the request goes on without it", async () => {
    const { body } = await call.defer();
    house.advance(3_600);
    expectRefusal(house, await call.poll(body.deferral_code), 'expired_token');
    const next = await call.defer();
    expect(next.body.request_id).toBe(body.request_id);
    await call.approveBoth(body.request_id);
    expect((await call.poll(next.body.deferral_code)).status).toBe(200);
    house.advance(60);
    expectRefusal(house, await call.poll(body.deferral_code), 'expired_token');
  });

  test('an approval in the last minute can be collected for 60 s more, and no longer', async () => {
    const first = await deferAsRunner();
    house.advance(4 * 3_600 - 1);
    await call.approveBoth(first.body.request_id);
    house.advance(60);
    expect((await pollAsRunner(first.body.deferral_code)).status).toBe(200);
  });

  test('an approval in the last minute is gone 61 s after the handle', async () => {
    const { body } = await deferAsRunner();
    house.advance(4 * 3_600 - 1);
    await call.approveBoth(body.request_id);
    house.advance(61);
    expectRefusal(house, await pollAsRunner(body.deferral_code), 'expired_token');
  });

  test('P19: the subject token expires during the wait: the poll still gives a token', async () => {
    const { body } = await call.defer();
    house.advance(1_800);
    await call.approveBoth(body.request_id);
    const answer = await call.poll(body.deferral_code);
    expect(answer.status).toBe(200);
    expect(claimsIn(answer)).toMatchObject({ sub: 'workload:payments-deploy', client_id: 'ci', scope: 'orders:write' });
  });

  test('P13: revoking the handle cancels the request and updates the card; every handle of it says so', async () => {
    const [first, second] = [await call.defer(), await call.defer()];
    const revoked = await call.revoke(first.body.deferral_code);
    expect([revoked.status, revoked.text]).toEqual([200, '']);
    expect(onlyCase().request.status).toMatchObject({ state: 'canceled' });
    expect(cardsOf('request.canceled')).toHaveLength(1);
    for (const { body } of [first, second]) {
      const polled = await call.poll(body.deferral_code);
      expectRefusal(house, polled, 'access_denied');
      expect(polled.body.error_description).toBe('canceled');
    }
  });

  test("P13: a handle joined to another's request ends alone", async () => {
    const asked = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    const [joined, other] = [await call.defer(), await call.defer()];
    expect(joined.body.request_id).toBe(asked.body.id);
    expect((await call.revoke(joined.body.deferral_code)).status).toBe(200);
    expectRefusal(house, await call.poll(joined.body.deferral_code), 'access_denied');
    expect(onlyCase().request.status.state).toBe('pending');
    await call.approveBoth(asked.body.id);
    expectRefusal(house, await call.poll(joined.body.deferral_code), 'access_denied');
    expect((await call.poll(other.body.deferral_code)).status).toBe(200);
  });

  test('P14: revoked after approval, before delivery: never delivered, and the grant is revoked', async () => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    expect((await call.revoke(body.deferral_code)).status).toBe(200);
    expectRefusal(house, await call.poll(body.deferral_code), 'access_denied');
    expect(onlyCase().grant?.status.state).toBe('revoked');
    expectRefusal(house, await call.tx(), 'access_denied');
    expect(house.world.store.tokens.size).toBe(0);
  });

  test('P14: revoking a handle after its token was given changes nothing', async () => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    const { access_token } = (await call.poll(body.deferral_code)).body;
    expect((await call.revoke(body.deferral_code)).status).toBe(200);
    expect((await call.introspect(access_token)).body.active).toBe(true);
    expect(onlyCase().grant?.status.state).toBe('active');
  });

  test("P14: revoking another client's handle, or an unknown one, is 200 and changes nothing", async () => {
    const { body } = await call.defer();
    expect((await call.revoke(body.deferral_code, { client_id: 'other' })).status).toBe(200);
    expect((await call.revoke('A'.repeat(43))).status).toBe(200);
    await call.approveBoth(body.request_id);
    expect((await call.poll(body.deferral_code)).status).toBe(200);
  });

  test.each([
    ['subject', '- { id: payments-deploy,', '- { enabled: false, id: payments-deploy,', 'access_denied'],
    ['issuer', '- { name: ci,', '- { enabled: false, name: ci,', 'access_denied'],
    ['resource', '- id: orders-db', '- id: orders-db\n    enabled: false', 'access_denied'],
    ['client', '- { id: ci, auth', '- { enabled: false, id: ci, auth', 'invalid_client'],
  ])('P15: approved, then the %s is disabled: no token', async (_what, from, to, error) => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    house.putPolicy(house.policyWith(from, to));
    expectRefusal(house, await call.poll(body.deferral_code), error);
    expect(house.world.store.tokens.size).toBe(0);
    house.putPolicy(house.policyWith('', ''));
    expect((await call.poll(body.deferral_code)).status).toBe(200);
  });

  test.each([
    ['subject', (line: string) => line.includes('{ id: payments-deploy,'), 'access_denied'],
    ['issuer', (line: string) => line.includes('{ name: ci,') || line.includes('issuer: ci,'), 'access_denied'],
    ['client', (line: string) => line.includes('{ id: ci, auth'), 'invalid_client'],
  ])('P15: approved, then the %s is taken out of the policy altogether: no token', async (_what, goes, error) => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    const left = house
      .policyWith('', '')
      .split('\n')
      .filter((line) => !goes(line))
      .join('\n');
    const named = /, workload:payments-deploy|workload:payments-deploy, |- \{ id: [^\n]*\[workload:[^\n]*/g;
    house.putPolicy(error === 'invalid_client' ? left : left.replaceAll(named, ''));
    expectRefusal(house, await call.poll(body.deferral_code), error);
    expect(house.world.store.tokens.size).toBe(0);
  });

  test('P25: no database: 503 with Retry-After, and the next poll is as if there had been none', async () => {
    const { body } = await call.defer();
    house.advance(5);
    house.fail('handles.find');
    for (const answer of [await call.poll(body.deferral_code), await call.poll(body.deferral_code)]) {
      expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable']);
      expect(answer.headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/json; charset=utf-8' });
    }
    house.fail();
    expect((await call.poll(body.deferral_code)).body).toMatchObject({ error: 'authorization_pending', interval: 5 });
    await call.approveBoth(body.request_id);
    house.fail('issuances.record');
    expect((await call.poll(body.deferral_code)).status).toBe(503);
    house.fail();
    expect((await call.poll(body.deferral_code)).status).toBe(200);
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
  });

  test('P16: two polls at once after approval: one issuance, one jti', async () => {
    const { body } = await call.defer();
    await call.approveBoth(body.request_id);
    const polls = await Promise.all([1, 2, 3].map(() => call.poll(body.deferral_code)));
    expect(polls.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(polls.map((answer) => claimsIn(answer).jti)).size).toBe(1);
    expect(trailOf(house, 'token.issued')).toHaveLength(1);
  });

  test('a grant that begins later: authorization_pending until then, then a token', async () => {
    const begins = new Date(house.world.clock.now() + 1_800_000).toISOString();
    const { requestId } = await call.approved({ not_before: begins });
    const plain = await call.tx();
    expectRefusal(house, plain, 'authorization_pending');
    expect(plain.body.request_id).toBe(requestId);
    const { body } = await call.defer();
    expect(body).toMatchObject({ error: 'authorization_pending', request_id: requestId });
    house.advance(1_700);
    expectRefusal(house, await call.poll(body.deferral_code), 'authorization_pending');
    house.advance(101);
    expect((await call.poll(body.deferral_code)).status).toBe(200);
    expect(casesOf()).toHaveLength(1);
  });
});

describe('people at odds', () => {
  test('P27: subject, requester and their like do not approve; still pending, and in the trail', async () => {
    const own = await call.ask('alice');
    const forPipeline = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
    for (const id of [own.body.id, forPipeline.body.id]) {
      const answer = await call.decide('alice', id);
      expect([answer.status, answer.body.code]).toEqual([403, 'own_request']);
    }
    expect(casesOf().map((c) => c.request.status.state)).toEqual(['pending', 'pending']);
    expect(trailOf(house, 'attempt.refused').map((row) => row.reasonCode)).toEqual(['own_request', 'own_request']);
  });

  test('P17: approve, deny, cancel and expire at once: one final state, one record of it, a token only if approved', async () => {
    const outcomes = new Set<string>();
    for (const order of permutations(['approve', 'deny', 'cancel', 'expire'])) {
      const { body } = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
      const id = String(body.id);
      const begun = await deferAsRunner();
      expect(begun.body.request_id).toBe(id);
      await call.decide('bob', id);
      house.advance(4 * 3_600 - 1);
      await race(id, order);
      const ends = ['approved', 'denied', 'canceled', 'expired'].flatMap((state) => trailOf(house, `request.${state}`));
      const mine = ends.filter((row) => row.requestId === id);
      expect(mine).toHaveLength(1);
      const { state, grant } = (await call.rest('alice', 'GET', `/v1/access-requests/${id}`)).body;
      expect(mine[0]?.type).toBe(`request.${state}`);
      expect((await pollAsRunner(begun.body.deferral_code)).status).toBe(state === 'approved' ? 200 : 400);
      outcomes.add(`${order[0]} first: ${state}`);
      if (grant !== null) await call.rest('alice', 'POST', `/v1/grants/${(grant as { id: string }).id}/revoke`);
    }
    expect([...outcomes].sort()).toEqual([
      'approve first: approved',
      'cancel first: canceled',
      'deny first: denied',
      'expire first: expired',
    ]);
  });
});

/** Everybody has acted and stands before the lock; then they pass in this order. */
async function race(id: string, order: readonly string[]): Promise<void> {
  const waiting = house.hold('ledger.transact');
  const acts: Record<string, () => Promise<Answer>> = {
    approve: () => call.decide('dan', id),
    deny: () => call.decide('carol', id, { verdict: 'deny' }),
    cancel: () => call.rest('alice', 'POST', `/v1/access-requests/${id}/cancel`),
  };
  const started = new Map<string, { readonly go: () => void; readonly answer: Promise<Answer> }>();
  for (const [name, act] of Object.entries(acts)) {
    const answer = act();
    const go = await arrival(waiting, started.size);
    started.set(name, { go, answer });
  }
  house.holdNothing();
  for (const name of order) {
    const one = started.get(name);
    one?.go();
    await one?.answer;
    if (one !== undefined) continue;
    house.advance(1);
    await house.world.ledger.sweep(100);
  }
}

/** Signatures are made on other threads, which a busy machine keeps waiting. */
const ARRIVAL_MS_MAX = 10_000;

async function arrival(waiting: readonly (() => void)[], index: number): Promise<() => void> {
  const giveUpAt = performance.now() + ARRIVAL_MS_MAX;
  while (performance.now() < giveUpAt) {
    const go = waiting[index];
    if (go !== undefined) return go;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('nobody came to the lock');
}

function permutations(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) => permutations(items.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}
