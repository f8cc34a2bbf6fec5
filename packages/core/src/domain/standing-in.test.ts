/** Tests of standing in, by the example world: Carol while Bob is away. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN_LINES,
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
  seededChance,
  sha256Hashing,
} from '@sallyport/testkit/core';
import { decideRequest } from './decide-request.ts';
import { after, type Instant, minutes } from './instant.ts';
import type { Delegation } from './policy.ts';
import type { Person } from './principal.ts';
import { spokenFor, tally } from './quorum.ts';
import { decidersOf, reachOf } from './standing-in.ts';

const starts = NOON;
const ends = after(NOON, minutes(60));
const away = (from: Person, to: Person): Delegation => ({ from: from.id, to: to.id, starts, ends });
const at = (delegations: readonly Delegation[], now: Instant = NOON) => ({
  now,
  policy: changed(aPolicy(), { delegations }),
});
const forDeploy = { subject: DEPLOY, requester: ALICE };
const chance = seededChance('standing in');
const verdict = (who: Person, given: 'approve' | 'deny') => ({
  kind: 'decide' as const,
  id: chance.decisionId(),
  grantId: chance.grantId(),
  person: who.id,
  verdict: given,
  revision: 1,
});
/** ADMIN_LINES: 0 is one of dba (Carol, Dan), 1 is the manager (Bob). */
const approval = (moment: ReturnType<typeof at>, who: Person) => ({
  person: who.id,
  ...reachOf(moment, forDeploy, ADMIN_LINES, who.id),
});

describe('who may decide while somebody is away', () => {
  test('I-3: from the start to just before the end, by the clock that is handed in', () => {
    const reach = (now: Instant) => reachOf(at([away(BOB, DAVE)], now), forDeploy, ADMIN_LINES, DAVE.id);
    expect(reach((starts - 1) as Instant)).toEqual({ lines: [] });
    expect(reach(starts)).toEqual({ lines: [], onBehalfOf: [{ person: BOB.id, lines: [1] }] });
    expect(reach((ends - 1) as Instant)).toEqual({ lines: [], onBehalfOf: [{ person: BOB.id, lines: [1] }] });
    expect(reach(ends)).toEqual({ lines: [] });
  });

  test('I-3: never who asked, is asked for, acts, or started the run', () => {
    const moment = at([away(BOB, ALICE), away(BOB, DAVE)]);
    expect(reachOf(moment, forDeploy, ADMIN_LINES, ALICE.id)).toEqual({ lines: [] });
    for (const own of [{ subject: DAVE }, { actor: DAVE }, { startedBy: DAVE.id }]) {
      expect(reachOf(moment, { ...forDeploy, ...own }, ADMIN_LINES, DAVE.id)).toEqual({ lines: [] });
    }
  });

  test('I-3: nobody stands in for who asked', () => {
    const asking = { subject: DEPLOY, requester: DAN };
    expect(reachOf(at([away(DAN, DAVE)]), asking, ADMIN_LINES, DAVE.id)).toEqual({ lines: [] });
  });

  test('I-3: one hop: a delegate’s delegate is nobody', () => {
    const moment = at([away(BOB, CAROL), away(CAROL, DAVE)]);
    expect(reachOf(moment, forDeploy, ADMIN_LINES, DAVE.id).onBehalfOf).toEqual([{ person: CAROL.id, lines: [0] }]);
  });

  test('I-18: neither a disabled delegate nor for a disabled person', () => {
    const moment = at([away(BOB, DAVE)]);
    for (const gone of [BOB.id, DAVE.id]) {
      const people = moment.policy.people.map((one) => (one.id === gone ? { ...one, enabled: false } : one));
      const without = { ...moment, policy: changed(moment.policy, { people }) };
      expect(reachOf(without, forDeploy, ADMIN_LINES, DAVE.id)).toEqual({ lines: [] });
    }
  });

  test('everybody who may decide is listed once, the delegate too', () => {
    const moment = at([away(BOB, DAVE), away(DAN, DAVE), away(BOB, CAROL)]);
    expect(decidersOf(moment, forDeploy, ADMIN_LINES)).toEqual([BOB.id, CAROL.id, DAN.id, DAVE.id]);
  });
});

describe('what a delegate’s approval fills', () => {
  test('I-3: one person fills one place, though they may speak as two', () => {
    const moment = at([away(BOB, CAROL)]);
    const carol = approval(moment, CAROL);
    expect(tally(ADMIN_LINES, [carol])).toMatchObject({ given: 1, met: false });
    expect(tally(ADMIN_LINES, [carol, approval(moment, DAN)]).met).toBe(true);
    expect(tally(ADMIN_LINES, [approval(moment, DAN), carol]).met).toBe(true);
  });

  test('I-3: never both the person and their delegate for places only one of them could fill', () => {
    const lines = [
      { count: 1, from: [{ kind: 'person' as const, id: BOB.id }] },
      { count: 1, from: [{ kind: 'manager' as const }] },
    ];
    const moment = at([away(BOB, DAVE), away(BOB, CAROL)]);
    const said = [BOB, DAVE, CAROL].map((who) => ({ person: who.id, ...reachOf(moment, forDeploy, lines, who.id) }));
    expect(tally(lines, said)).toMatchObject({ given: 1, met: false });
  });

  test('for whom it counts: themselves where that is as good, else the person away', () => {
    const moment = at([away(BOB, CAROL)]);
    const carol = approval(moment, CAROL);
    expect(spokenFor(ADMIN_LINES, [carol]).get(CAROL.id)).toBe(CAROL.id);
    expect(spokenFor(ADMIN_LINES, [carol, approval(moment, DAN)]).get(CAROL.id)).toBe(BOB.id);
    expect(spokenFor(ADMIN_LINES, [approval(at([away(BOB, DAVE)]), DAVE)]).get(DAVE.id)).toBe(BOB.id);
  });

  test('a voice whose reach changed between two clicks is not used by the later one', () => {
    const early = { person: DAVE.id, lines: [], onBehalfOf: [{ person: BOB.id, lines: [1] }] };
    const late = { person: CAROL.id, lines: [], onBehalfOf: [{ person: BOB.id, lines: [0] }] };
    expect(tally(ADMIN_LINES, [early, late])).toMatchObject({ given: 1, open: [1, 0] });
  });
});

describe('a decision in somebody’s place', () => {
  test('I-3: keeps for whom it was made, and fills the line', () => {
    const c = aPendingCase({ openedAt: NOON, expiresAt: ends });
    const moment = at([away(BOB, DAVE)]);
    const first = decideRequest(c, verdict(DAVE, 'approve'), moment, sha256Hashing.digestOf);
    if (!first.ok || first.value === 'unchanged') throw new Error('refused');
    expect(first.value.next.decisions[0]).toMatchObject({
      person: DAVE.id,
      lines: [],
      onBehalfOf: [{ person: BOB.id, lines: [1] }],
    });
    const second = decideRequest(first.value.next, verdict(DAN, 'approve'), moment, sha256Hashing.digestOf);
    expect(second.ok && second.value !== 'unchanged' && second.value.next.grant !== undefined).toBe(true);
  });

  test('a delegate may deny; after the time, or without one, they are no approver', () => {
    const c = aPendingCase({ openedAt: NOON, expiresAt: after(ends, minutes(60)) });
    const denied = decideRequest(c, verdict(DAVE, 'deny'), at([away(BOB, DAVE)]), sha256Hashing.digestOf);
    expect(denied.ok).toBe(true);
    for (const moment of [at([away(BOB, DAVE)], ends), at([])]) {
      const no = decideRequest(c, verdict(DAVE, 'deny'), moment, sha256Hashing.digestOf);
      expect(no).toMatchObject({ ok: false, error: { code: 'not_an_approver' } });
    }
  });
});
