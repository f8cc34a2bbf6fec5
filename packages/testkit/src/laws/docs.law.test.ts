/** The law of documents: what they list is what there is, in both directions. */
import { describe, expect, test } from '@jest/globals';
import { sallyportNames } from '@sallyport/platform';
import { mustRead, sources } from './source-tree.ts';

/** First cells of a table’s rows that are spelled `like this`, or bare. */
const firstCells = (text: string, cell: RegExp): string[] =>
  [...text.matchAll(/^\| *`?([^`|]+?)`? *\|/gm)].map((found) => found[1] ?? '').filter((one) => cell.test(one));

const sorted = (all: Iterable<string>): string[] => [...all].sort();

describe('docs/errors.md', () => {
  const source = mustRead('packages/core/src/domain/refusal.ts');
  const union = source.slice(source.indexOf('export type Refusal ='), source.indexOf('export type RefusalCode'));
  const codes = [...union.matchAll(/readonly code: '([a-z_]+)'/g)].map((found) => found[1] ?? '');

  test('lists exactly the refusals', () => {
    expect(codes.length).toBeGreaterThan(20);
    expect(new Set(codes).size).toBe(codes.length);
    expect(sorted(firstCells(mustRead('docs/errors.md'), /^[a-z]+(?:_[a-z]+)+$|^malformed$|^replayed$/))).toEqual(
      sorted(codes),
    );
  });
});

describe('docs/invariants.md', () => {
  const text = mustRead('docs/invariants.md');
  const rows = text.split('\n').filter((line) => /^\| I-\d+ \|/.test(line));
  const idOf = (row: string): string => /I-\d+/.exec(row)?.[0] ?? '';
  const tests = sources.filter(
    (source) =>
      /\.test\.ts$/.test(source.path) || source.path.includes('/contracts/') || source.path.includes('/model/'),
  );
  /** Ids at the head of a test's title: `I-3: …`, `I-9, I-17: …`. */
  const titled = tests.flatMap(({ path, text: code }) =>
    [...code.matchAll(/['"`]((?:I-\d+(?:, | to )?)+):? /g)].flatMap((found) =>
      [...(found[1] ?? '').matchAll(/I-\d+/g)].map((id) => ({ id: id[0], path })),
    ),
  );

  test('lists I-1 to I-25, each once, in order', () => {
    expect(rows.map(idOf)).toEqual(Array.from({ length: 25 }, (_, index) => `I-${index + 1}`));
  });

  test('knows every id that a test is named after', () => {
    const known = new Set(rows.map(idOf));
    expect(titled.filter(({ id }) => !known.has(id))).toEqual([]);
  });

  test('every invariant it claims has a test of its name', () => {
    const named = new Set(titled.map(({ id }) => id));
    const claimed = rows.filter((row) => !row.includes('*later*')).map(idOf);
    expect(claimed.filter((id) => !named.has(id))).toEqual([]);
  });
});

describe('.env.example', () => {
  const text = mustRead('.env.example');
  const listed = new Set([...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((found) => found[1] ?? ''));
  const schemas = sources.filter(({ path, inside }) => path.startsWith('apps/') && inside === 'config.ts');
  const read = new Set(
    schemas.flatMap(({ text: code }) =>
      [...code.matchAll(/^ {2,4}([A-Z][A-Z0-9_]+):/gm)].map((found) => found[1] ?? ''),
    ),
  );
  const NOT_SETTINGS_OF_A_PROGRAM = ['CRASH_AT'];

  test('lists every variable of the contract', () => {
    expect(sallyportNames.filter((name) => !listed.has(name))).toEqual([]);
  });

  test('lists every variable that some program’s schema reads', () => {
    expect(schemas.length).toBeGreaterThan(2);
    expect(sorted(read).filter((name) => !listed.has(name) && !NOT_SETTINGS_OF_A_PROGRAM.includes(name))).toEqual([]);
  });

  test('lists nothing that nobody reads', () => {
    const known = new Set<string>([...sallyportNames, ...read]);
    const plain = (name: string): string => (known.has(name) ? name : name.replace(/_FILE$/, ''));
    expect(sorted(listed).filter((name) => !known.has(plain(name)))).toEqual([]);
  });
});

describe('infra/local/settings.mjs', () => {
  test('knows every setting the programs know: it runs before anything is installed, and so repeats their names', () => {
    const known = new Set(mustRead('infra/local/settings.mjs').match(/SALLYPORT_[A-Z_]+/g));
    expect(sallyportNames.filter((name) => !known.has(name))).toEqual([]);
  });
});
