/** Bad input where a client proves something, and at the backchannel door: assertions, proofs, hints; mixed, wrong, stale and replayed. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, CIBA, callersOf, DEF, REASON, SECRET, TT } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CI_AUDIENCE, METRICS, ORDERS } from '../testing/policy-text.ts';
import { assertion, type ProofKey, proofKey } from '../testing/proofs.ts';
import { expectUnchanged } from '../testing/unchanged.ts';

/** In what is sent; must be in nothing that is answered or logged. */
const MARK = 'zq7markzq7';
type Members = Readonly<Record<string, unknown>>;

let house: BrokerHouse;
let call: Callers;
let key: ProofKey;
const now = () => house.world.clock.now();
const at = (seconds: number) => Math.floor(now() / 1_000) + seconds;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  key = await proofKey(now);
  await call.approved();
});
afterAll(() => house.close());

async function refused(calling: () => Promise<Answer>, error: string, reason: string, status = 400): Promise<Answer> {
  const answer = await expectUnchanged(house, calling, [reason]);
  expectRefusal(house, answer, error, status);
  expect(answer.text).not.toContain(MARK);
  return answer;
}

describe('assertions', () => {
  const BAD: readonly (readonly [string, () => Members, Members])[] = [
    ['for the token endpoint', () => ({ aud: `${ISSUER}/oauth/token` }), {}],
    ['for us and one more', () => ({ aud: [ISSUER, MARK] }), {}],
    ['for nobody', () => ({ aud: undefined }), {}],
    ['of another client', () => ({ iss: 'ci-runner', sub: 'ci-runner' }), {}],
    ['about another client', () => ({ iss: 'keyed', sub: 'ci' }), {}],
    ['of nobody we know', () => ({ iss: MARK, sub: MARK }), {}],
    ['without an end', () => ({ exp: undefined }), {}],
    ['for a day', () => ({ exp: at(86_400) }), {}],
    ['that is over', () => ({ exp: at(-31) }), {}],
    ['that begins in a minute', () => ({ nbf: at(61) }), {}],
    ['without an id', () => ({ jti: undefined }), {}],
    ['with an id of 4 kB', () => ({ jti: 'j'.repeat(4_096) }), {}],
    ['that says it is an access token', () => ({}), { typ: 'at+jwt' }],
    ['that says it is a proof', () => ({}), { typ: 'dpop+jwt' }],
    ['under a key we do not have', () => ({}), { kid: MARK }],
    ['with a key of its own', () => ({}), { jwk: { kty: 'EC' } }],
    ['with a link to a key', () => ({}), { jku: 'https://evil.test/jwks' }],
  ];
  const DOORS = ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/bc-authorize'];

  test.each(BAD)('%s: invalid_client without a challenge, and nobody is asked', async (what, claims, header) => {
    house.issuers.requests.reset();
    const door = DOORS[BAD.findIndex(([one]) => one === what) % DOORS.length] ?? '';
    const ask = door === '/oauth/token' ? await call.txParams() : { token: 'x' };
    const sent = { ...ask, client_id: undefined, ...(await assertion(now, claims(), header)) };
    await refused(() => call.form(door, sent), 'invalid_client', 'client_rejected');
    expect(house.issuers.requests.count()).toBe(0);
  });

  test.each([
    ['no type', { client_assertion_type: undefined }],
    ['another type', { client_assertion_type: TT('jwt') }],
    ['a secret beside it', { client_secret: SECRET }],
    ['another client_id beside it', { client_id: 'ci' }],
    ['garbage', { client_assertion: MARK }],
    ['20 kB', { client_assertion: `${'x'.repeat(20_000)}.x.x` }],
  ])('%s: invalid_client', async (_what, change) => {
    const sent = { ...(await call.txParams()), client_id: undefined, ...(await assertion(now)), ...change };
    await refused(() => call.form('/oauth/token', sent), 'invalid_client', 'client_rejected');
  });

  test('replayed, at another door: invalid_client', async () => {
    const once = await assertion(now);
    expect((await call.form('/oauth/introspect', { token: 'x', ...once })).status).toBe(200);
    const again = { ...(await call.txParams()), client_id: undefined, ...once };
    await refused(() => call.form('/oauth/token', again), 'invalid_client', 'client_rejected');
  });
});

describe('proofs', () => {
  const BAD: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['garbage', () => MARK],
    ['9 kB', () => 'x'.repeat(9_000)],
    ['two', async () => `${await key.proof()}, ${await key.proof()}`],
    ['of another method', () => key.proof({ htm: 'GET' })],
    ['for another path', () => key.proof({ htu: `${ISSUER}/oauth/revoke` })],
    ['for another host', () => key.proof({ htu: 'https://evil.test/oauth/token' })],
    ['for no URL', () => key.proof({ htu: MARK })],
    ['too old', () => key.proof({ iat: at(-301) })],
    ['of the future', () => key.proof({ iat: at(61) })],
    ['without a time', () => key.proof({ iat: undefined })],
    ['without an id', () => key.proof({ jti: undefined })],
    ['with an id of 4 kB', () => key.proof({ jti: 'j'.repeat(4_096) })],
    ['of another type', () => key.proof({}, { typ: 'JWT' })],
    ['with a private key', () => key.proof({}, { jwk: { ...key.jwk, d: 'AAAA' } })],
    ['with a secret', () => key.proof({}, { jwk: { kty: 'oct', k: 'AAAA' } })],
    ["with somebody else's key", async () => key.proof({}, { jwk: (await proofKey(now)).jwk })],
    ['with a link to a key', () => key.proof({}, { jku: 'https://evil.test/jwks' })],
    ['that is an access token', async () => String((await call.tx()).body.access_token)],
  ];

  test.each(BAD)('%s: invalid_dpop_proof, and no token that is not bound', async (_what, make) => {
    const dpop = await make();
    const params = await call.txParams();
    await refused(() => call.form('/oauth/token', params, { dpop }), 'invalid_dpop_proof', 'proof_rejected');
  });

  test('replayed: invalid_dpop_proof', async () => {
    const dpop = await key.proof();
    expect((await call.tx({}, { dpop })).body.token_type).toBe('DPoP');
    await refused(() => call.tx({}, { dpop }), 'invalid_dpop_proof', 'proof_rejected');
  });
});

describe('backchannel start', () => {
  const good = { login_hint: 'workload:payments-deploy', audience: ORDERS, scope: 'orders:once', reason: REASON };
  const start = (change: Readonly<Record<string, string | undefined>>) =>
    call.form('/oauth/bc-authorize', { ...good, ...change }, call.basic('ciba-app', SECRET));
  const named = { login_hint: undefined };

  test.each([
    ['no hint', named, 'invalid_request', 'malformed'],
    ['two hints', { login_hint_token: 'x' }, 'invalid_request', 'malformed'],
    ['an ID token as hint', { ...named, id_token_hint: 'x' }, 'invalid_request', 'malformed'],
    ['an unknown person', { login_hint: `person:${MARK}` }, 'unknown_user_id', 'hint_unknown'],
    ['no name at all', { login_hint: `${MARK} or 1=1` }, 'unknown_user_id', 'hint_unknown'],
    ['a token that is none', { ...named, login_hint_token: MARK }, 'unknown_user_id', 'hint_unknown'],
    ['no target', { audience: undefined }, 'invalid_request', 'malformed'],
    ['an unknown target', { audience: MARK }, 'invalid_target', 'target_unknown'],
    ['two targets', { resource: METRICS }, 'invalid_target', 'target_unknown'],
    ['no scope', { scope: undefined }, 'invalid_request', 'malformed'],
    ['openid', { scope: 'openid' }, 'invalid_scope', 'scope_not_covered'],
    ['an unknown scope', { scope: MARK }, 'invalid_scope', 'scope_not_covered'],
    [
      'details that are no JSON',
      { authorization_details: '[{' },
      'invalid_authorization_details',
      'details_not_covered',
    ],
    ['details of no type', { authorization_details: '[{}]' }, 'invalid_authorization_details', 'details_not_covered'],
    [
      'a link as message',
      { binding_message: 'https://evil.test' },
      'invalid_binding_message',
      'binding_message_rejected',
    ],
    [
      '65 characters as message',
      { binding_message: 'x'.repeat(65) },
      'invalid_binding_message',
      'binding_message_rejected',
    ],
    ['a line end as message', { binding_message: 'a\nb' }, 'invalid_binding_message', 'binding_message_rejected'],
    ['an expiry of nothing', { requested_expiry: '0' }, 'invalid_request', 'malformed'],
    ['a negative expiry', { requested_expiry: '-1' }, 'invalid_request', 'malformed'],
    ['an expiry in words', { requested_expiry: MARK }, 'invalid_request', 'malformed'],
    ['a short reason', { reason: 'x' }, 'invalid_request', 'justification_too_short'],
    ['a long reason', { reason: 'x'.repeat(2_001) }, 'invalid_request', 'malformed'],
    ['no duration', { requested_duration: MARK }, 'invalid_request', 'malformed'],
  ] as const)('%s', async (_what, change, error, reason) => {
    await refused(() => start(change), error, reason);
  });

  test('by a client without the grant type, and by name from one that proves nothing', async () => {
    const byName = () => call.form('/oauth/bc-authorize', { ...good, client_id: 'ci-open' });
    expect((await byName()).body.error).toBe('invalid_client');
    await refused(
      () => call.form('/oauth/bc-authorize', { ...good, client_id: 'ciba-open' }),
      'invalid_request',
      'malformed',
    );
    await refused(
      () => call.form('/oauth/bc-authorize', { ...good, client_id: 'ci' }),
      'unauthorized_client',
      'client_not_allowed',
    );
  });

  test('P23: what it gave is polled as what it is, and as nothing else', async () => {
    const { auth_req_id } = (await start({})).body;
    const app = call.basic('ciba-app', SECRET);
    const poll = (params: Readonly<Record<string, string>>) => call.form('/oauth/token', params, app);
    await refused(() => poll({ grant_type: CIBA }), 'invalid_request', 'malformed');
    await refused(() => poll({ grant_type: CIBA, auth_req_id: MARK }), 'invalid_grant', 'handle_unknown');
    const asDeferred = { grant_type: DEF, client_id: 'ci', deferral_code: String(auth_req_id) };
    await refused(() => call.form('/oauth/token', asDeferred), 'invalid_grant', 'handle_unknown');
    const foreign = { grant_type: CIBA, client_id: 'ciba-open', auth_req_id: String(auth_req_id) };
    await refused(() => call.form('/oauth/token', foreign), 'invalid_grant', 'handle_unknown');
  });
});

describe('what an exchange may carry', () => {
  const DETAILS = [
    ['no JSON', '[{'],
    ['no list', '{"type":"tables"}'],
    ['an unknown type', `[{"type":"${MARK}"}]`],
    ['no type', '[{}]'],
    ['a member too many', '[{"type":"tables","tables":["a"],"x":1}]'],
    ['a member of another kind', '[{"type":"tables","tables":"a"}]'],
    ['a member twice', '[{"type":"tables","tables":["a"],"tables":["b"]}]'],
    ['six of them', JSON.stringify(Array.from({ length: 6 }, () => ({ type: 'any' })))],
    ['3 kB in one', JSON.stringify([{ type: 'any', x: 'x'.repeat(3_000) }])],
    ['10,000 levels', `[{"type":"any","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}]`],
  ] as const;

  test.each(DETAILS)('details: %s', async (_what, authorization_details) => {
    const params = await call.txParams();
    const calling = () => call.form('/oauth/token', { ...params, authorization_details });
    await refused(calling, 'invalid_authorization_details', 'details_not_covered');
  });

  test.each([
    ['garbage', () => MARK],
    ['for somebody else', () => house.issuers.issuer('ci').jobToken({ audience: MARK })],
    ['of a stranger', () => call.idToken('mallory')],
    ['without any right to act', () => call.jobToken('456')],
  ])('an actor token: %s: invalid_request that says nothing', async (_what, make) => {
    const params = { ...(await call.txParams()), actor_token: await make(), actor_token_type: TT('jwt') };
    const answer = await refused(() => call.form('/oauth/token', params), 'invalid_request', 'actor_token_rejected');
    expect(String(answer.body.error_description)).toMatch(/^token_rejected, correlation id [\w-]{22}$/);
  });

  test('a federation token cannot be waited for', async () => {
    const params = {
      requested_token_type: TT('jwt'),
      completion_mode: 'deferred',
      scope: 'orders:once',
      reason: REASON,
    };
    const job = await house.issuers.issuer('ci').jobToken({ audience: CI_AUDIENCE });
    await refused(() => call.tx({ subject_token: job, ...params }), 'invalid_request', 'malformed');
  });
});

test('after all that, what was good is good, and nothing of it is in the log', async () => {
  expect((await call.tx({}, { dpop: await key.proof() })).body.token_type).toBe('DPoP');
  expect(house.logged.join('')).not.toContain(MARK);
});
