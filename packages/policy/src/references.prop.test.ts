/** Properties of references in a policy: whatever text stands there, it means exactly whom it names, or the policy does not load. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { referenceText } from './from-policy.ts';
import { compileText, EXAMPLE } from './test-support/example.ts';

const near = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .tuple(
      fc.constantFrom('group:', 'person:', 'workload:', 'anyone', 'manager', 'Group:', 'group', ':', ''),
      fc.oneof(fc.stringMatching(/^[A-Za-z0-9@._+/-]{0,140}$/), fc.string({ maxLength: 8 })),
      fc.constantFrom('', ' ', '\n', ',x', ':x', '\u202e', '\u200b'),
    )
    .map((pieces) => pieces.join('')),
);
const KNOWN = ['group:payments', 'person:alice@acme.test', 'workload:payments-deploy', 'anyone', 'group:who-else'];

const withWho = (references: readonly string[]) =>
  compileText(EXAMPLE.replace('who: [group:payments, workload:payments-deploy]', `who: ${JSON.stringify(references)}`));

test('a list of any texts is that list, in order, or no policy', () => {
  let compiled = 0;
  fc.assert(
    fc.property(fc.array(fc.oneof(near, fc.constantFrom(...KNOWN)), { maxLength: 4 }), (references) => {
      const out = withWho(references);
      if (!out.ok) return;
      compiled += 1;
      const rule = out.value.policy.rules.find(({ id }) => id === 'payments-admin');
      expect(rule?.who.map(referenceText)).toEqual(references);
      for (const text of references)
        expect(text).toMatch(/^(?:anyone|manager|(?:group|person|workload):[A-Za-z0-9][\w@.+/-]*)$/);
    }),
    { numRuns: 300 },
  );
  expect(compiled).toBeGreaterThan(20);
});

test('a text that is one letter off a good reference is never taken for it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KNOWN),
      fc.nat(40),
      fc.constantFrom('', ' ', 'X', '\u0430', '\n', ':'),
      (good, at, piece) => {
        const start = at % good.length;
        const text = good.slice(0, start) + piece + good.slice(start + 1);
        fc.pre(text !== good);
        const out = withWho([text]);
        const rule = out.ok ? out.value.policy.rules.find(({ id }) => id === 'payments-admin') : undefined;
        expect((rule?.who ?? []).map(referenceText)).not.toContain(good);
      },
    ),
    { numRuns: 200 },
  );
});
