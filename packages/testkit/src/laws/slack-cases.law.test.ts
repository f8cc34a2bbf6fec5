/** The law of the Slack cases: every case has a test in each of its modes, and docs/slack-cases.md says which. */
import { describe, expect, test } from '@jest/globals';
import { type CaseTitle, caseTitles } from './case-titles.ts';
import { type CaseRows, MODES, readCases } from './slack-case-rows.ts';
import { casesDocument, caseViolations } from './slack-cases.ts';
import { document, mustRead, type Source, sources } from './source-tree.ts';

const rows = readCases(mustRead('docs/slack-cases/rows.yaml'));
const titles = caseTitles(sources);

test('every case has a test in each of its modes, but what is being built; and no test names what is no case', () => {
  expect(titles.length).toBeGreaterThan(50);
  expect(caseViolations(rows, titles)).toEqual([]);
});

test('docs/slack-cases.md is current: run `npm run conformance`', () => {
  expect(document('docs/slack-cases.md')).toBe(casesDocument(rows, titles));
});

describe('how titles are read', () => {
  const read = (text: string) =>
    caseTitles([{ path: 'apps/slack/src/a.test.ts', text } as Source]).map(({ cases, modes }) => [cases, modes]);
  const both = "describe.each(['http', 'socket'] as const)('%s mode', (mode) => {\n";

  test.each([
    ["test('case 5: one', f)", [[['5'], ['http']]]],
    [`${both}  test('case 5: case 19a: two', f)`, [[['5', '19a'], MODES]]],
    [`${both}  test.each([1])('case 15b: %i', f)`, [[['15b'], MODES]]],
    ["describe.each(MODES)('%s mode', (mode) => {\n  test('case 5: one', f)", [[['5'], MODES]]],
    ["describe('Socket Mode', () => {\n  test('case 52: one', f)", [[['52'], ['socket']]]],
    ["describe('case 34: the door', () => {", [[['34'], ['http']]]],
    [`${both}});\n\ndescribe('http mode', () => {\n  test('case 5: one', f)`, [[['5'], ['http']]]],
    [`${both}});\n\ntest('case 5: one', f)`, [[['5'], ['http']]]],
    ["test('I-19 I-20 case 27: one', f)", [[['27'], ['http']]]],
    ["test('in case 5: one', f)", []],
    ["test.skip('case 5: one', f)", []],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

describe('what breaks the law', () => {
  const list: CaseRows = {
    tests: ['apps/slack'],
    pending: ['3'],
    groups: [
      {
        title: 'x',
        cases: [
          { id: '1', says: 'x' },
          { id: '2', says: 'x', only: { mode: 'socket', because: 'x' } },
          { id: '3', says: 'x' },
        ],
      },
    ],
  };
  const shows = (id: string, modes: CaseTitle['modes'] = MODES, path = 'apps/slack/src/a.test.ts'): CaseTitle => ({
    path,
    cases: [id],
    title: 'x',
    modes,
  });
  const enough = [shows('1'), shows('2', ['socket'])];

  test('nothing, when all that is claimed is shown; half of what is pending may be there', () => {
    expect(caseViolations(list, [...enough, shows('3', ['http'])])).toEqual([]);
  });

  test.each([
    ['a mode without a test', [shows('1', ['http']), shows('2')], 'case 1 has no test in socket'],
    [
      'a test in another folder',
      [shows('1', MODES, 'packages/core/src/a.test.ts'), shows('2')],
      'case 1 has no test in http',
    ],
    [
      'what is pending and complete',
      [...enough, shows('3')],
      'case 3 is pending and has its tests: take it off the list',
    ],
    ['a number that is no case', [...enough, shows('9')], 'apps/slack/src/a.test.ts: case 9 is no case'],
  ])('%s', (_what, given, expected) => {
    expect(caseViolations(list, given)).toContain(expected);
  });
});
