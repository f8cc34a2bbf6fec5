/** Property of the index over workloads: nobody who matches is missed, whatever the policy and the claims. */
import { expect, test } from '@jest/globals';
import { GITHUB } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { matches } from './claims.ts';
import type { Json, JsonObject } from './json.ts';
import type { WorkloadEntry } from './policy.ts';
import { workload } from './principal.ts';
import { workloadCandidates } from './workload-candidates.ts';

/** So few names and values that clashes are common, look-alikes among them. */
const names = fc.constantFrom('repository_id', 'ref', 'nested', '__proto__');
const plain: fc.Arbitrary<Json> = fc.constantFrom('1', 1, '0', 0, -0, true, 'true', null, '');
const values: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: plain },
  fc.dictionary(fc.constantFrom('a', 'b'), plain),
  fc.array(plain, { maxLength: 2 }),
);
const maps: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(names, values), { maxLength: 4 })
  .map((members) => Object.fromEntries(members));
const entries: fc.Arbitrary<readonly WorkloadEntry[]> = fc
  .array(maps, { maxLength: 8 })
  .map((all) =>
    all.map((match, index) => ({ id: workload(`job-${index}`).id, issuer: GITHUB, match, owners: [], enabled: true })),
  );

/** Claims of a run: now and then those somebody wants, and a few more. */
const runs = fc
  .tuple(entries, maps, fc.nat())
  .map(([all, more, at]) => ({ all, claims: { ...more, ...all[at % (2 * Math.max(1, all.length))]?.match } }));

test('S33: the candidates hold everybody who matches, each once', () => {
  let matched = 0;
  fc.assert(
    fc.property(runs, ({ all, claims }) => {
      const wanted = all.filter(({ match }) => matches(match, claims));
      const found = workloadCandidates(all, claims).filter(({ match }) => matches(match, claims));
      matched += wanted.length;
      expect([...found].sort((a, b) => all.indexOf(a) - all.indexOf(b))).toEqual(wanted);
    }),
    { numRuns: 1_000 },
  );
  expect(matched).toBeGreaterThan(200);
});
