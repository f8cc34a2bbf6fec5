/** Owns which tests show which case of the Slack program, what is missing, and the document that says so. */
import type { CaseTitle } from './case-titles.ts';
import { type CaseRow, type CaseRows, type Mode, modesOf } from './slack-case-rows.ts';

/** What breaks the law: a case without a test in one of its modes, one that is pending and complete, a number that is no case. */
export function caseViolations(rows: CaseRows, titles: readonly CaseTitle[]): readonly string[] {
  const all = rows.groups.flatMap((group) => group.cases);
  const counted = titles.filter(({ path }) => rows.tests.some((folder) => path.startsWith(`${folder}/`)));
  const known = new Set(all.map((row) => row.id));
  return [
    ...all
      .map((row) => row.id)
      .flatMap((id, index, ids) => (ids.indexOf(id) === index ? [] : [`${id} is there twice`])),
    ...rows.pending.flatMap((id) => (known.has(id) ? [] : [`${id} is pending and no case`])),
    ...all.flatMap((row) => rowViolations(rows, row, counted)),
    ...counted.flatMap(({ path, cases }) =>
      cases.flatMap((id) => (known.has(id) ? [] : [`${path}: case ${id} is no case`])),
    ),
  ];
}

function rowViolations({ pending }: CaseRows, row: CaseRow, titles: readonly CaseTitle[]): readonly string[] {
  const missing = modesOf(row).filter((mode) => proofs(row, mode, titles).length === 0);
  if (!pending.includes(row.id)) return missing.map((mode) => `case ${row.id} has no test in ${mode}`);
  return missing.length === 0 ? [`case ${row.id} is pending and has its tests: take it off the list`] : [];
}

function proofs({ id }: CaseRow, mode: Mode, titles: readonly CaseTitle[]): readonly CaseTitle[] {
  return titles.filter(({ cases, modes }) => cases.includes(id) && modes.includes(mode));
}

/** docs/slack-cases.md. */
export function casesDocument(rows: CaseRows, titles: readonly CaseTitle[]): string {
  const all = rows.groups.flatMap((group) => group.cases);
  return [
    '# The Slack cases',
    '',
    'What the Slack program has to get right, and the tests that show it: over HTTP and in Socket Mode, against the local workspace, which',
    'enforces Slack’s limits itself. Made from [rows.yaml](slack-cases/rows.yaml) and the titles of the tests by `npm run conformance`; a law',
    'test keeps it so, and fails when one is missing.',
    '',
    `${all.length} cases: ${all.length - rows.pending.length} shown, ${rows.pending.length} being built.`,
    ...rows.groups.flatMap(({ title, cases }) => [
      '',
      `## ${title}`,
      '',
      '| case | what it says | HTTP | Socket Mode |',
      '| --- | --- | --- | --- |',
      ...cases.map(
        (row) => `| ${[row.id, row.says, cell(row, 'http', titles), cell(row, 'socket', titles)].join(' | ')} |`,
      ),
    ]),
    '',
  ].join('\n');
}

function cell(row: CaseRow, mode: Mode, titles: readonly CaseTitle[]): string {
  const shown = proofs(row, mode, titles);
  if (shown.length > 0) return shown.map(link).join('<br>');
  return row.only !== undefined && row.only.mode !== mode ? `none: ${row.only.because}` : '*being built*';
}

function link({ path, title }: CaseTitle): string {
  const text = title.replaceAll('<', '&lt;').replaceAll('|', '\\|');
  return `[${path.slice(path.lastIndexOf('/') + 1).replace(/\.ts$/, '')}](../${path}) ${text}`;
}
