/** Tests of the assertions: honest cases pass, and each way to tamper with one is found. */
import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  aDecision,
  aLiveGrant,
  aPendingCase,
  BILLING,
  BOB,
  CAROL,
  DAN,
  moves,
  NOON,
  openCases,
  play,
} from '@sallyport/testkit/core';
import fc from 'fast-check';
import type { Scope } from './access.ts';
import { type AccessCase, stepOf } from './case.ts';
import type { Digest } from './ids.ts';
import { after, hours, instant, minutes } from './instant.ts';
import { assertCase, assertStep, InvariantBroken } from './invariants.ts';

const pending = aPendingCase();
const live = aLiveGrant();
const { grant } = live;
const otherDigest = 'f'.repeat(64) as Digest;
const withGrant = (change: Partial<typeof grant>): AccessCase => ({ ...live, grant: { ...grant, ...change } });
const withDecisions = (...decisions: AccessCase['decisions']): AccessCase => ({ ...pending, decisions });

describe('assertCase', () => {
  test('honest cases pass', () => {
    for (const c of [pending, live, withDecisions(aDecision(pending.request))]) expect(assertCase(c)).toBe(c);
  });

  test.each<[string, string, AccessCase]>([
    ['I-14', 'a version below 1', { ...pending, version: 0 }],
    ['I-14', 'half a version', { ...pending, version: 1.5 }],
    ['I-4', 'a decision on a revision to come', withDecisions(aDecision(pending.request, { revision: 2 }))],
    ['I-4', 'a decision on another text', withDecisions(aDecision(pending.request, { digest: otherDigest }))],
    ['I-3', 'the requester’s own decision', withDecisions(aDecision(pending.request, { person: ALICE.id }))],
    [
      'I-3',
      'one person twice on a revision',
      withDecisions(aDecision(pending.request), aDecision(pending.request, { lines: [0] })),
    ],
    ['I-3', 'a decision that fills a line there is not', withDecisions(aDecision(pending.request, { lines: [2] }))],
    ['I-16', 'a deny on a pending request', withDecisions(aDecision(pending.request, { verdict: 'deny' }))],
    ['I-6', 'a grant on a pending request', { ...pending, grant }],
    ['I-6', 'approved without a grant', { ...live, grant: undefined } as unknown as AccessCase],
    ['I-6', 'the grant of another request', withGrant({ requestId: pending.request.id })],
    [
      'I-2',
      'a pending time that ends before it begins',
      { ...pending, request: { ...pending.request, expiresAt: NOON } },
    ],
    ['I-1', 'a grant for somebody else', withGrant({ subject: BOB })],
    ['I-1', 'a grant on another resource', withGrant({ access: { ...grant.access, resource: BILLING } })],
    ['I-1', 'a grant with another audience', withGrant({ access: { ...grant.access, audience: 'https://evil' } })],
    [
      'I-1',
      'a grant with more scope',
      withGrant({ access: { ...grant.access, scopes: [...grant.access.scopes, 'root' as Scope] } }),
    ],
    [
      'I-1',
      'a grant of another role',
      withGrant({ access: { ...grant.access, role: 'x' as typeof grant.access.role } }),
    ],
    ['I-4', 'a grant that comes from another text', withGrant({ digest: otherDigest })],
    ['I-2', 'a grant longer than asked', withGrant({ expiresAt: after(grant.expiresAt, minutes(1)) })],
    ['I-2', 'a grant of no length', withGrant({ expiresAt: grant.notBefore })],
    ['I-2', 'a grant that ends within a second', withGrant({ expiresAt: instant(grant.expiresAt - 1) })],
    [
      'I-2',
      'a grant that begins before it was asked to',
      { ...live, request: { ...live.request, notBefore: after(grant.notBefore, hours(1)) } },
    ],
    ['I-3', 'a grant with one approval of two', { ...live, decisions: live.decisions.slice(0, 1) }],
    [
      'I-3',
      'a grant by two people of one line',
      {
        ...live,
        decisions: [
          aDecision(live.request, { person: DAN.id, lines: [0] }),
          aDecision(live.request, { person: CAROL.id, lines: [0] }),
        ],
      },
    ],
  ])('%s: %s is found', (invariant, _, c) => {
    expect(() => assertCase(c)).toThrow(InvariantBroken);
    try {
      assertCase(c);
    } catch (fault) {
      expect(fault).toMatchObject({ invariant });
    }
  });
});

describe('assertStep', () => {
  const canceled = stepOf(pending, [{ type: 'request.canceled', at: NOON, by: ALICE }]);

  test('an honest step passes', () => {
    expect(assertStep(pending, canceled)).toBe(canceled);
  });

  test('I-14: a version that jumps or stays is found', () => {
    for (const version of [1, 3]) {
      expect(() => assertStep(pending, { ...canceled, next: { ...canceled.next, version } })).toThrow(/I-14/);
    }
  });

  test('I-14: a change no event tells of is found', () => {
    const longer = { ...canceled.next, request: { ...canceled.next.request, duration: hours(8) } };
    expect(() => assertStep(pending, { ...canceled, next: longer })).toThrow(/I-14/);
  });

  test('I-5: a closed request that emits is found', () => {
    const again = stepOf(canceled.next, [{ type: 'request.expired', at: NOON }]);
    expect(() => assertStep(canceled.next, again)).toThrow(/I-5/);
    const decided = stepOf(live, [{ type: 'decision.made', at: NOON, decision: aDecision(live.request) }]);
    expect(() => assertStep(live, decided)).toThrow(/I-5/);
  });

  test('I-5: a grant that comes back to life is found', () => {
    const revoked = stepOf(live, [{ type: 'grant.revoked', at: NOON, by: ALICE }]).next;
    expect(() => assertStep(revoked, stepOf(revoked, [{ type: 'grant.started', at: NOON, grant }]))).toThrow(/I-5/);
    expect(() => assertStep(revoked, stepOf(revoked, [{ type: 'grant.expired', at: NOON }]))).toThrow(/I-5/);
  });
});

test('I-14: whatever people and time do, every step and every case passes', () => {
  fc.assert(
    fc.property(openCases(), moves, ({ policy, opened }, all) => {
      for (const { before, result } of play(opened, policy, all)) {
        if (!result.ok || result.value === 'unchanged') continue;
        assertStep(before, result.value);
        assertCase(result.value.next);
      }
    }),
    { numRuns: 400 },
  );
});
