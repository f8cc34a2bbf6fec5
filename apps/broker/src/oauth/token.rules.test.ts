/** What answers an exchange, rule by rule (docs/protocol.md, "What answers"): a named request, a live grant, auto-approval, a pending request. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, DEF, REASON, SECRET, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CI_AUDIENCE, METRICS } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
});
afterEach(() => house.close());

const pipeline = { subject: { workload: 'payments-deploy' } };
const casesOf = () => [...house.world.store.cases.values()].map((stored) => stored.case);
const longRunner = () => house.issuers.issuer('other').jobToken({ audience: CI_AUDIENCE, repositoryId: '789' });

test('of many faults the first in order answers: shape, grant type, client, proof, parameters, subject, target, scope', async () => {
  const faults: Record<string, string | undefined> = {
    grant_type: 'password',
    client_id: 'nobody',
    subject_token_type: undefined,
    subject_token: 'x',
    audience: undefined,
    resource: 'orders-db#fragment',
    scope: 'a"b',
  };
  const answers: unknown[] = [];
  const good = await call.txParams();
  const mended = (name: string, value: string | undefined) => {
    faults[name] = value;
  };
  const attempt = async (headers = {}) => {
    const { body } = await call.form('/oauth/token', { ...good, ...faults }, headers);
    answers.push(String(body.error_description).startsWith('token_rejected') ? 'token_rejected' : body.error);
  };
  await attempt({ 'content-type': 'application/json' });
  await attempt();
  mended('grant_type', DEF);
  await attempt();
  mended('client_id', 'exchange-only');
  await attempt({ dpop: 'x' });
  mended('grant_type', good.grant_type);
  await attempt({ dpop: 'x' });
  await attempt();
  mended('subject_token_type', good.subject_token_type);
  await attempt();
  mended('subject_token', good.subject_token);
  await attempt();
  mended('resource', 'https://orders-db.acme.test');
  await attempt();
  mended('scope', good.scope);
  await attempt();
  expect(answers).toEqual([
    'invalid_request',
    'unsupported_grant_type',
    'invalid_client',
    'unauthorized_client',
    'invalid_dpop_proof',
    'invalid_request',
    'token_rejected',
    'invalid_target',
    'invalid_scope',
    'access_denied',
  ]);
});

describe('rule 1: request_id', () => {
  test("unknown, misspelt, of another subject or resource: invalid_request with one body, and a body that says nothing of others'", async () => {
    const { requestId } = await call.approved();
    const unknown = `req_${'0'.repeat(26)}`;
    const answers = [
      await call.tx({ request_id: unknown }),
      await call.tx({ request_id: 'nonsense' }),
      await call.tx({ request_id: requestId, subject_token: await longRunner() }),
      await call.tx({ request_id: requestId, audience: METRICS, scope: 'metrics:read' }),
    ];
    for (const answer of answers) {
      expectRefusal(house, answer, 'invalid_request');
      expect(answer.text).toBe(answers[0]?.text);
    }
  });

  test('pending: authorization_pending; approved: 200 with all its scopes if none are named', async () => {
    const { body } = await call.ask('alice', pipeline);
    const pending = await call.tx({ request_id: String(body.id), scope: undefined });
    expectRefusal(house, pending, 'authorization_pending');
    expect(pending.body.request_id).toBe(body.id);
    await call.approveBoth(body.id);
    const answer = await call.tx({ request_id: String(body.id), scope: undefined });
    expect(answer.body).toMatchObject({ scope: 'orders:read orders:write', request_id: body.id });
  });

  test('with completion_mode=deferred a handle on that very request, and no other is created', async () => {
    const { body } = await call.ask('alice', pipeline);
    const begun = await call.tx({ request_id: String(body.id), completion_mode: 'deferred' });
    expect(begun.body).toMatchObject({ error: 'authorization_pending', request_id: body.id });
    await call.approveBoth(body.id);
    expect((await call.poll(begun.body.deferral_code)).body.request_id).toBe(body.id);
    expect(casesOf()).toHaveLength(1);
  });

  test('more scope than it has is invalid_scope', async () => {
    const { requestId } = await call.approved({ role: 'read' });
    expectRefusal(house, await call.tx({ request_id: requestId }), 'invalid_scope');
  });

  test('its state answers and nothing else is looked at: denied, canceled, revoked, over, expired', async () => {
    await call.approved();
    const ended = async (end: (id: string) => Promise<unknown>) => {
      const id = String((await call.ask('alice', pipeline)).body.id);
      await end(id);
      return call.tx({ request_id: id });
    };
    const denied = await ended((id) => call.decide('bob', id, { verdict: 'deny' }));
    const canceled = await ended((id) => call.rest('alice', 'POST', `/v1/access-requests/${id}/cancel`));
    const revoked = await ended(async (id) => {
      const { grant } = (await call.approveBoth(id)).body as { grant: { id: string } };
      await call.rest('alice', 'POST', `/v1/grants/${grant.id}/revoke`);
    });
    const over = await ended(async (id) => {
      await call.approveBoth(id);
      house.advance(1_800);
    });
    const expired = await ended(async () => house.advance(4 * 3_600));
    expect([denied, canceled, revoked, over, expired].map(({ body }) => [body.error, body.error_description])).toEqual([
      ['access_denied', 'denied'],
      ['access_denied', 'canceled'],
      ['access_denied', 'revoked'],
      ['access_denied', 'grant_over'],
      ['expired_token', 'nobody decided in time'],
    ]);
  });

  test('what the policy no longer allows is access_denied no_longer_allowed', async () => {
    const { requestId } = await call.approved({ role: 'read' });
    house.putPolicy(house.policyWith('roles: [read, admin, once]', 'roles: [admin, once]'));
    const answer = await call.tx({ request_id: requestId, scope: 'orders:read' });
    expect([answer.body.error, answer.body.error_description]).toEqual(['access_denied', 'no_longer_allowed']);
  });
});

describe('rule 2: a live grant covers', () => {
  test('of several, the one that ends last; of those, the oldest; never a union', async () => {
    await call.approved({ role: 'read', duration: '15m' });
    const longest = await call.approved({ role: 'admin', duration: '45m' });
    await call.approved({ role: 'admin', duration: '45m' });
    expect((await call.tx({ scope: 'orders:read' })).body).toMatchObject({
      grant_id: longest.grantId,
      scope: 'orders:read',
    });
    await call.approved({ role: 'once' });
    expectRefusal(house, await call.tx({ scope: 'orders:once orders:read' }), 'invalid_scope');
  });

  test('a grant beats a pending request, and the client is no part of it', async () => {
    const { grantId } = await call.approved();
    await call.ask('alice', pipeline);
    const answer = await call.tx({ client_id: undefined }, call.basic('ci-runner', SECRET));
    expect(answer.body.grant_id).toBe(grantId);
    expect(claimsIn(answer).client_id).toBe('ci-runner');
  });

  test('with completion_mode=deferred too: a token, no handle, no second request', async () => {
    const { grantId } = await call.approved();
    expect((await call.defer()).body).toMatchObject({ grant_id: grantId, access_token: expect.any(String) });
    expect(casesOf()).toHaveLength(1);
    expect(house.world.store.handles.size).toBe(0);
  });

  test('scope absent: all scopes of the one live grant; none or several: invalid_scope', async () => {
    expectRefusal(house, await call.tx({ scope: undefined }), 'invalid_scope');
    await call.approved({ role: 'read' });
    expect((await call.tx({ scope: undefined })).body.scope).toBe('orders:read');
    await call.approved();
    expectRefusal(house, await call.tx({ scope: undefined }), 'invalid_scope');
  });

  test("another workload's, or its owner's own, grant does not show: as if nothing were there", async () => {
    await call.approved();
    const own = await call.ask('alice');
    await call.approveBoth(own.body.id);
    const stranger = await call.tx({ subject_token: await longRunner() });
    expectRefusal(house, stranger, 'access_denied');
    expect(stranger.body.error_description).toBe('approval_required');
  });
});

describe('rule 3: auto_approve', () => {
  test.each([{}, { completion_mode: 'deferred' }])('begins at once, with %j', async (mode) => {
    const ask = { audience: METRICS, scope: 'metrics:read', ...mode };
    const answer = await call.tx(ask);
    expect(answer.status).toBe(200);
    expect(answer.body.deferral_code).toBe(undefined);
    const again = await call.tx(ask);
    expect(again.body).toMatchObject({ grant_id: answer.body.grant_id, request_id: answer.body.request_id });
    expect(casesOf().map((c) => [c.request.effect, c.request.ruleId])).toEqual([['auto_approve', 'metrics-view']]);
    expect(trailOf(house, 'request.approved')).toHaveLength(1);
  });

  test('ten at once, each with its own subject token: one request, one grant', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call.tx({ audience: METRICS, scope: 'metrics:read' })),
    );
    expect(new Set(answers.map(({ body }) => body.grant_id)).size).toBe(1);
    expect(casesOf()).toHaveLength(1);
  });

  test('the same access, once its rule wants approval, is no longer had', async () => {
    const { body } = await call.tx({ audience: METRICS, scope: 'metrics:read' });
    house.putPolicy(
      house.policyWith(
        'resource: metrics, roles: [view], effect: auto_approve }',
        'resource: metrics, roles: [view], effect: require_approval, approvals: [ { count: 1, from: [group:dba] } ] }',
      ),
    );
    expectRefusal(house, await call.tx({ audience: METRICS, scope: 'metrics:read' }), 'access_denied');
    expect((await call.introspect(body.access_token)).body).toEqual({ active: false });
  });
});

describe('rules 4 to 6', () => {
  test('4: the smallest role that covers is asked for, and only the scopes named', async () => {
    await call.defer({ scope: 'orders:read' });
    await call.defer({ scope: 'orders:write' });
    expect(casesOf().map((c) => [c.request.access.role, c.request.access.scopes])).toEqual([
      ['read', ['orders:read']],
      ['admin', ['orders:write']],
    ]);
  });

  test('4: a pending request that covers is joined, by another client too; one that does not is left alone', async () => {
    const whole = await call.defer({ scope: 'orders:read orders:write' });
    const part = await call.defer({ client_id: 'other', scope: 'orders:write' });
    expect(part.body.request_id).toBe(whole.body.request_id);
    await call.approveBoth(whole.body.request_id);
    expect((await call.poll(part.body.deferral_code, { client_id: 'other' })).body.scope).toBe('orders:write');
    expect(casesOf()).toHaveLength(1);
  });

  test("4: somebody else's pending request is not joined", async () => {
    await call.ask('alice');
    const { body } = await call.defer();
    expect(casesOf().map((c) => c.request.id)).toContain(body.request_id);
    expect(casesOf()).toHaveLength(2);
  });

  test('6: invalid_scope if a live grant fits all but the scope, else approval_required', async () => {
    expectRefusal(house, await call.tx(), 'access_denied');
    await call.approved({ role: 'read' });
    expectRefusal(house, await call.tx(), 'invalid_scope');
    const begun = await call.tx({ completion_mode: 'deferred', reason: REASON });
    expectRefusal(house, begun, 'authorization_pending');
  });
});

describe('durability', () => {
  test.each(['ledger.covering', 'issuances.record'])(
    'no database at %s: 503 temporarily_unavailable with Retry-After, and no token',
    async (operation) => {
      await call.approved();
      house.fail(operation);
      const answer = await call.tx();
      expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable']);
      expect(answer.headers['retry-after']).toBe('1');
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.text).not.toContain(operation);
      house.fail();
      expect(house.world.store.tokens.size).toBe(0);
      expect((await call.tx()).status).toBe(200);
    },
  );

  test('no database at ledger.note: even a refusal is a 503, for it could not be written down', async () => {
    house.fail('ledger.note');
    const answer = await call.tx();
    expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable']);
  });
});
