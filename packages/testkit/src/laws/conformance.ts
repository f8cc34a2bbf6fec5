/** Owns which tests prove which row, what that breaks, and the document that says so. */
import type { Area, Row, Rows } from './conformance-rows.ts';
import type { Titled } from './test-titles.ts';

/** What breaks the law: rows without a test, tests of rows that must not have one, ids that are none, tests of another list's ids. */
export function violations(rows: Rows, titled: readonly Titled[]): readonly string[] {
  const areaOf = new Map(rows.areas.flatMap((area) => area.rows.map((row) => [row.id, area] as const)));
  return [
    ...rows.areas.flatMap((area) => area.rows.flatMap((row) => violationOf(rows, area, row, titled))),
    ...titled.flatMap(({ path, ids }) =>
      ids.flatMap((id) => {
        const area = areaOf.get(id);
        if (area === undefined) return [`${path}: ${id} is no row`];
        if (isIn([...area.tests, ...area.also], path)) return [];
        return [`${path}: ${id} is a row of "${area.title}"; an id of another list says whose it is: fault ${id}`];
      }),
    ),
  ];
}

function violationOf({ pending }: Rows, area: Area, row: Row, titled: readonly Titled[]): readonly string[] {
  const proven = carriersOf(area.tests, row, titled).length > 0;
  const waits = pending.includes(row.id) ? 'pending' : row.later && 'later';
  if (waits === undefined) return proven ? [] : [`${row.id} has no test`];
  return proven ? [`${row.id} is ${waits} and has a test`] : [];
}

function carriersOf(folders: readonly string[], { id }: Row, titled: readonly Titled[]): readonly Titled[] {
  return titled.filter(({ ids, path }) => ids.includes(id) && isIn(folders, path));
}

function isIn(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

/** docs/conformance.md. */
export function conformanceDocument(rows: Rows, titled: readonly Titled[]): string {
  const all = rows.areas.flatMap((area) => area.rows);
  const later = all.filter((row) => row.later !== undefined).length;
  const pending = rows.pending.length;
  return [
    '# Conformance',
    '',
    'Every rule of the OAuth side that a test can show, with the tests that show it. Made from [rows.yaml](conformance/rows.yaml) and the',
    'titles of the tests by `npm run conformance`; a law test keeps it so.',
    '',
    `${all.length} rows: ${all.length - later - pending} proven, ${pending} being built, ${later} later.`,
    ...rows.areas.flatMap((area) => ['', `## ${area.title}`, '', ...table(rows, area, titled)]),
    '',
  ].join('\n');
}

function table(rows: Rows, area: Area, titled: readonly Titled[]): readonly string[] {
  return [
    '| id | requirement | source | proved by |',
    '| --- | --- | --- | --- |',
    ...area.rows.map((row) => {
      const proofs = carriersOf([...area.tests, ...area.also], row, titled)
        .map(link)
        .join('<br>');
      const proven = row.later === undefined && !rows.pending.includes(row.id) ? proofs : unproven(row);
      return `| ${[row.id, row.requirement, row.sources.join(', '), proven].map(cell).join(' | ')} |`;
    }),
  ];
}

function unproven({ later }: Row): string {
  return later === undefined ? '*being built*' : `*later*: ${later}`;
}

function link({ path, title }: Titled): string {
  return `[${path.slice(path.lastIndexOf('/') + 1).replace(/\.ts$/, '')}](../${path}) ${title.replaceAll('<', '&lt;')}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
