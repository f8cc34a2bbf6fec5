/** Owns the list of the numbered cases of the Slack program: docs/slack-cases/rows.yaml, read strictly. */
import { parse } from 'yaml';
import { z } from 'zod';

export const MODES = ['http', 'socket'] as const;
export type Mode = (typeof MODES)[number];

const id = z.string().regex(/^\d+[ab]?$/);
const text = z.string().min(1).max(200);

const document = z.strictObject({
  tests: z.array(text).min(1),
  pending: z.array(id),
  groups: z.array(
    z.strictObject({
      title: text,
      cases: z
        .array(
          z.strictObject({
            id,
            says: text,
            only: z.strictObject({ mode: z.enum(MODES), because: text }).optional(),
          }),
        )
        .min(1),
    }),
  ),
});

export type CaseRows = z.output<typeof document>;
export type CaseRow = CaseRows['groups'][number]['cases'][number];

/** Reads the cases. Throws when a member is missing, unknown or of the wrong kind. */
export function readCases(yaml: string): CaseRows {
  return document.parse(parse(yaml));
}

/** The modes in which a case needs a test. */
export function modesOf({ only }: CaseRow): readonly Mode[] {
  return only === undefined ? MODES : [only.mode];
}
