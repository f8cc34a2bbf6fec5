/** Properties of opening: nothing beyond the rule, everything about it on record. */
import { expect, test } from '@jest/globals';
import { asks, freshIds, NOON, openCases, policies, sha256Hashing } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { coversScopes } from './access.ts';
import { evaluate, ruleFor } from './evaluate.ts';
import { assertCase, assertStep } from './invariants.ts';
import { openRequest } from './open-request.ts';
import { resourceById, roleOf } from './policy.ts';
import { satisfiable } from './quorum.ts';
import { stillAllowed } from './still-allowed.ts';

test('I-17: only what a rule lets somebody ask is opened, and by that rule', () => {
  let count = 0;
  fc.assert(
    fc.property(policies, asks, (policy, ask) => {
      const result = openRequest(freshIds(), ask, { now: NOON, policy }, sha256Hashing.digestOf);
      const verdict = evaluate(policy, ask);
      if (!result.ok) return;
      count += 1;
      expect(['needs_approval', 'auto_approved']).toContain(verdict.kind);
      const { request, grant } = result.value.next;
      expect(request.ruleId).toBe(ruleFor(policy, ask.subject, ask.resource, ask.role)?.id);
      expect(grant !== undefined).toBe(verdict.kind === 'auto_approved');
      if (grant === undefined) expect(satisfiable(policy, ask, request.lines)).toBe(true);
      assertStep(undefined, result.value);
      assertCase(result.value.next);
    }),
    { numRuns: 3_000 },
  );
  expect(count).toBeGreaterThan(30);
});

test('I-1: what is asked lies within the role, and lasts no longer than it allows', () => {
  for (const effect of ['require_approval', 'auto_approve'] as const) {
    fc.assert(
      fc.property(openCases(effect), ({ policy, opened }) => {
        const { access, duration } = opened.request;
        const resource = resourceById(policy, access.resource);
        const role = resource === undefined ? undefined : roleOf(resource, access.role);
        expect(access.audience).toBe(resource?.audience);
        expect(coversScopes(role?.scopes ?? [], access.scopes)).toBe(true);
        expect(duration).toBeLessThanOrEqual(role?.maxDuration ?? 0);
        expect(duration).toBeGreaterThanOrEqual(60_000);
      }),
      { numRuns: 300 },
    );
  }
});

test('I-17: what a policy lets somebody open it still allows', () => {
  fc.assert(
    fc.property(openCases(), ({ policy, opened }) => {
      expect(stillAllowed(policy, opened.request).ok).toBe(true);
    }),
    { numRuns: 300 },
  );
});
