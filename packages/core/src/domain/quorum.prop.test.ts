/** Properties of the quorum: a maximum matching, whatever the order; compared with trying every assignment. */
import { expect, test } from '@jest/globals';
import { approvalLines, PERSON_IDS, policies, principals } from '@sallyport/testkit/core';
import fc from 'fast-check';
import type { ApprovalLine } from './policy.ts';
import { type Approval, approversOf, eligibleLines, satisfiable, tally } from './quorum.ts';

const counted: fc.Arbitrary<readonly ApprovalLine[]> = fc.array(
  fc.integer({ min: 1, max: 3 }).map((count) => ({ count, from: [] })),
  { maxLength: 3 },
);
const approvals: fc.Arbitrary<readonly Approval[]> = fc.uniqueArray(
  fc.record({ person: fc.constantFrom(...PERSON_IDS), lines: fc.subarray([0, 1, 2]) }),
  { selector: (one) => one.person, maxLength: 6 },
);

/** The most places that can be filled, by trying for each person every place and none. */
function bruteForce(lines: readonly ApprovalLine[], people: readonly Approval[]): number {
  const [first, ...rest] = people;
  if (first === undefined) return 0;
  const without = bruteForce(lines, rest);
  const withFirst = first.lines
    .filter((line) => (lines[line]?.count ?? 0) > 0)
    .map((taken) => 1 + bruteForce(minusOne(lines, taken), rest));
  return Math.max(without, ...withFirst);
}

function minusOne(lines: readonly ApprovalLine[], taken: number): readonly ApprovalLine[] {
  return lines.map((line, index) => (index === taken ? { ...line, count: line.count - 1 } : line));
}

test('I-3: the tally fills as many places as any assignment of distinct people can', () => {
  fc.assert(
    fc.property(counted, approvals, (lines, given) => {
      const places = lines.reduce((sum, line) => sum + line.count, 0);
      const best = bruteForce(lines, given);
      const counts = tally(lines, given);
      expect(counts.given).toBe(best);
      expect(counts.met).toBe(places > 0 && best === places);
      expect(counts.required).toBe(places);
      expect(counts.open.reduce((sum, open) => sum + open, 0)).toBe(places - best);
    }),
    { numRuns: 1_000 },
  );
});

test('I-16: the order of approvals never matters to whether it is met and how many count', () => {
  const shuffled = approvals.chain((given) =>
    fc.tuple(fc.constant(given), fc.shuffledSubarray([...given], { minLength: given.length })),
  );
  fc.assert(
    fc.property(counted, shuffled, (lines, [a, b]) => {
      expect([tally(lines, b).met, tally(lines, b).given]).toEqual([tally(lines, a).met, tally(lines, a).given]);
    }),
    { numRuns: 500 },
  );
});

test('I-3: one more approval never undoes a quorum, and adds one place at most', () => {
  fc.assert(
    fc.property(counted, approvals, (lines, given) => {
      const [extra, ...rest] = given;
      if (extra === undefined) return;
      const [before, after] = [tally(lines, rest), tally(lines, given)];
      expect(after.given - before.given).toBeGreaterThanOrEqual(0);
      expect(after.given - before.given).toBeLessThanOrEqual(1);
      expect(after.met || !before.met).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('I-3: whoever may decide is listed, enabled and not asking; an empty list is nobody', () => {
  fc.assert(
    fc.property(policies, principals, principals, approvalLines, (policy, subject, requester, lines) => {
      for (const id of approversOf(policy, { subject, requester }, lines)) {
        expect(policy.people.find((entry) => entry.id === id)?.enabled).toBe(true);
        expect([subject, requester]).not.toContainEqual({ kind: 'person', id });
        for (const index of eligibleLines(policy, { subject, requester }, lines, id)) {
          expect(lines[index]?.from.length).toBeGreaterThan(0);
        }
      }
      if (lines.length === 0 || lines.some((line) => line.from.length === 0)) {
        expect(satisfiable(policy, { subject, requester }, lines)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
