/** Tests of the case: a step is the fold of its events, and an event that cannot follow is a bug. */
import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  aDecision,
  aGrantOf,
  aLiveGrant,
  anOpening,
  aPendingCase,
  BOB,
  DAN,
  NOON,
  ORDERS_READ,
  seededChance,
} from '@sallyport/testkit/core';
import { applyEvent, decisionsInForce, stepOf } from './case.ts';
import { minutes } from './instant.ts';

const chance = seededChance('case');

describe('stepOf', () => {
  test('I-14: the version rises by one, however many events there are', () => {
    const opening = anOpening();
    expect(opening.next.version).toBe(1);
    const c = opening.next;
    const one = stepOf(c, [{ type: 'decision.made', at: NOON, decision: aDecision(c.request) }]);
    expect(one.next.version).toBe(2);
    const grant = aGrantOf(c.request);
    const three = stepOf(one.next, [
      { type: 'decision.made', at: NOON, decision: aDecision(c.request, { person: DAN.id, lines: [0] }) },
      { type: 'request.approved', at: NOON, by: DAN.id },
      { type: 'grant.started', at: NOON, grant },
    ]);
    expect(three.next.version).toBe(3);
    expect(three.next.grant).toEqual(grant);
  });

  test('I-14: the case before is left as it was', () => {
    const c = aPendingCase();
    const before = structuredClone(c);
    stepOf(c, [{ type: 'request.canceled', at: NOON, by: ALICE }]);
    expect(c).toEqual(before);
  });
});

describe('applyEvent', () => {
  const c = aPendingCase();

  test('I-16: one voice per person and revision: the later one replaces the earlier', () => {
    const first = aDecision(c.request, { person: DAN.id });
    const second = aDecision(c.request, { person: DAN.id, verdict: 'deny' });
    const other = aDecision(c.request, { person: BOB.id });
    const folded = [first, other, second].reduce(
      (so, decision) => applyEvent(so, { type: 'decision.made', at: NOON, decision }),
      c,
    );
    expect(folded.decisions).toEqual([other, second]);
  });

  test('I-4: a narrowing makes earlier decisions void, not gone', () => {
    const decided = applyEvent(c, { type: 'decision.made', at: NOON, decision: aDecision(c.request) });
    const narrowed = applyEvent(decided, {
      type: 'request.narrowed',
      at: NOON,
      by: DAN.id,
      revision: 2,
      digest: c.request.digest,
      access: { ...c.request.access, scopes: [ORDERS_READ] },
      duration: minutes(5),
    });
    expect(narrowed.decisions).toHaveLength(1);
    expect(decisionsInForce(narrowed)).toEqual([]);
    expect(narrowed.request).toMatchObject({ revision: 2, duration: minutes(5), access: { scopes: [ORDERS_READ] } });
  });

  test('I-9: a revoked token changes nothing else of its case', () => {
    const live = aLiveGrant();
    const jti = chance.tokenId();
    expect(applyEvent(live, { type: 'token.revoked', at: NOON, jti, by: ALICE })).toEqual(live);
  });

  test('an event that cannot follow is thrown', () => {
    const opened = { type: 'request.opened', at: NOON, request: c.request } as const;
    expect(() => applyEvent(c, opened)).toThrow();
    expect(() => applyEvent(undefined, { type: 'request.expired', at: NOON })).toThrow();
    expect(() => applyEvent(c, { type: 'grant.revoked', at: NOON, by: ALICE })).toThrow();
    expect(() => applyEvent(c, { type: 'grant.expired', at: NOON })).toThrow();
  });
});
