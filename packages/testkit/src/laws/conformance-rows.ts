/** Owns the list of what the OAuth side promises: docs/conformance/rows.yaml, read strictly. */
import { parse } from 'yaml';
import { z } from 'zod';

/** A row's id: the letter of its area's rows and a number. */
const ID = /^[A-Z]\d+$/;
const id = z.string().regex(ID);
const text = z.string().min(1).max(200);

const document = z.strictObject({
  pending: z.array(id),
  areas: z.array(
    z.strictObject({
      title: text,
      tests: z.array(text).min(1),
      also: z.array(text).default([]),
      rows: z
        .array(
          z.strictObject({ id, requirement: text, sources: z.array(text).min(1), later: text.optional() }).readonly(),
        )
        .min(1),
    }),
  ),
});

export type Row = z.output<typeof document>['areas'][number]['rows'][number];
export type Area = z.output<typeof document>['areas'][number];
export type Rows = z.output<typeof document>;

/** Reads the rows. Throws when a member is missing, unknown or of the wrong kind. */
export function readRows(yaml: string): Rows {
  return document.parse(parse(yaml));
}

/** What is wrong with the list itself: an id twice, one area's letter in another, a pending id that is no row or a later one. */
export function problemsIn({ pending, areas }: Rows): readonly string[] {
  const all = areas.flatMap(({ rows }) => rows);
  const ids = all.map((row) => row.id);
  const letters = areas.flatMap(({ rows }) => [...new Set(rows.map((row) => row.id.charAt(0)))]);
  const later = new Set(all.filter((row) => row.later !== undefined).map((row) => row.id));
  return [
    ...doubled(ids).map((one) => `${one} is there twice`),
    ...doubled(letters).map((one) => `${one} rows are in two areas`),
    ...doubled(pending).map((one) => `${one} is pending twice`),
    ...pending.filter((one) => !ids.includes(one)).map((one) => `${one} is pending and no row`),
    ...pending.filter((one) => later.has(one)).map((one) => `${one} is pending and later`),
  ];
}

function doubled(all: readonly string[]): readonly string[] {
  return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))];
}
