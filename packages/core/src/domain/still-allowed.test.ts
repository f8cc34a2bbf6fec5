/** Tests of the policy in force against what was asked before: it narrows, and says what no longer holds. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  aLiveGrant,
  aPolicy,
  changed,
  DAN,
  DEPLOY,
  GITHUB,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  openCases,
  policies,
  withPerson,
  withRole,
  withRule,
} from '@sallyport/testkit/core';
import fc from 'fast-check';
import { coversScopes, type Scope } from './access.ts';
import { hours } from './instant.ts';
import type { Policy } from './policy.ts';
import { firstUnmet } from './reason.ts';
import { stillAllowed } from './still-allowed.ts';

const policy = aPolicy();
const { request } = aLiveGrant();
const why = (by: Policy): string | undefined => {
  const result = stillAllowed(by, request);
  if (result.ok) return 'allowed';
  return result.error.code === 'policy_forbids' ? firstUnmet(result.error.because)?.check : result.error.code;
};
const off = <T extends { readonly id: string; readonly enabled: boolean }>(all: readonly T[], id: string): T[] =>
  all.map((one) => (one.id === id ? { ...one, enabled: false } : one));

describe('I-17, I-18: each thing that can end it', () => {
  test.each<[string, Policy, string]>([
    ['the resource is disabled', changed(policy, { resources: off(policy.resources, ORDERS) }), 'resource_in_force'],
    ['the resource is gone', changed(policy, { resources: [] }), 'resource_in_force'],
    [
      'the audience moved',
      changed(policy, { resources: policy.resources.map((one) => ({ ...one, audience: 'https://moved' })) }),
      'resource_in_force',
    ],
    [
      'the role is gone',
      changed(policy, { resources: policy.resources.map((one) => ({ ...one, roles: [] })) }),
      'role_exists',
    ],
    ['the role lost a scope', withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_READ] }), 'scopes_in_role'],
    ['the subject is disabled', changed(policy, { workloads: off(policy.workloads, DEPLOY.id) }), 'subject_in_force'],
    [
      'the subject’s issuer is disabled',
      changed(policy, { issuers: policy.issuers.filter((one) => one.name !== GITHUB) }),
      'subject_in_force',
    ],
    ['the requester left', withPerson(policy, ALICE.id, undefined), 'requester_in_force'],
    ['the requester was disabled', withPerson(policy, ALICE.id, { enabled: false }), 'requester_in_force'],
    ['the requester no longer owns it', withPerson(policy, ALICE.id, { groups: [] }), 'requester_may_ask_for_subject'],
    [
      'the rule is gone',
      withRule(withRule(policy, 'payments-admin', undefined), 'payments-read', undefined),
      'a_rule_matches',
    ],
  ])('%s', (_, by, check) => {
    expect(why(by) === check || (check === 'a_rule_matches' && why(by) === 'rule')).toBe(true);
  });

  test('what has nothing to do with it does not end it', () => {
    expect(why(policy)).toBe('allowed');
    expect(why(withPerson(policy, DAN.id, undefined))).toBe('allowed');
    expect(why(withRule(policy, 'payments-admin', { approvals: [] }))).toBe('allowed');
    expect(
      why(
        withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_READ, ORDERS_WRITE, 'x' as Scope], maxDuration: hours(9) }),
      ),
    ).toBe('allowed');
  });
});

test('I-17: whatever the policy, it is allowed only while the role there has all the scopes', () => {
  fc.assert(
    fc.property(openCases(), policies, ({ opened }, other) => {
      const result = stillAllowed(other, opened.request);
      if (!result.ok) return;
      expect(coversScopes(result.value.role.scopes, opened.request.access.scopes)).toBe(true);
      expect(result.value.resource.audience).toBe(opened.request.access.audience);
    }),
    { numRuns: 500 },
  );
});
