/** Tests of opening: what an ask becomes, what is frozen, and each reason for a no. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ADMIN_LINES,
  ALICE,
  anAsk,
  aPolicy,
  BOB,
  changed,
  DAVE,
  DEPLOY,
  freshIds,
  NOON,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  READ,
  sha256Hashing,
  withPerson,
  withRole,
  withRule,
} from '@sallyport/testkit/core';
import type { RoleId, Scope } from './access.ts';
import { after, duration, hours, minutes, seconds, wholeSecond } from './instant.ts';
import { type Ask, openRequest } from './open-request.ts';
import type { Policy } from './policy.ts';
import { person } from './principal.ts';
import { canonicalAsk } from './request.ts';

const policy = aPolicy();
const ids = freshIds();
const open = (change: Partial<Ask> = {}, by: Policy = policy, now = NOON) =>
  openRequest(ids, anAsk(change), { now, policy: by }, sha256Hashing.digestOf);
const opened = (change: Partial<Ask> = {}, by: Policy = policy) => {
  const result = open(change, by);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const code = (change: Partial<Ask>, by: Policy = policy): string => {
  const result = open(change, by);
  return result.ok ? result.value.next.request.status.state : result.error.code;
};

describe('what it becomes', () => {
  test('I-17: pending, with policy version, rule and lines frozen on it', () => {
    const { next, events } = opened({ ticket: 'OPS-1' });
    expect(events.map((event) => event.type)).toEqual(['request.opened']);
    expect(next.request).toMatchObject({
      id: ids.request,
      subject: DEPLOY,
      requester: ALICE,
      access: { resource: ORDERS, role: ADMIN, audience: 'https://orders-db.acme.test' },
      duration: minutes(30),
      ticket: 'OPS-1',
      policyVersion: policy.version,
      ruleId: 'payments-admin',
      effect: 'require_approval',
      lines: ADMIN_LINES,
      openedAt: NOON,
      expiresAt: after(NOON, hours(4)),
      revision: 1,
      status: { state: 'pending' },
    });
    expect(next.request.digest).toBe(sha256Hashing.digestOf(canonicalAsk(next.request)));
    expect([next.version, next.decisions, next.grant]).toEqual([1, [], undefined]);
  });

  test('I-17: where a rule approves by itself the grant begins at once and names the rule', () => {
    const { next, events } = opened({ subject: ALICE, role: READ });
    expect(events.map((event) => event.type)).toEqual(['request.opened', 'request.approved', 'grant.started']);
    expect(next).toMatchObject({
      version: 1,
      request: { status: { state: 'approved', at: NOON }, lines: [], effect: 'auto_approve' },
      grant: {
        id: ids.grant,
        ruleId: 'payments-read',
        notBefore: wholeSecond(NOON),
        access: { scopes: [ORDERS_READ] },
      },
    });
    expect(next.request.status).not.toHaveProperty('by');
  });

  test('absent scopes are all of the role; present ones exactly those, sorted and once', () => {
    expect(opened().next.request.access.scopes).toEqual([ORDERS_READ, ORDERS_WRITE]);
    expect(opened({ scopes: [ORDERS_WRITE, ORDERS_WRITE] }).next.request.access.scopes).toEqual([ORDERS_WRITE]);
  });

  test('the role’s maximum is clamped or refused, as the door wants', () => {
    expect(code({ duration: hours(2) })).toBe('duration_too_long');
    expect(opened({ duration: hours(2), tooLong: 'clamp' }).next.request.duration).toBe(hours(1));
    expect(opened({ duration: hours(1) }).next.request.duration).toBe(hours(1));
  });

  test('an absent duration is at most an hour', () => {
    const { duration: _, ...ask } = anAsk();
    const at = { now: NOON, policy };
    const lengthOf = (change: Partial<Ask>, by = policy) => {
      const result = openRequest(ids, { ...ask, ...change }, { ...at, policy: by }, sha256Hashing.digestOf);
      return result.ok ? result.value.next.request.duration : result.error.code;
    };
    expect(lengthOf({})).toBe(hours(1));
    expect(lengthOf({ subject: ALICE, role: READ })).toBe(hours(1));
    expect(lengthOf({}, withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(5) }))).toBe(minutes(5));
    expect(lengthOf({}, withRole(policy, ORDERS, ADMIN, { maxDuration: seconds(30) }))).toBe(seconds(30));
  });

  test('I-2: `not_before` is rounded up to a second, and forgotten when it is past', () => {
    expect(opened({ notBefore: after(NOON, hours(1)) }).next.request.notBefore).toBe(
      after(wholeSecond(after(NOON, hours(1))), seconds(1)),
    );
    const whole = wholeSecond(after(NOON, hours(1)));
    expect(opened({ notBefore: whole }).next.request.notBefore).toBe(whole);
    expect(opened({ notBefore: NOON }).next.request).not.toHaveProperty('notBefore');
  });
});

describe('each no', () => {
  test('target_unknown: no such resource or role, or disabled', () => {
    expect(code({ resource: 'nothing' as Ask['resource'] })).toBe('target_unknown');
    expect(code({ role: 'root' as RoleId })).toBe('target_unknown');
    const off = changed(policy, { resources: policy.resources.map((one) => ({ ...one, enabled: false })) });
    expect(code({}, off)).toBe('target_unknown');
  });

  test('policy_forbids: no rule, a stranger, for somebody else', () => {
    expect(code({ subject: DAVE, requester: DAVE })).toBe('policy_forbids');
    expect(code({ subject: person('stranger'), requester: person('stranger') })).toBe('policy_forbids');
    expect(code({ requester: DAVE })).toBe('policy_forbids');
    expect(code({ subject: BOB, requester: ALICE })).toBe('policy_forbids');
    expect(code({}, changed(policy, { rules: [] }))).toBe('policy_forbids');
  });

  test('nobody_can_approve: said at once, not after four hours', () => {
    expect(code({}, withPerson(policy, BOB.id, undefined))).toBe('nobody_can_approve');
    expect(code({}, withRule(policy, 'payments-admin', { approvals: [] }))).toBe('nobody_can_approve');
  });

  test('scope_not_covered: a scope the role has not, none at all', () => {
    expect(code({ scopes: [ORDERS_READ, 'orders:drop' as Scope] })).toBe('scope_not_covered');
    expect(code({ scopes: [] })).toBe('scope_not_covered');
    expect(code({ subject: ALICE, role: READ, scopes: [ORDERS_WRITE] })).toBe('scope_not_covered');
  });

  test('justification_too_short: counted in characters, without the blanks around it', () => {
    expect(code({ justification: 'too short' })).toBe('justification_too_short');
    expect(code({ justification: `${' '.repeat(20)}short${' '.repeat(20)}` })).toBe('justification_too_short');
    expect(code({ justification: '🙂'.repeat(9) })).toBe('justification_too_short');
    expect(code({ justification: '🙂'.repeat(10) })).toBe('pending');
  });

  test('malformed: what is too long, too short, too far ahead, or not sound text', () => {
    expect(code({ justification: 'x'.repeat(2_001) })).toBe('malformed');
    expect(code({ justification: 'x'.repeat(2_000) })).toBe('pending');
    expect(code({ ticket: 'x'.repeat(101) })).toBe('malformed');
    expect(code({ duration: seconds(59) })).toBe('malformed');
    expect(code({ duration: duration(0) })).toBe('malformed');
    expect(code({ notBefore: after(NOON, hours(24 * 30 + 1)) })).toBe('malformed');
    for (const text of ['because\0 of this', 'because \ud800 of this']) {
      expect(code({ justification: text })).toBe('malformed');
      expect(code({ ticket: text })).toBe('malformed');
    }
  });
});
