/** Tests of the token exchange: what answers, what is used up, what is never said. Docs: protocol, "What answers". */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  aPolicy,
  BILLING,
  BOB,
  changed,
  codeOf,
  DAN,
  DAVE,
  DEPLOY,
  issuedBy,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  outcomeOf,
  READ,
  story,
  valueIn,
  withPerson,
  withRole,
  withRule,
} from '@sallyport/testkit/core';
import type { RoleId, Scope } from '../domain/access.ts';
import { hours, minutes, seconds } from '../domain/instant.ts';
import { workload } from '../domain/principal.ts';

const BOTH = [ORDERS_READ, ORDERS_WRITE];

describe('the story', () => {
  test('nothing asked; asked; one of two; approved; a token', async () => {
    const { asks, clicks, exchanges, isActive, memory } = story();
    expect(outcomeOf(await exchanges())).toBe('approval_required');
    const { request } = await asks();
    expect(outcomeOf(await exchanges())).toBe('waiting');
    await clicks(request.id, DAN);
    memory.clock.advance(seconds(6));
    expect(outcomeOf(await exchanges())).toBe('waiting');
    await clicks(request.id, BOB);
    const { facts, token } = issuedBy(await exchanges());
    expect(facts).toMatchObject({ subject: DEPLOY, audience: 'https://orders-db.acme.test', requestId: request.id });
    expect(facts.scopes).toEqual([ORDERS_READ]);
    expect(await isActive(token)).toBe(true);
  });

  test('P2: without opting in nothing is created and nobody is told', async () => {
    const { exchanges, memory, trail } = story();
    await exchanges();
    expect(memory.store.cases.size).toBe(0);
    expect(memory.store.outbox).toEqual([]);
    expect(trail()).toEqual(['approval_required']);
  });

  test('P4: opting in three times, also at once: one request, three handles', async () => {
    const { exchanges, memory } = story();
    const all = await Promise.all([1, 2, 3].map(() => exchanges({ deferred: true })));
    expect(all.map(outcomeOf)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(memory.store.cases.size).toBe(1);
    const handles = [...memory.store.handles.values()];
    expect(handles).toHaveLength(3);
    expect(handles.filter((handle) => handle.madeRequest)).toHaveLength(1);
    expect(memory.store.outbox.map((row) => row.type)).toEqual(['request.opened']);
  });

  test('a rule that approves by itself answers at once, with or without opting in', async () => {
    for (const deferred of [true, false]) {
      const { exchanges } = story();
      expect(outcomeOf(await exchanges({ subject: ALICE, deferred }))).toBe('issued');
    }
  });

  test('I-17: and its grant serves the next exchange too', async () => {
    const { exchanges, memory } = story();
    const [a, b] = [await exchanges({ subject: ALICE }), await exchanges({ subject: ALICE })].map(issuedBy);
    expect(a?.facts.grantId).toBe(b?.facts.grantId);
    expect(a?.facts.jti).not.toBe(b?.facts.jti);
    expect(memory.store.cases.size).toBe(1);
  });
});

describe('refused', () => {
  test('T7, T1, T3, T5: more scope, another target, two targets, scopes of another resource', async () => {
    const { grants, exchanges } = story();
    await grants({ scopes: [ORDERS_READ] });
    expect(outcomeOf(await exchanges({ scopes: BOTH }))).toBe('scope_not_covered');
    expect(outcomeOf(await exchanges({ scopes: ['openid' as Scope] }))).toBe('scope_not_covered');
    expect(outcomeOf(await exchanges({ targets: ['https://elsewhere.acme.test'] }))).toBe('target_unknown');
    expect(outcomeOf(await exchanges({ targets: ['orders-db', 'billing-api'] }))).toBe('target_unknown');
    expect(outcomeOf(await exchanges({ targets: ['orders-db', 'https://elsewhere.acme.test'] }))).toBe(
      'target_unknown',
    );
    expect(outcomeOf(await exchanges({ scopes: ['billing:refund' as Scope] }))).toBe('scope_not_covered');
    expect(outcomeOf(await exchanges({ targets: ['orders-db', 'https://orders-db.acme.test'] }))).toBe('issued');
  });

  test('another workload, and a person, get nothing of this one’s grant', async () => {
    const { grants, exchanges } = story();
    const { request } = await grants();
    expect(outcomeOf(await exchanges({ subject: workload('reports-nightly') }))).toBe('target_unknown');
    expect(outcomeOf(await exchanges({ subject: DAVE, requestId: request.id }))).toBe('target_unknown');
    expect(outcomeOf(await exchanges({ subject: ALICE, scopes: BOTH }))).toBe('approval_required');
    expect(outcomeOf(await exchanges({ subject: ALICE, requestId: request.id }))).toBe('request_unknown');
  });

  test('a token of nobody is refused before anything is looked at', async () => {
    const { exchanges, trail } = story();
    expect(outcomeOf(await exchanges({ subject: workload('stranger') }))).toBe('subject_token_rejected');
    expect(trail()).toEqual(['subject_token_rejected']);
  });

  test('each refusal leaves one row, not two', async () => {
    const { exchanges, trail } = story({
      policy: withRule(aPolicy(), 'payments-admin', { justificationMinLength: 100 }),
    });
    expect(outcomeOf(await exchanges({ deferred: true }))).toBe('justification_too_short');
    expect(trail()).toEqual(['justification_too_short']);
  });

  test('I-18: a client, subject, requester or resource that is gone', async () => {
    const policy = aPolicy();
    const gone: [string, ReturnType<typeof aPolicy>][] = [
      ['client_rejected', changed(policy, { clients: [] })],
      ['subject_token_rejected', changed(policy, { workloads: [] })],
      ['approval_required', withPerson(policy, ALICE.id, undefined)],
      ['target_unknown', changed(policy, { resources: policy.resources.map((one) => ({ ...one, enabled: false })) })],
      ['target_unknown', withRule(policy, 'payments-admin', undefined)],
      ['scope_not_covered', withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_WRITE] })],
    ];
    for (const [refusal, next] of gone) {
      const { grants, exchanges, put } = story();
      await grants();
      expect(outcomeOf(await exchanges({ jti: 'before' }))).toBe('issued');
      await put(next);
      expect(outcomeOf(await exchanges({ jti: 'after' }))).toBe(refusal);
    }
  });

  test('I-17: an auto-approved grant gives no more once its rule asks people', async () => {
    const { exchanges, put } = story();
    const policy = aPolicy();
    expect(outcomeOf(await exchanges({ subject: ALICE }))).toBe('issued');
    await put(
      withRule(policy, 'payments-read', {
        effect: 'require_approval',
        approvals: [{ count: 1, from: [{ kind: 'anyone' }] }],
      }),
    );
    expect(outcomeOf(await exchanges({ subject: ALICE }))).toBe('approval_required');
  });

  test('a client or resource that wants DPoP is not served with less', async () => {
    const policy = aPolicy();
    const dpop = changed(policy, {
      resources: policy.resources.map((one) => ({ ...one, token: { ...one.token, dpop: 'required' as const } })),
    });
    const { grants, exchanges, put } = story();
    await grants();
    await put(dpop);
    expect(outcomeOf(await exchanges())).toBe('proof_required');
    await put(changed(policy, { clients: policy.clients.map((one) => ({ ...one, requireDpop: true })) }));
    expect(outcomeOf(await exchanges())).toBe('proof_required');
  });
});

describe('time', () => {
  test('I-2: after the end nothing, with no sweep having run', async () => {
    const { grants, exchanges, isActive, memory } = story();
    await grants();
    const { token, facts } = issuedBy(await exchanges());
    memory.clock.set(facts.expiresAt);
    expect(await isActive(token)).toBe(false);
    memory.clock.advance(hours(1));
    expect(outcomeOf(await exchanges({ jti: 'late' }))).toBe('approval_required');
  });

  test('"not before" ahead is waited for', async () => {
    const { grants, exchanges, memory } = story();
    await grants({ notBefore: (memory.clock.now() + hours(1)) as ReturnType<typeof memory.clock.now> });
    expect(outcomeOf(await exchanges())).toBe('waiting');
    memory.clock.advance(minutes(61));
    expect(outcomeOf(await exchanges())).toBe('issued');
  });

  test('P6: waiting without a handle is paced per subject token', async () => {
    const { asks, exchanges, memory } = story();
    await asks();
    expect(outcomeOf(await exchanges())).toBe('waiting');
    memory.clock.advance(seconds(1));
    expect(await exchanges()).toMatchObject({ error: { code: 'polled_too_soon', intervalSeconds: 10 } });
    expect(outcomeOf(await exchanges({ jti: 'job-2' }))).toBe('waiting');
  });
});

describe('used up', () => {
  test('S25: a single-use subject token gives one token per target; the same exchange again within 30 s gives it again', async () => {
    const { grants, exchanges, memory } = story();
    await grants();
    const first = issuedBy(await exchanges());
    memory.clock.advance(seconds(20));
    const again = issuedBy(await exchanges());
    expect(again.facts).toEqual(first.facts);
    expect(again.token).not.toBe(first.token);
    expect(memory.store.tokens.size).toBe(1);
    expect(outcomeOf(await exchanges({ scopes: BOTH }))).toBe('replayed');
    memory.clock.advance(seconds(11));
    expect(outcomeOf(await exchanges())).toBe('replayed');
    expect(outcomeOf(await exchanges({ jti: 'job-2' }))).toBe('issued');
  });

  test('S25: a refused or pending exchange uses nothing up', async () => {
    const { asks, approves, exchanges } = story();
    expect(outcomeOf(await exchanges())).toBe('approval_required');
    const { request } = await asks();
    expect(outcomeOf(await exchanges())).toBe('waiting');
    await approves(request.id);
    expect(outcomeOf(await exchanges({ scopes: ['openid' as Scope] }))).toBe('scope_not_covered');
    expect(outcomeOf(await exchanges())).toBe('issued');
  });

  test('I-9: the lost answer is not repeated once the token, the grant or the policy is gone', async () => {
    const ends: ((
      house: ReturnType<typeof story>,
      token: string,
      grant: { request: { id: unknown } },
    ) => Promise<unknown>)[] = [
      (house, token) => house.revokeToken(house.ci, token, house.by),
      (house, _, c) => house.revokeGrant({ request: c.request.id as never }, ALICE, house.by),
      (house) => house.put(withPerson(aPolicy(), ALICE.id, undefined)),
    ];
    for (const end of ends) {
      const house = story();
      const c = await house.grants();
      const { token } = issuedBy(await house.exchanges());
      await end(house, token, c);
      expect(outcomeOf(await house.exchanges())).toBe('grant_ended');
      expect(house.memory.store.tokens.size).toBe(1);
    }
  });

  const oneShot = withRole(aPolicy(), BILLING, 'operator' as RoleId, { maxUses: 1 });
  const billing = { targets: ['billing-api'], scopes: ['billing:refund' as Scope], subject: ALICE };
  const asked = { subject: ALICE, requester: ALICE, resource: BILLING, role: 'operator' as RoleId };

  test('I-6: a one-shot grant gives one token; the same exchange again within 30 s gives it again', async () => {
    const { asks, clicks, exchanges, memory } = story({ policy: oneShot });
    const { request } = await asks(asked);
    valueIn(await clicks(request.id, BOB));
    const first = issuedBy(await exchanges(billing));
    expect(issuedBy(await exchanges(billing)).facts.jti).toBe(first.facts.jti);
    memory.clock.advance(seconds(31));
    expect(outcomeOf(await exchanges(billing))).toBe('approval_required');
    expect(outcomeOf(await exchanges({ ...billing, requestId: request.id }))).toBe('grant_ended');
  });

  test('I-6: a spent grant covers nothing: opting in opens a new request', async () => {
    const { asks, clicks, exchanges, memory } = story({ policy: oneShot });
    const { request } = await asks(asked);
    valueIn(await clicks(request.id, BOB));
    issuedBy(await exchanges(billing));
    memory.clock.advance(seconds(31));
    expect(outcomeOf(await exchanges({ ...billing, deferred: true }))).toBe('waiting');
    expect(memory.store.cases.size).toBe(2);
  });

  test('I-6: a rule that approves by itself goes on giving one-shot grants, however many were spent', async () => {
    const policy = withRole(aPolicy(), ORDERS, READ, { maxUses: 1 });
    const { exchanges, memory } = story({ policy });
    for (let turn = 0; turn < 12; turn++) {
      issuedBy(await exchanges({ subject: ALICE }));
      memory.clock.advance(seconds(31));
    }
    expect(memory.store.tokens.size).toBe(12);
    expect(memory.store.cases.size).toBe(12);
  });

  test('I-17: raising max_uses gives an approved one-shot grant nothing more', async () => {
    const { asks, clicks, exchanges, memory, put } = story({ policy: oneShot });
    const { request } = await asks(asked);
    valueIn(await clicks(request.id, BOB));
    issuedBy(await exchanges(billing));
    await put(withRole(oneShot, BILLING, 'operator' as RoleId, { maxUses: 5 }));
    memory.clock.advance(seconds(31));
    expect(outcomeOf(await exchanges(billing))).toBe('approval_required');
  });
});

test('a policy that changed since the program read it is looked at again, not obeyed blindly', async () => {
  const house = story();
  await house.grants();
  house.memory.policies.put(withPerson(aPolicy(), ALICE.id, undefined));
  expect(outcomeOf(await house.exchanges())).toBe('approval_required');
  expect(codeOf(await house.exchanges())).toBe('approval_required');
});
