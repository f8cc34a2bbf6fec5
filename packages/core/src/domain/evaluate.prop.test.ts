/** Properties of evaluate: forbidden until a rule lifts it, every allow names a rule, an empty policy forbids. */
import { expect, test } from '@jest/globals';
import { asks, changed, policies } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { evaluate, rolesWithin, ruleFor } from './evaluate.ts';
import type { Policy } from './policy.ts';
import { resourceById } from './policy.ts';
import type { Reason } from './reason.ts';

const leaves = (reason: Reason): readonly Reason[] =>
  reason.parts.length === 0 ? [reason] : reason.parts.flatMap(leaves);

test('I-17: every allow names a rule of the policy that includes resource, role and subject, and all its reasons hold', () => {
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      const verdict = evaluate(policy, ask);
      if (verdict.kind === 'forbidden') {
        expect(verdict.because.met).toBe(false);
        return;
      }
      expect(policy.rules).toContain(verdict.rule);
      expect(verdict.rule).toBe(ruleFor(policy, ask.subject, ask.resource, ask.role));
      expect(verdict.rule.resource).toBe(ask.resource);
      expect(verdict.rule.roles).toContain(ask.role);
      expect(verdict.because.parts.slice(0, 6).every((part) => part.met)).toBe(true);
      expect(verdict.kind === 'auto_approved').toBe(verdict.rule.effect === 'auto_approve');
    }),
    { numRuns: 1_000 },
  );
});

test('I-17: an empty policy, and one without rules, forbids everything', () => {
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      expect(evaluate(changed(policy, { rules: [] }), ask).kind).toBe('forbidden');
      const empty: Policy = changed(policy, { people: [], workloads: [], resources: [], rules: [] });
      expect(evaluate(empty, ask).kind).toBe('forbidden');
    }),
  );
});

test('I-18: who or what is disabled or gone is allowed nothing', () => {
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      const without = changed(policy, {
        people: policy.people.filter((entry) => entry.id !== ask.subject.id),
        workloads: policy.workloads.map((entry) =>
          entry.id === ask.subject.id ? { ...entry, enabled: false } : entry,
        ),
      });
      expect(evaluate(without, ask).kind).toBe('forbidden');
    }),
  );
});

test('I-17: rules after the one that matches make no difference', () => {
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      const rule = ruleFor(policy, ask.subject, ask.resource, ask.role);
      const cut = changed(policy, {
        rules: policy.rules.slice(0, rule === undefined ? 0 : policy.rules.indexOf(rule) + 1),
      });
      expect(evaluate(cut, ask).kind).toBe(evaluate(policy, ask).kind);
    }),
    { numRuns: 500 },
  );
});

test('I-17: a role is within reach exactly when a rule gives it to a subject in force', () => {
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      const resource = resourceById(policy, ask.resource);
      if (resource === undefined) return;
      const within = rolesWithin(policy, ask.subject, resource).map((role) => role.id);
      const own = { ...ask, requester: ask.subject };
      for (const role of resource.roles) {
        expect(within.includes(role.id)).toBe(evaluate(policy, { ...own, role: role.id }).kind !== 'forbidden');
      }
    }),
    { numRuns: 500 },
  );
});

test('the tree ends in leaves that name ids, and only says yes when it has said why', () => {
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      const { because } = evaluate(policy, ask);
      expect(leaves(because).length).toBeGreaterThan(0);
      expect(leaves(because).every((one) => one.about !== undefined || one.check === 'rule')).toBe(true);
    }),
  );
});
