/** Every refused attempt at an OAuth door that an authenticated client made, or failed to, leaves exactly one row in the trail. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf, REASON, SECRET, TT } from '../testing/callers.ts';
import { METRICS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const handle = async () => String((await call.defer()).body.deferral_code);
const pipeline = { subject: { workload: 'payments-deploy' } };

/** What was tried; the error answered; the reason codes of the rows it left. */
const ATTEMPTS: readonly (readonly [string, () => Promise<Answer>, string, readonly string[]])[] = [
  ['an unknown client', () => call.tx({ client_id: 'nobody' }), 'invalid_client', ['client_rejected']],
  [
    'a grant type not its own',
    () => call.poll('x', { client_id: 'exchange-only' }),
    'unauthorized_client',
    ['client_not_allowed'],
  ],
  ['a proof', () => call.tx({}, { dpop: 'x' }), 'invalid_dpop_proof', ['proof_rejected']],
  ['a client that needs a proof', () => call.tx({ client_id: 'bound' }), 'invalid_request', ['proof_required']],
  [
    'a resource that needs a proof',
    () => call.tx({ audience: 'vault', scope: 'vault:open' }),
    'invalid_request',
    ['proof_required'],
  ],
  ['no subject token', () => call.tx({ subject_token: undefined }), 'invalid_request', ['malformed']],
  ['a bad subject token', () => call.tx({ subject_token: 'x' }), 'invalid_request', ['subject_token_rejected']],
  [
    'an actor',
    () => call.tx({ actor_token: 'x', actor_token_type: TT('jwt') }),
    'invalid_request',
    ['actor_token_rejected'],
  ],
  ['an unknown target', () => call.tx({ audience: 'nothing' }), 'invalid_target', ['target_unknown']],
  ['details', () => call.tx({ authorization_details: '[]' }), 'invalid_authorization_details', ['details_not_covered']],
  ['a scope nobody has', () => call.tx({ scope: 'x' }), 'invalid_scope', ['scope_not_covered']],
  ['an ill-formed scope', () => call.tx({ scope: 'a"b' }), 'invalid_scope', ['scope_not_covered']],
  ['a misspelt request_id', () => call.tx({ request_id: 'x' }), 'invalid_request', ['request_unknown']],
  [
    'an unknown request_id',
    () => call.tx({ request_id: `req_${'0'.repeat(26)}` }),
    'invalid_request',
    ['request_unknown'],
  ],
  ['nothing asked yet', () => call.tx(), 'access_denied', ['approval_required']],
  ['a reason too short', () => call.defer({ reason: 'x' }), 'invalid_request', ['justification_too_short']],
  ['a duration too short', () => call.defer({ requested_duration: '1s' }), 'invalid_request', ['malformed']],
  ['an unknown handle', () => call.poll('x'), 'invalid_grant', ['handle_unknown']],
  ['a poll without a handle', () => call.poll(''), 'invalid_request', ['malformed']],
  ['a poll with a scope', () => call.poll('x', { scope: 'y' }), 'invalid_request', ['malformed']],
  ['introspection without credentials', () => call.introspect('x', {}, {}), 'invalid_client', ['client_rejected']],
  ['introspection of nothing', () => call.introspect(''), 'invalid_request', ['malformed']],
  ['revocation by nobody', () => call.revoke('x', { client_id: 'nobody' }), 'invalid_client', ['client_rejected']],
  ['revocation of nothing', () => call.revoke(''), 'invalid_request', ['malformed']],
  // Nobody is known at these yet: not worth a row.
  [
    'another media type',
    () => call.post('/oauth/token', '{}', { 'content-type': 'application/json' }),
    'invalid_request',
    [],
  ],
  ['an unknown grant type', () => call.tx({ grant_type: 'password' }), 'unsupported_grant_type', []],
];

/** The reason codes of the rows of refused attempts since `from`. */
const reasonsSince = (from: number) =>
  house.world.store.audit.slice(from).flatMap((row) => (row.type === 'attempt.refused' ? [row.reasonCode] : []));

describe('one row per refused attempt', () => {
  test.each(ATTEMPTS)('%s', async (_what, attempt, error, reasons) => {
    const answer = await attempt();
    expect(answer.body.error).toBe(error);
    expect(reasonsSince(0)).toEqual(reasons);
    for (const row of house.world.store.audit) {
      expect(row.by).toMatchObject({
        door: 'oauth',
        address: '127.0.0.1',
        traceId: answer.headers['x-correlation-id'],
      });
    }
    expect(house.world.store.tokens.size).toBe(0);
  });

  test('waiting, and polling too soon, are no attempts', async () => {
    const code = await handle();
    await call.poll(code);
    house.advance(20);
    await call.poll(code);
    await call.tx();
    expect(reasonsSince(0)).toEqual([]);
  });

  test('how a wait ended is in the trail with who polled', async () => {
    const code = await handle();
    await call.revoke(code);
    const from = house.world.store.audit.length;
    await call.poll(code);
    expect(reasonsSince(from)).toEqual(['request_closed']);
    expect(house.world.store.audit.at(-1)?.by).toMatchObject({ clientId: 'ci' });
  });

  test('story 6: more scope, another audience, another workload, a replayed token: each refused, each a row', async () => {
    await call.approved({ role: 'read' });
    const from = house.world.store.audit.length;
    const params = { ...(await call.txParams()), scope: 'orders:read' };
    expect((await call.form('/oauth/token', params)).status).toBe(200);
    const refused = [
      await call.tx(),
      await call.tx({ scope: 'orders:read', audience: METRICS }),
      await call.tx({ scope: 'orders:read', subject_token: await call.jobToken('456') }),
      await call.form('/oauth/token', { ...params, client_id: 'other' }),
      await call.form('/oauth/token', { ...params, reason: REASON }),
    ];
    house.advance(31);
    refused.push(await call.form('/oauth/token', params));
    expect(refused.map(({ body }) => body.error)).toEqual([
      'invalid_scope',
      'invalid_scope',
      'invalid_target',
      'invalid_request',
      'invalid_request',
      'invalid_request',
    ]);
    expect(reasonsSince(from)).toEqual([
      'scope_not_covered',
      'scope_not_covered',
      'target_unknown',
      'replayed',
      'replayed',
      'replayed',
    ]);
    expect(house.world.store.tokens.size).toBe(1);
  });

  test('the trail of a request tells its story', async () => {
    const { body } = await call.ask('alice', pipeline);
    const id = String(body.id);
    await call.tx();
    await call.decide('alice', id);
    await call.decide('dave', id);
    await call.approveBoth(id);
    const token = await call.tx({}, {});
    await call.introspect(token.body.access_token);
    const { grant_id } = token.body;
    await call.rest('alice', 'POST', `/v1/grants/${grant_id}/revoke`);
    await call.tx({ request_id: id });
    const rows = house.world.store.audit.filter((row) => row.requestId === id || row.grantId === grant_id);
    const last = rows.pop();
    expect([last?.type, last?.reasonCode, last?.by.clientId]).toEqual(['attempt.refused', 'grant_ended', 'ci']);
    expect(rows.map((row) => [row.type, row.actor, row.reasonCode ?? row.verdict])).toEqual([
      ['request.opened', 'person:alice@acme.test', undefined],
      ['attempt.refused', 'person:alice@acme.test', 'own_request'],
      ['attempt.refused', 'person:dave@acme.test', 'request_unknown'],
      ['decision.made', 'person:bob@acme.test', 'approve'],
      ['decision.made', 'person:dan@acme.test', 'approve'],
      ['request.approved', 'person:dan@acme.test', undefined],
      ['grant.started', 'person:dan@acme.test', undefined],
      ['token.issued', 'workload:payments-deploy', undefined],
      ['grant.revoked', 'person:alice@acme.test', undefined],
    ]);
  });

  test('a client secret that is wrong is a row that names no client, for nobody was one', async () => {
    await call.tx({ client_id: undefined }, call.basic('ci-runner', `${SECRET}x`));
    expect(house.world.store.audit.map((row) => row.by.clientId)).toEqual([undefined]);
  });
});
