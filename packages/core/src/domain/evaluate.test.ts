/** Tests of evaluate by the example world: the first rule that matches, and the reasons for every answer. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  aPolicy,
  aRule,
  BILLING,
  BOB,
  changed,
  DAVE,
  DEPLOY,
  ORDERS,
  READ,
  withPerson,
  withRule,
} from '@sallyport/testkit/core';
import { evaluate, mayAskFor, type Question, rolesWithin, ruleFor } from './evaluate.ts';
import { type RuleId, resourceById } from './policy.ts';
import { person, workload } from './principal.ts';
import { firstUnmet } from './reason.ts';

const policy = aPolicy();
const question = (change: Partial<Question> = {}): Question => ({
  subject: DEPLOY,
  requester: ALICE,
  resource: ORDERS,
  role: ADMIN,
  ...change,
});
const why = (change: Partial<Question>, by = policy): string | undefined => {
  const verdict = evaluate(by, question(change));
  return verdict.kind === 'forbidden' ? firstUnmet(verdict.because)?.check : verdict.kind;
};

describe('verdicts', () => {
  test('I-17: the rule that lifts is named', () => {
    expect(evaluate(policy, question())).toMatchObject({ kind: 'needs_approval', rule: { id: 'payments-admin' } });
    expect(evaluate(policy, question({ subject: ALICE, role: READ }))).toMatchObject({
      kind: 'auto_approved',
      rule: { id: 'payments-read' },
    });
  });

  test('I-17: `who` is matched against the subject, not the requester', () => {
    expect(why({ role: READ })).toBe('who_includes_subject');
  });

  test('each no has its first reason', () => {
    expect(why({ subject: person('stranger'), requester: person('stranger') })).toBe('subject_in_force');
    expect(why({ requester: person('stranger') })).toBe('requester_in_force');
    expect(why({ requester: BOB })).toBe('requester_may_ask_for_subject');
    expect(why({ resource: 'nothing' as Question['resource'] })).toBe('resource_in_force');
    expect(why({ role: 'root' as Question['role'] })).toBe('role_exists');
    expect(why({ subject: DAVE, requester: DAVE })).toBe('rule_names_role');
    expect(why({ subject: BOB, requester: BOB, resource: BILLING, role: 'operator' as Question['role'] })).toBe(
      'who_includes_subject',
    );
  });

  test('I-17: an empty policy forbids', () => {
    expect(evaluate(changed(policy, { rules: [] }), question()).kind).toBe('forbidden');
    const nothing = changed(policy, { people: [], workloads: [], resources: [], rules: [], clients: [], issuers: [] });
    expect(evaluate(nothing, question()).kind).toBe('forbidden');
  });

  test('I-17: the first rule that matches decides, whatever comes after it', () => {
    const auto = aRule('later', { who: [{ kind: 'anyone' }], effect: 'auto_approve' });
    expect(evaluate(changed(policy, { rules: [...policy.rules, auto] }), question()).kind).toBe('needs_approval');
    expect(evaluate(changed(policy, { rules: [auto, ...policy.rules] }), question()).kind).toBe('auto_approved');
  });

  test('I-3: a rule nobody could fulfil says so, with the line that lacks people', () => {
    const without = withPerson(policy, BOB.id, undefined);
    const verdict = evaluate(without, question());
    expect(verdict).toMatchObject({ kind: 'nobody_can_approve', rule: { id: 'payments-admin' } });
    if (verdict.kind !== 'nobody_can_approve') throw new Error('not reached');
    const lines = verdict.because.parts.at(-1);
    expect(lines).toMatchObject({ check: 'lines_can_be_met', met: false });
    expect(lines?.parts.map((part) => part.met)).toEqual([true, false]);
  });

  test('I-3: enough people for each line, but not for all of them together, is nobody', () => {
    const one = [{ kind: 'person' as const, id: BOB.id }];
    const rule = withRule(policy, 'payments-admin', {
      approvals: [
        { count: 1, from: one },
        { count: 1, from: one },
      ],
    });
    const verdict = evaluate(rule, question());
    expect(verdict.kind).toBe('nobody_can_approve');
    if (verdict.kind === 'forbidden') throw new Error('not reached');
    expect(verdict.because.parts.at(-1)?.met).toBe(false);
  });

  test('no lines at all is nobody, not everybody', () => {
    expect(evaluate(withRule(policy, 'payments-admin', { approvals: [] }), question()).kind).toBe('nobody_can_approve');
  });
});

describe('asking for somebody', () => {
  test('a principal for itself, a person for a workload they own, nothing else', () => {
    expect(mayAskFor(policy, { subject: DEPLOY, requester: ALICE })).toBe(true);
    expect(mayAskFor(policy, { subject: DEPLOY, requester: DEPLOY })).toBe(true);
    expect(mayAskFor(policy, { subject: DEPLOY, requester: DAVE })).toBe(false);
    expect(mayAskFor(policy, { subject: ALICE, requester: BOB })).toBe(false);
    expect(mayAskFor(policy, { subject: ALICE, requester: DEPLOY })).toBe(false);
    expect(mayAskFor(policy, { subject: DEPLOY, requester: workload('reports-nightly') })).toBe(false);
  });
});

describe('rolesWithin and ruleFor', () => {
  const orders = resourceById(policy, ORDERS);
  if (orders === undefined) throw new Error('the example has orders-db');

  test('the roles a rule gives, in the resource’s order', () => {
    expect(rolesWithin(policy, ALICE, orders).map((role) => role.id)).toEqual([READ, ADMIN]);
    expect(rolesWithin(policy, DEPLOY, orders).map((role) => role.id)).toEqual([ADMIN]);
    expect(rolesWithin(policy, DAVE, orders)).toEqual([]);
    expect(rolesWithin(policy, ALICE, { ...orders, enabled: false })).toEqual([]);
    expect(rolesWithin(withPerson(policy, ALICE.id, { enabled: false }), ALICE, orders)).toEqual([]);
  });

  test('ruleFor names the very rule evaluate lifts by', () => {
    expect(ruleFor(policy, DEPLOY, ORDERS, ADMIN)?.id).toBe('payments-admin' as RuleId);
    expect(ruleFor(policy, DEPLOY, BILLING, ADMIN)).toBeUndefined();
  });
});
