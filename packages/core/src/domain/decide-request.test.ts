/** Tests of verdicts and cancels by the example world: who may, what they see refused, what a narrowing does. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  aPendingCase,
  aPolicy,
  BOB,
  CAROL,
  changed,
  DAN,
  DAVE,
  DEPLOY,
  NOON,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  seededChance,
  sha256Hashing,
  withPerson,
  withRole,
  withRule,
} from '@sallyport/testkit/core';
import type { Scope } from './access.ts';
import type { AccessCase, Outcome } from './case.ts';
import { type Decide, decideRequest, type RequestCommand } from './decide-request.ts';
import { after, hours, type Instant, instant, minutes, seconds } from './instant.ts';
import type { Policy } from './policy.ts';
import { type PersonId, type Principal, person, workload } from './principal.ts';
import type { Refusal } from './refusal.ts';
import { canonicalAsk } from './request.ts';
import type { Result } from './result.ts';

const chance = seededChance('decide');
const policy = aPolicy();
const pending = aPendingCase();
const digestOf = sha256Hashing.digestOf;

interface When {
  readonly by?: Policy;
  readonly now?: Instant;
}
const run = (c: AccessCase, command: RequestCommand, { by = policy, now = NOON }: When = {}) =>
  decideRequest(c, command, { now, policy: by }, digestOf);
const verdict = (id: PersonId, change: Partial<Decide> = {}): Decide => ({
  kind: 'decide',
  id: chance.decisionId(),
  grantId: chance.grantId(),
  person: id,
  verdict: 'approve',
  revision: 1,
  ...change,
});
const step = (result: Result<Outcome, Refusal>) => {
  if (!result.ok || result.value === 'unchanged') throw new Error(`no step: ${JSON.stringify(result)}`);
  return result.value;
};
const code = (result: Result<Outcome, Refusal>): string =>
  result.ok ? (result.value === 'unchanged' ? 'unchanged' : 'step') : result.error.code;
const danApproved = step(run(pending, verdict(DAN.id))).next;
const approved = step(run(danApproved, verdict(BOB.id))).next;
const denied = step(run(pending, verdict(DAN.id, { verdict: 'deny', reason: 'not today' }))).next;

describe('approve', () => {
  test('the first of two is counted, and nothing is granted yet', () => {
    const { next, events } = step(run(pending, verdict(DAN.id)));
    expect(events.map((event) => event.type)).toEqual(['decision.made']);
    expect(next.request.status.state).toBe('pending');
    expect(next.grant).toBeUndefined();
    expect(next.decisions).toMatchObject([
      { person: DAN.id, verdict: 'approve', revision: 1, digest: pending.request.digest, lines: [0], at: NOON },
    ]);
  });

  test('I-6: the last place gives the one grant, in the same step', () => {
    const { next, events } = step(run(danApproved, verdict(BOB.id)));
    expect(events.map((event) => event.type)).toEqual(['decision.made', 'request.approved', 'grant.started']);
    expect(next.request.status).toEqual({ state: 'approved', at: NOON, by: BOB.id });
    expect(next.grant).toMatchObject({ requestId: next.request.id, digest: next.request.digest });
  });

  test('I-3: two dbas are not a dba and a manager', () => {
    const { next } = step(run(danApproved, verdict(CAROL.id)));
    expect(next.request.status.state).toBe('pending');
  });

  test('I-3: one person of both lines fills one place', () => {
    const both = withPerson(policy, BOB.id, { groups: ['dba'] });
    const { next } = step(run(pending, verdict(BOB.id), { by: both }));
    expect(next.decisions[0]?.lines).toEqual([0, 1]);
    expect(next.request.status.state).toBe('pending');
    expect(step(run(next, verdict(CAROL.id), { by: both })).next.request.status.state).toBe('approved');
  });

  test('I-3: eligible at the click counts, though the group was left since', () => {
    const left = withPerson(policy, DAN.id, { groups: [] });
    expect(step(run(danApproved, verdict(BOB.id), { by: left })).next.request.status.state).toBe('approved');
  });

  test('I-17: the lines are those frozen on the request, not the rule’s of today', () => {
    const easier = withRule(policy, 'payments-admin', { approvals: [{ count: 1, from: [{ kind: 'anyone' }] }] });
    expect(code(run(pending, verdict(DAVE.id), { by: easier }))).toBe('not_an_approver');
    expect(step(run(pending, verdict(DAN.id), { by: easier })).next.request.status.state).toBe('pending');
  });

  test('I-2: the grant lasts at most what the role allows at the approval', () => {
    const shorter = withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(10) });
    const { grant } = step(run(danApproved, verdict(BOB.id), { by: shorter })).next;
    expect((grant?.expiresAt ?? 0) - (grant?.notBefore ?? 0)).toBe(minutes(10));
  });
});

describe('who may not', () => {
  test('I-3: the requester, the subject, also where they would fit a line', () => {
    const aliceIsDba = withPerson(policy, ALICE.id, { groups: ['payments', 'dba'] });
    expect(code(run(pending, verdict(ALICE.id), { by: aliceIsDba }))).toBe('own_request');
    expect(code(run(pending, verdict(ALICE.id, { verdict: 'deny' }), { by: aliceIsDba }))).toBe('own_request');
    const forDan = aPendingCase({ subject: DAN });
    expect(code(run(forDan, verdict(DAN.id)))).toBe('own_request');
  });

  test('MA-1: an outsider, a stranger, somebody disabled', () => {
    expect(code(run(pending, verdict(DAVE.id)))).toBe('not_an_approver');
    expect(code(run(pending, verdict(person('stranger').id)))).toBe('identity_rejected');
    const without = withPerson(policy, DAN.id, { enabled: false });
    expect(code(run(pending, verdict(DAN.id), { by: without }))).toBe('identity_rejected');
    expect(code(run(pending, verdict(DAN.id), { by: withPerson(policy, DAN.id, undefined) }))).toBe(
      'identity_rejected',
    );
  });

  test('MA-2: the id of a workload is nobody who decides', () => {
    expect(code(run(pending, verdict(person(DEPLOY.id).id)))).toBe('identity_rejected');
  });

  test('an outsider is not told how a request ended', () => {
    expect(code(run(denied, verdict(DAVE.id)))).toBe('not_an_approver');
  });
});

describe('when not', () => {
  test('I-10: at the end of the pending time, with nobody having swept', () => {
    const { expiresAt } = pending.request;
    expect(run(pending, verdict(DAN.id), { now: expiresAt })).toMatchObject({
      error: { code: 'request_closed', state: 'expired', at: expiresAt },
    });
    expect(code(run(pending, verdict(DAN.id), { now: instant(expiresAt - 1) }))).toBe('step');
  });

  test('I-5: closed is closed, and names who closed it', () => {
    expect(run(denied, verdict(BOB.id))).toMatchObject({
      error: { code: 'request_closed', state: 'denied', by: DAN, at: NOON },
    });
    expect(run(approved, verdict(CAROL.id))).toMatchObject({
      error: { code: 'request_closed', state: 'approved', by: BOB },
    });
    expect(code(run(approved, verdict(DAN.id, { verdict: 'deny' })))).toBe('request_closed');
  });

  test('I-4: a verdict on another revision is refused with the one in force', () => {
    for (const revision of [0, 2, 1.5, Number.NaN]) {
      expect(run(pending, verdict(DAN.id, { revision }))).toMatchObject({
        error: { code: 'stale_revision', revision: 1 },
      });
    }
  });

  test('I-11: the same verdict again says when it was first given', () => {
    const again = run(danApproved, verdict(DAN.id), { now: after(NOON, minutes(5)) });
    expect(again).toEqual({ ok: false, error: { code: 'already_decided', verdict: 'approve', at: NOON } });
  });

  test('I-18: nothing is approved that the policy in force no longer allows; denying still works', () => {
    const gone: Policy[] = [
      withPerson(policy, ALICE.id, undefined),
      withRule(policy, 'payments-admin', undefined),
      changed(policy, { workloads: [] }),
      changed(policy, { resources: policy.resources.map((one) => ({ ...one, enabled: false })) }),
      withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_READ] }),
    ];
    for (const by of gone) {
      const carolAndDan = withPerson(by, DAN.id, {});
      expect(code(run(pending, verdict(DAN.id), { by: carolAndDan }))).toBe('policy_forbids');
      expect(code(run(pending, verdict(DAN.id, { verdict: 'deny' }), { by: carolAndDan }))).toBe('step');
    }
  });
});

describe('deny', () => {
  test('I-16: one deny ends it, with its reason, whatever was approved before', () => {
    const { next, events } = step(run(danApproved, verdict(BOB.id, { verdict: 'deny', reason: 'no window' })));
    expect(events.map((event) => event.type)).toEqual(['decision.made', 'request.denied']);
    expect(next.request.status).toEqual({ state: 'denied', at: NOON, by: BOB.id, reason: 'no window' });
    expect(next.grant).toBeUndefined();
  });

  test('I-16: also by the same person, whose approve it replaces', () => {
    const { next } = step(run(danApproved, verdict(DAN.id, { verdict: 'deny' })));
    expect(next.decisions).toHaveLength(1);
    expect(next.request.status.state).toBe('denied');
  });

  test('a reason is bounded and sound, whatever the verdict', () => {
    for (const reason of ['x'.repeat(501), 'a\0b', 'a\ud800b']) {
      for (const one of ['deny', 'approve'] as const) {
        expect(code(run(pending, verdict(DAN.id, { verdict: one, reason })))).toBe('malformed');
      }
    }
    expect(code(run(pending, verdict(DAN.id, { verdict: 'deny', reason: 'x'.repeat(500) })))).toBe('step');
  });

  test('a narrowing with a deny narrows nothing', () => {
    const { next } = step(run(pending, verdict(DAN.id, { verdict: 'deny', narrow: { duration: minutes(1) } })));
    expect([next.request.revision, next.request.duration]).toEqual([1, minutes(30)]);
  });
});

describe('narrow', () => {
  const less = { scopes: [ORDERS_READ], duration: minutes(10) };
  const narrowed = step(run(danApproved, verdict(CAROL.id, { narrow: less })));

  test('I-4: a new revision with its own digest; earlier decisions are void, this one counts', () => {
    const { request, decisions } = narrowed.next;
    expect(narrowed.events.map((event) => event.type)).toEqual(['request.narrowed', 'decision.made']);
    expect(request).toMatchObject({ revision: 2, duration: minutes(10), access: { scopes: [ORDERS_READ] } });
    expect(request.digest).not.toBe(pending.request.digest);
    expect(request.digest).toBe(digestOf(canonicalAsk(request)));
    expect(decisions.map((one) => [one.person, one.revision, one.digest])).toEqual([
      [DAN.id, 1, pending.request.digest],
      [CAROL.id, 2, request.digest],
    ]);
    expect(request.expiresAt).toBe(pending.request.expiresAt);
  });

  test('I-4: who approved the wider ask may approve the narrower', () => {
    expect(code(run(narrowed.next, verdict(DAN.id)))).toBe('stale_revision');
    expect(code(run(narrowed.next, verdict(DAN.id, { revision: 2 })))).toBe('step');
    expect(code(run(narrowed.next, verdict(CAROL.id, { revision: 2 })))).toBe('already_decided');
  });

  test('I-1: the grant is of the narrowed revision', () => {
    const { grant, request } = step(run(narrowed.next, verdict(BOB.id, { revision: 2 }))).next;
    expect(grant).toMatchObject({ access: { scopes: [ORDERS_READ] }, digest: request.digest });
    expect((grant?.expiresAt ?? 0) - (grant?.notBefore ?? 0)).toBe(minutes(10));
  });

  test('who approved already may still narrow', () => {
    const { next } = step(run(danApproved, verdict(DAN.id, { narrow: { duration: minutes(5) } })));
    expect(next.request.revision).toBe(2);
    expect(next.decisions.map((one) => one.revision)).toEqual([1, 2]);
  });

  test('a narrowing can be the approval that fills the last place', () => {
    const lines = [{ count: 1, from: [{ kind: 'person' as const, id: DAN.id }] }];
    const { next, events } = step(run(aPendingCase({ lines }), verdict(DAN.id, { narrow: less })));
    expect(events.map((event) => event.type)).toEqual([
      'request.narrowed',
      'decision.made',
      'request.approved',
      'grant.started',
    ]);
    expect(next.grant).toMatchObject({ access: { scopes: [ORDERS_READ] } });
  });

  test('asking for nothing less is an ordinary approval', () => {
    for (const narrow of [
      {},
      { duration: minutes(30) },
      { scopes: [ORDERS_WRITE, ORDERS_READ, ORDERS_READ] },
      { scopes: [ORDERS_READ, ORDERS_WRITE], duration: minutes(30) },
    ]) {
      expect(step(run(pending, verdict(DAN.id, { narrow }))).next.request.revision).toBe(1);
    }
  });

  test('I-1: never wider: more scopes, other scopes, no scopes, longer, or too short to be worth it', () => {
    const cases: [NonNullable<Decide['narrow']>, string][] = [
      [{ scopes: [ORDERS_READ, ORDERS_WRITE, 'orders:drop' as Scope] }, 'scope_not_covered'],
      [{ scopes: ['orders:drop' as Scope] }, 'scope_not_covered'],
      [{ scopes: [] }, 'scope_not_covered'],
      [{ duration: minutes(31) }, 'duration_too_long'],
      [{ scopes: [ORDERS_READ], duration: hours(1) }, 'duration_too_long'],
      [{ duration: seconds(59) }, 'malformed'],
      [{ duration: seconds(0) }, 'malformed'],
    ];
    for (const [narrow, refusal] of cases) expect(code(run(pending, verdict(DAN.id, { narrow })))).toBe(refusal);
  });
});

describe('cancel', () => {
  const cancel = (by: Principal): RequestCommand => ({ kind: 'cancel', by });

  test('the requester takes it back; again changes nothing', () => {
    const { next, events } = step(run(danApproved, cancel(ALICE)));
    expect(events).toEqual([{ type: 'request.canceled', at: NOON, by: ALICE }]);
    expect(code(run(next, cancel(ALICE)))).toBe('unchanged');
    expect(code(run(next, verdict(BOB.id)))).toBe('request_closed');
  });

  test('to everybody else it does not exist, be they its subject, approver or namesake', () => {
    for (const by of [DEPLOY, BOB, DAN, DAVE, workload(ALICE.id)])
      expect(code(run(pending, cancel(by)))).toBe('request_unknown');
  });

  test('I-5: what is decided or over cannot be taken back', () => {
    expect(code(run(approved, cancel(ALICE)))).toBe('request_closed');
    expect(code(run(denied, cancel(ALICE)))).toBe('request_closed');
    expect(code(run(pending, cancel(ALICE), { now: pending.request.expiresAt }))).toBe('request_closed');
  });

  test('who left the directory can still not be impersonated, and what they asked can still be taken back by them', () => {
    expect(code(run(pending, cancel(ALICE), { by: withPerson(policy, ALICE.id, undefined) }))).toBe('step');
  });
});
