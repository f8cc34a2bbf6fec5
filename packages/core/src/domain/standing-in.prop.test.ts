/** Properties of standing in: never more than the person stood in for, never for oneself, one hop, one voice each; compared with trying everything. */
import { expect, test } from '@jest/globals';
import { approvalLines, changed, NOON, PERSON_IDS, personIds, policies, principals } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { after, type Instant, minutes } from './instant.ts';
import type { ApprovalLine, Delegation, Policy } from './policy.ts';
import { type Approval, eligibleLines, isOwn, satisfiable, spokenFor, tally } from './quorum.ts';
import { decidersOf, reachesAny, reachOf, standsInFor } from './standing-in.ts';

const before = (at: Instant): Instant => (at - 600_000) as Instant;
const windows = fc.constantFrom(
  { starts: before(NOON), ends: after(NOON, minutes(10)) },
  { starts: NOON, ends: after(NOON, minutes(1)) },
  { starts: before(NOON), ends: NOON },
  { starts: after(NOON, minutes(1)), ends: after(NOON, minutes(10)) },
);
const delegations: fc.Arbitrary<readonly Delegation[]> = fc.array(
  fc.record({ from: personIds, to: personIds, window: windows }).map(({ window, ...who }) => ({ ...who, ...window })),
  { maxLength: 6 },
);
const worlds = fc
  .record({ base: policies, delegations, subject: principals, requester: principals, lines: approvalLines })
  .map(({ base, delegations: some, subject, requester, lines }) => ({
    at: { now: NOON, policy: changed(base, { delegations: some }) },
    asking: { subject, requester },
    lines,
  }));
const RUNS = { numRuns: 500 };
const inForce = (policy: Policy): readonly Delegation[] =>
  policy.delegations.filter((one) => one.starts <= NOON && NOON < one.ends);

/** The most places, by trying for each person every voice they have and every line it fills, and none. */
function bruteForce(lines: readonly ApprovalLine[], people: readonly Approval[], taken: readonly string[]): number {
  const [first, ...rest] = people;
  if (first === undefined) return 0;
  const voices = [{ person: first.person, lines: first.lines }, ...(first.onBehalfOf ?? [])];
  const tries = voices
    .filter((voice) => !taken.includes(voice.person))
    .flatMap((voice) => voice.lines.map((line) => ({ voice, line })))
    .filter(({ line }) => (lines[line]?.count ?? 0) > 0)
    .map(({ voice, line }) => {
      const left = lines.map((one, index) => (index === line ? { ...one, count: one.count - 1 } : one));
      return 1 + bruteForce(left, rest, [...taken, voice.person]);
    });
  return Math.max(bruteForce(lines, rest, taken), ...tries);
}

test('I-3: a delegate reaches what the person away could fill themselves, while the delegation lasts, and nothing else', () => {
  fc.assert(
    fc.property(worlds, personIds, ({ at, asking, lines }, id) => {
      const reach = reachOf(at, asking, lines, id);
      const disabled = at.policy.people.find((entry) => entry.id === id)?.enabled !== true;
      if (isOwn(asking, id) || disabled) expect(reach).toEqual({ lines: [] });
      for (const voice of reach.onBehalfOf ?? []) {
        expect(inForce(at.policy)).toContainEqual(expect.objectContaining({ from: voice.person, to: id }));
        expect(voice.lines).toEqual(eligibleLines(at.policy, asking, lines, voice.person));
        expect(isOwn(asking, voice.person)).toBe(false);
        expect(voice.lines.length).toBeGreaterThan(0);
      }
    }),
    RUNS,
  );
});

test('I-3: with everybody who may decide, people and voices each fill at most one place, and as many as possible', () => {
  fc.assert(
    fc.property(worlds, fc.subarray([...PERSON_IDS]), ({ at, asking, lines }, some) => {
      const approvals = some
        .map((id) => ({ person: id, ...reachOf(at, asking, lines, id) }))
        .filter((approval) => reachesAny(approval));
      const counted = tally(lines, approvals);
      expect(counted.given).toBe(bruteForce(lines, approvals, []));
      expect(counted.given).toBeLessThanOrEqual(approvals.length);
      expect(tally(lines, approvals.toReversed()).given).toBe(counted.given);
      const voices = [...spokenFor(lines, approvals)];
      expect(new Set(voices.map(([, voice]) => voice)).size).toBeGreaterThanOrEqual(counted.given);
    }),
    RUNS,
  );
});

test('I-3: standing in adds no voice: what could not be met without is not met with it', () => {
  fc.assert(
    fc.property(worlds, ({ at, asking, lines }) => {
      const all = decidersOf(at, asking, lines).map((id) => ({ person: id, ...reachOf(at, asking, lines, id) }));
      expect(tally(lines, all).met).toBe(satisfiable(at.policy, asking, lines));
      const whoever = PERSON_IDS.filter((id) => reachesAny(reachOf(at, asking, lines, id)));
      expect(new Set(all.map((one) => one.person))).toEqual(new Set(whoever));
    }),
    RUNS,
  );
});

test('I-3: a delegate’s delegate is nobody', () => {
  fc.assert(
    fc.property(worlds, personIds, ({ at }, id) => {
      const direct = new Set(inForce(at.policy).flatMap((one) => (one.to === id ? [one.from] : [])));
      for (const from of standsInFor(at, id)) expect(direct).toContain(from);
    }),
    RUNS,
  );
});
