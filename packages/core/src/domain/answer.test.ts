/** Tests of what an exchange finds: docs/protocol.md, "What answers", rule by rule. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  aLiveGrant,
  aPendingCase,
  aPolicy,
  BILLING,
  BOB,
  changed,
  DAVE,
  DEPLOY,
  NOON,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  withPerson,
  withRule,
} from '@sallyport/testkit/core';
import type { Scope } from './access.ts';
import { answer, answerByState, type ExchangeAsk } from './answer.ts';
import type { AccessCase } from './case.ts';
import { stepOf } from './case.ts';
import { after, hours, type Instant, minutes, seconds, wholeSecond } from './instant.ts';
import { type Policy, resourceById } from './policy.ts';

const policy = aPolicy();
const resourceOf = (id: typeof ORDERS, by: Policy = policy) => {
  const found = resourceById(by, id);
  if (found === undefined) throw new Error('the example has this resource');
  return found;
};
const orders = resourceOf(ORDERS);
const ask = (change: Partial<ExchangeAsk> = {}): ExchangeAsk => ({
  subject: DEPLOY,
  resource: orders,
  scopes: [ORDERS_READ],
  deferred: false,
  ...change,
});
const run = (
  cases: readonly AccessCase[],
  change: Partial<ExchangeAsk> = {},
  now: Instant = NOON,
  by: Policy = policy,
) => answer(cases, ask(change), { now, policy: by });
const say = (...args: Parameters<typeof run>): string => {
  const result = run(...args);
  return result.ok ? result.value.kind : result.error.code;
};
const live = aLiveGrant();
const readOnly = aLiveGrant({ access: { ...live.request.access, scopes: [ORDERS_READ] } });
const pending = aPendingCase();
const noScopes = (change: Partial<ExchangeAsk> = {}): ExchangeAsk => {
  const { scopes: _, ...rest } = ask(change);
  return rest;
};

describe('rule 1: a named request', () => {
  test('its state answers, nothing else is looked at', () => {
    const denied = stepOf(pending, [{ type: 'request.denied', at: NOON, by: BOB.id }]).next;
    expect(say([denied, live], { requestId: denied.request.id })).toBe('request_closed');
    expect(say([pending, live], { requestId: pending.request.id })).toBe('wait');
    expect(run([pending, live], { requestId: live.request.id })).toMatchObject({
      value: { kind: 'issue', from: live },
    });
  });

  test('unknown, another subject’s, another resource’s: one answer', () => {
    const foreign = aLiveGrant({ subject: ALICE });
    const elsewhere = aLiveGrant({ access: { ...live.request.access, resource: BILLING } });
    for (const c of [foreign, elsewhere]) expect(say([c], { requestId: c.request.id })).toBe('request_unknown');
    expect(say([], { requestId: live.request.id })).toBe('request_unknown');
  });

  test('more scope than it has is refused, pending or granted', () => {
    const wide = { scopes: [ORDERS_READ, ORDERS_WRITE] };
    expect(say([readOnly], { ...wide, requestId: readOnly.request.id })).toBe('scope_not_covered');
    const narrow = aPendingCase({ access: readOnly.request.access });
    expect(say([narrow], { ...wide, requestId: narrow.request.id })).toBe('scope_not_covered');
  });

  test('T9: without scope all it has', () => {
    const at = { now: NOON, policy };
    expect(answer([live], noScopes({ requestId: live.request.id }), at)).toMatchObject({
      value: { kind: 'issue', extent: { scopes: [ORDERS_READ, ORDERS_WRITE] } },
    });
    expect(answer([readOnly], noScopes({ requestId: readOnly.request.id }), at)).toMatchObject({
      value: { extent: { scopes: [ORDERS_READ] } },
    });
  });
});

describe('rule 2: a live grant covers', () => {
  test('it answers, with exactly the scopes asked', () => {
    expect(run([pending, live])).toMatchObject({
      value: { kind: 'issue', from: live, extent: { scopes: [ORDERS_READ] } },
    });
  });

  test('of several the one that ends last, then the oldest', () => {
    const longer = aLiveGrant({ duration: minutes(50) });
    expect(run([live, longer, readOnly])).toMatchObject({ value: { from: longer } });
    const first = aLiveGrant({ openedAt: after(NOON, seconds(0)) });
    const second = aLiveGrant({ openedAt: after(NOON, 700 as Parameters<typeof after>[1]) });
    expect(first.grant.expiresAt).toBe(second.grant.expiresAt);
    expect(run([second, first], {}, after(NOON, seconds(1)))).toMatchObject({ value: { from: first } });
  });

  test('I-1: never a union of grants', () => {
    const writeOnly = aLiveGrant({ access: { ...live.request.access, scopes: [ORDERS_WRITE] } });
    expect(say([readOnly, writeOnly], { scopes: [ORDERS_READ, ORDERS_WRITE] })).toBe('scope_not_covered');
  });

  test('without scope only if exactly one fits', () => {
    const at = { now: NOON, policy };
    expect(answer([live], noScopes(), at)).toMatchObject({ value: { kind: 'issue', from: live } });
    expect(answer([live, readOnly], noScopes(), at)).toMatchObject({ error: { code: 'scope_not_covered' } });
    expect(answer([pending], noScopes(), at)).toMatchObject({ error: { code: 'scope_not_covered' } });
  });

  test('I-1: the grant of another subject or resource covers nothing', () => {
    expect(say([aLiveGrant({ subject: ALICE })])).toBe('approval_required');
    expect(say([aLiveGrant({ access: { ...live.request.access, resource: BILLING } })])).toBe('approval_required');
  });

  test('I-2: nor does one that is over, revoked, or not begun', () => {
    expect(say([live], {}, live.grant.expiresAt)).toBe('approval_required');
    const revoked = stepOf(live, [{ type: 'grant.revoked', at: NOON, by: BOB }]).next;
    expect(say([revoked])).toBe('approval_required');
    const ahead = aLiveGrant({ notBefore: wholeSecond(after(NOON, hours(1))) });
    expect(say([ahead])).toBe('wait');
  });
});

describe('rules 3 to 6: nothing approved yet', () => {
  const alice = { subject: ALICE };

  test('3: the smallest role a rule gives; auto-approved at once, with or without opting in', () => {
    for (const deferred of [true, false]) {
      expect(run([], { ...alice, deferred })).toMatchObject({ value: { kind: 'open', role: { id: 'read' } } });
    }
    const wider = run([], { ...alice, scopes: [ORDERS_READ, ORDERS_WRITE], deferred: true });
    expect(wider).toMatchObject({ value: { kind: 'open', role: { id: ADMIN } } });
  });

  test('4: a pending one that covers is waited for; one that does not is not', () => {
    expect(say([pending])).toBe('wait');
    expect(say([pending], { deferred: true })).toBe('wait');
    const narrow = aPendingCase({ access: readOnly.request.access });
    expect(say([narrow], { scopes: [ORDERS_WRITE] })).toBe('approval_required');
    expect(say([narrow], { scopes: [ORDERS_WRITE], deferred: true })).toBe('open');
    expect(say([pending], {}, pending.request.expiresAt)).toBe('approval_required');
  });

  test('5: with opting in it is opened, unless nobody could approve', () => {
    expect(say([], { deferred: true })).toBe('open');
    const nobody = withPerson(policy, BOB.id, undefined);
    expect(say([], { deferred: true }, NOON, nobody)).toBe('nobody_can_approve');
    expect(say([], {}, NOON, nobody)).toBe('approval_required');
  });

  test('6: else nothing: the scope is at fault if a live grant fits but for it', () => {
    expect(say([])).toBe('approval_required');
    expect(say([readOnly], { scopes: [ORDERS_WRITE] })).toBe('scope_not_covered');
  });

  test('a scope no role has, or no role within reach', () => {
    expect(say([], { scopes: ['openid' as Scope] })).toBe('scope_not_covered');
    expect(say([], { scopes: [ORDERS_READ, 'billing:refund' as Scope] })).toBe('scope_not_covered');
  });
});

describe('no rule gives this subject anything there', () => {
  test('looks like an unknown target, also with a grant in hand or a request named', () => {
    expect(say([], { subject: DAVE })).toBe('target_unknown');
    const without = withRule(policy, 'payments-admin', undefined);
    expect(say([live], {}, NOON, without)).toBe('target_unknown');
    expect(say([live], { requestId: live.request.id }, NOON, without)).toBe('target_unknown');
    expect(say([], { resource: resourceOf(BILLING) })).toBe('target_unknown');
    const gone = changed(policy, { workloads: [] });
    expect(say([live], {}, NOON, gone)).toBe('target_unknown');
  });
});

describe('answerByState', () => {
  const at = (now: Instant) => ({ now, policy });

  test('P5, P9: pending waits, then is expired', () => {
    expect(answerByState(pending, { scopes: [ORDERS_READ] }, at(NOON))).toMatchObject({ value: { kind: 'wait' } });
    expect(answerByState(pending, { scopes: [ORDERS_READ] }, at(pending.request.expiresAt))).toMatchObject({
      error: { code: 'request_closed', state: 'expired' },
    });
  });

  test('P8: denied and canceled say so', () => {
    const canceled = stepOf(pending, [{ type: 'request.canceled', at: NOON, by: ALICE }]).next;
    expect(answerByState(canceled, { scopes: [ORDERS_READ] }, at(NOON))).toMatchObject({
      error: { state: 'canceled', by: ALICE },
    });
  });

  test('approved: issue, then over; ahead: wait', () => {
    expect(answerByState(live, { scopes: [ORDERS_READ] }, at(NOON))).toMatchObject({ value: { kind: 'issue' } });
    expect(answerByState(live, { scopes: [ORDERS_READ] }, at(live.grant.expiresAt))).toMatchObject({
      error: { code: 'grant_ended', how: 'over' },
    });
    const ahead = aLiveGrant({ notBefore: wholeSecond(after(NOON, hours(1))) });
    expect(answerByState(ahead, { scopes: [ORDERS_READ] }, at(NOON))).toMatchObject({ value: { kind: 'wait' } });
  });

  test('I-18: approved, but no longer allowed', () => {
    const without = withPerson(policy, ALICE.id, undefined);
    expect(answerByState(live, { scopes: [ORDERS_READ] }, { now: NOON, policy: without })).toMatchObject({
      error: { code: 'policy_forbids' },
    });
  });
});
