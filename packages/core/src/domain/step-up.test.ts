/** Step-up: which approvals need a fresh sign-in, which sign-in confirms them, and that without one nothing is given. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  anAsk,
  aPendingCase,
  aPolicy,
  BOB,
  CAROL,
  changed,
  DAN,
  freshIds,
  NOON,
  ORDERS,
  ORDERS_READ,
  READ,
  seededChance,
  sha256Hashing,
  withRule,
} from '@sallyport/testkit/core';
import fc from 'fast-check';
import type { AccessCase } from './case.ts';
import { type Decide, decideRequest, narrowedAsk } from './decide-request.ts';
import { evaluate } from './evaluate.ts';
import { after, type Instant, instant, minutes, seconds } from './instant.ts';
import { openRequest } from './open-request.ts';
import type { Policy } from './policy.ts';
import type { AccessRequest } from './request.ts';
import { asksStepUp, confirmedBy, freshSignIn, type SignInFacts, STEP_UP_LIFE } from './step-up.ts';
import { stillAllowed } from './still-allowed.ts';

const chance = seededChance('step-up');
const { digestOf } = sha256Hashing;
const plain = aPolicy();
const guarded = changed(plain, {
  resources: plain.resources.map((one) => (one.id === ORDERS ? { ...one, stepUp: true as const } : one)),
});
const pending = aPendingCase();

const signedIn = (request: AccessRequest, change: Partial<SignInFacts> = {}) =>
  freshSignIn({
    person: BOB.id,
    request: request.id,
    revision: request.revision,
    digest: request.digest,
    authenticatedAt: NOON,
    ...change,
  });
const verdict = (change: Partial<Decide> = {}): Decide => ({
  kind: 'decide',
  id: chance.decisionId(),
  grantId: chance.grantId(),
  person: BOB.id,
  verdict: 'approve',
  revision: 1,
  ...change,
});
const run = (command: Decide, policy: Policy = guarded, c: AccessCase = pending, now: Instant = NOON) =>
  decideRequest(c, command, { now, policy }, digestOf);
const codeOf = (result: ReturnType<typeof run>) => {
  if (result.ok) return result.value === 'unchanged' ? 'unchanged' : 'step';
  return result.error.code === 'step_up_required' ? result.error.why : result.error.code;
};

describe('where it is asked for', () => {
  test('by the resource, by the rule that judges now, by the rule that judged when it opened; else not', () => {
    const { request } = pending;
    expect(asksStepUp(plain, request)).toBe(false);
    expect(asksStepUp(guarded, request)).toBe(true);
    expect(asksStepUp(withRule(plain, 'payments-admin', { stepUp: true }), request)).toBe(true);
    const before = plain.rules.map((rule) => (rule.id === request.ruleId ? { ...rule, stepUp: true as const } : rule));
    const first = { ...before.find((rule) => rule.id === request.ruleId), id: 'first' as AccessRequest['ruleId'] };
    const { stepUp: _, ...without } = first as Policy['rules'][number];
    expect(asksStepUp(changed(plain, { rules: [without, ...before] }), request)).toBe(true);
    expect(asksStepUp(changed(plain, { rules: [without] }), request)).toBe(false);
  });

  test('a person whose approval is not asked for it decides as ever', () => {
    expect(codeOf(run(verdict(), plain))).toBe('step');
  });
});

describe('what confirms an approval', () => {
  test('a sign-in by this person for exactly this; the decision keeps when they authenticated', () => {
    const result = run(verdict({ signIn: signedIn(pending.request) }));
    if (!result.ok || result.value === 'unchanged') throw new Error('refused');
    expect(result.value.next.decisions).toMatchObject([{ person: BOB.id, steppedUpAt: NOON }]);
  });

  test.each<[string, Partial<SignInFacts>]>([
    ['another person', { person: CAROL.id }],
    ['another request', { request: chance.requestId() }],
    ['another revision', { revision: 2 }],
    ['another digest', { digest: digestOf('something else') }],
  ])('not one for %s', (_, change) => {
    expect(codeOf(run(verdict({ signIn: signedIn(pending.request, change) })))).toBe('for_another');
  });

  test('I-3: not without any, and never an older one: whatever the door, the same refusal', () => {
    expect(codeOf(run(verdict()))).toBe('no_sign_in');
    const property = fc.property(fc.integer({ min: -3_600_000, max: 3_600_000 }), (ms) => {
      const authenticatedAt = instant(NOON - ms);
      const isFresh = ms < STEP_UP_LIFE && ms >= -seconds(30);
      expect(codeOf(run(verdict({ signIn: signedIn(pending.request, { authenticatedAt }) })))).toBe(
        isFresh ? 'step' : 'not_fresh',
      );
    });
    fc.assert(property);
  });

  test('for less: the sign-in is for what is left', () => {
    const narrow = { duration: minutes(5), scopes: [ORDERS_READ] };
    const left = narrowedAsk(pending.request, narrow, digestOf);
    if (!left.ok) throw new Error('refused');
    expect(left.value).toMatchObject({ revision: 2, duration: minutes(5) });
    expect(codeOf(run(verdict({ narrow, signIn: signedIn(left.value) })))).toBe('step');
    expect(codeOf(run(verdict({ narrow, signIn: signedIn(pending.request) })))).toBe('for_another');
    expect(codeOf(run(verdict({ signIn: signedIn(left.value) })))).toBe('for_another');
  });

  test('denying needs none; who may not decide hears that, not this', () => {
    expect(codeOf(run(verdict({ verdict: 'deny', reason: 'no' })))).toBe('step');
    expect(codeOf(run(verdict({ person: ALICE.id })))).toBe('own_request');
  });

  test('what was approved before it was asked for stands; whoever comes next signs in', () => {
    const first = run(verdict({ person: DAN.id }), plain);
    if (!first.ok || first.value === 'unchanged') throw new Error('refused');
    expect(codeOf(run(verdict(), guarded, first.value.next))).toBe('no_sign_in');
    const last = run(verdict({ signIn: signedIn(pending.request) }), guarded, first.value.next);
    if (!last.ok || last.value === 'unchanged') throw new Error('refused');
    expect(last.value.next.request.status.state).toBe('approved');
  });

  test('it says which request it is about', () => {
    expect(confirmedBy(undefined, BOB.id, pending.request, after(NOON, minutes(1)))).toEqual({
      ok: false,
      error: { code: 'step_up_required', requestId: pending.request.id, why: 'no_sign_in' },
    });
  });
});

describe('where a rule approves by itself nobody signs in, so nothing is given', () => {
  const ask = { ...anAsk(), subject: ALICE, requester: ALICE, role: READ };

  test('it is not opened', () => {
    expect(evaluate(plain, ask).kind).toBe('auto_approved');
    expect(evaluate(guarded, ask).kind).toBe('nobody_can_approve');
    const opened = openRequest(freshIds(), ask, { now: NOON, policy: guarded }, digestOf);
    expect(opened).toMatchObject({ ok: false, error: { code: 'nobody_can_approve' } });
  });

  test('I-17: what it gave before gives no more tokens', () => {
    const opened = openRequest(freshIds(), ask, { now: NOON, policy: plain }, digestOf);
    if (!opened.ok) throw new Error('refused');
    const { request } = opened.value.next;
    expect(stillAllowed(plain, request).ok).toBe(true);
    expect(stillAllowed(guarded, request)).toMatchObject({ ok: false, error: { code: 'policy_forbids' } });
    expect(stillAllowed(guarded, { ...pending.request, access: { ...pending.request.access, role: ADMIN } }).ok).toBe(
      true,
    );
  });
});
