/** The law of conformance: every row has a test that carries its id, and docs/conformance.md says which. */
import { describe, expect, test } from '@jest/globals';
import { conformanceDocument, violations } from './conformance.ts';
import { problemsIn, type Rows, readRows } from './conformance-rows.ts';
import { document, mustRead, type Source, sources } from './source-tree.ts';
import { type Titled, titlesWithIds } from './test-titles.ts';

const rows = readRows(mustRead('docs/conformance/rows.yaml'));
const titled = titlesWithIds(sources);

test('the list of rows is sound', () => {
  expect(problemsIn(rows)).toEqual([]);
});

test('every row has a test of its name, but what is being built or comes later; and no test names what is no row', () => {
  expect(titled.length).toBeGreaterThan(150);
  expect(violations(rows, titled)).toEqual([]);
});

test('docs/conformance.md is current: run `npm run conformance`', () => {
  expect(document('docs/conformance.md')).toBe(conformanceDocument(rows, titled));
});

describe('how titles are read', () => {
  const idsIn = (text: string, path = 'apps/broker/src/a.test.ts') =>
    titlesWithIds([{ path, text } as Source]).map(({ ids, title }) => [...ids, title]);

  test.each([
    ["test('H1: one', () => {", [['H1', 'one']]],
    ['test(`H1 H2, H3: three`, async () => {', [['H1', 'H2', 'H3', 'three']]],
    ["test.each([1, 2])(\n    'I-9 P14: %i',\n    async (n) => {", [['P14', '%i']]],
    ["describe('S7: leeway', () => {", [['S7', 'leeway']]],
    ["['K4: a row', () => 1, /x/],", [['K4', 'a row']]],
    ["test('R3: another client\\'s', f)", [['R3', "another client's"]]],
    ["test('I-9: an invariant', f)", []],
    ["test('fault P6: of another list', f)", []],
    ["test('6: a rule', f)", []],
    ["test('MR-1: a threat', f)", []],
    ["test('of H1: in the middle', f)", []],
    ["test.skip('H1: skipped', f)", []],
    ["test.todo('H1: some day')", []],
  ])('%s', (text, expected) => {
    expect(idsIn(text)).toEqual(expected);
  });

  test('only test files and contracts are read', () => {
    expect(idsIn("test('H1: x', f)", 'packages/testkit/src/contracts/a.ts')).toHaveLength(1);
    expect(idsIn("test('H1: x', f)", 'apps/broker/src/a.ts')).toEqual([]);
  });
});

describe('what breaks the law', () => {
  const row = (id: string, later?: string) => ({
    id,
    requirement: 'x',
    sources: ['x'],
    ...(later === undefined ? {} : { later }),
  });
  const list: Rows = {
    pending: ['H3'],
    areas: [
      {
        title: 'HTTP',
        tests: ['apps/broker'],
        also: ['packages/core'],
        rows: [row('H1'), row('H2'), row('H3'), row('H4', 'no server')],
      },
    ],
  };
  const proof = (id: string, path = 'apps/broker/src/a.test.ts'): Titled => ({ path, ids: [id], title: 'x' });

  test('nothing, when all that is claimed is proven', () => {
    expect(violations(list, [proof('H1'), proof('H2')])).toEqual([]);
  });

  test.each([
    ['a row without a test', [proof('H1')], /^H2 has no test/],
    ['a pending row with one', [proof('H1'), proof('H2'), proof('H3')], /^H3 is pending and has a test/],
    ['a later row with one', [proof('H1'), proof('H2'), proof('H4')], /^H4 is later and has a test/],
    ['a test of no row', [proof('H1'), proof('H2'), proof('W9')], /W9 is no row/],
    [
      'an id of another list, unsaid',
      [proof('H1'), proof('H2'), proof('H2', 'packages/queue/src/a.test.ts')],
      /queue.*fault H2/,
    ],
  ])('%s', (_what, proofs, expected) => {
    expect(violations(list, proofs)).toEqual([expect.stringMatching(expected)]);
  });

  test('a test where more may be said of a row proves none alone, and so does not end its being built', () => {
    const more = (id: string) => proof(id, 'packages/core/src/a.test.ts');
    expect(violations(list, [proof('H1'), more('H2'), more('H3')])).toEqual(['H2 has no test']);
  });

  test('a test in another folder proves nothing', () => {
    expect(violations(list, [proof('H1'), proof('H2', 'packages/queue/src/a.test.ts')])).toContain('H2 has no test');
  });

  test.each([
    ['an id twice', { ...list, areas: [...list.areas, { title: 'again', tests: ['x'], also: [], rows: [row('H1')] }] }],
    ['a pending id that is no row', { ...list, pending: ['H9'] }],
    ['a pending id that is later', { ...list, pending: ['H4'] }],
  ])('%s', (_what, broken) => {
    expect(problemsIn(broken)).not.toEqual([]);
  });
});
