/** What the REST door takes: strict bodies, bounded queries, and how they become domain values. */
import { instant, isScope, parseDuration, type Scope } from '@sallyport/core';
import { z } from 'zod';
import { grantView, requestView } from './views.ts';

const ID_LENGTH_MAX = 127;
/** As a policy spells ids: nothing that could hurt a row, a lock or a log line. */
const id = z
  .string()
  .max(ID_LENGTH_MAX)
  .regex(/^[A-Za-z0-9][A-Za-z0-9@._+-]*$/, 'must be an id');

/** `30m`, `1h30m`. */
const duration = z
  .string()
  .max(40)
  .transform((text, ctx) => {
    const parsed = parseDuration(text);
    if (parsed !== undefined) return parsed;
    ctx.addIssue({ code: 'custom', message: 'must be a duration like 30m or 1h30m' });
    return z.NEVER;
  });

const scopes = z
  .array(z.string().max(128))
  .min(1)
  .max(50)
  .transform((texts, ctx): readonly Scope[] => {
    const sound = texts.filter(isScope);
    if (sound.length === texts.length) return sound;
    ctx.addIssue({ code: 'custom', message: 'must be scopes (RFC 6749 section 3.3)' });
    return z.NEVER;
  });

export const createBody = z.strictObject({
  resource: id.describe('Its id'),
  role: id.describe('A role of it'),
  duration: duration.describe('How long, like 30m or 1h30m; at most what the role allows'),
  justification: z.string().max(2_000).describe('Why, for those who decide'),
  ticket: z.string().max(100).optional().describe('A reference of yours'),
  subject: z.strictObject({ workload: id }).optional().describe('A workload you own; absent: yourself'),
  not_before: z.iso
    .datetime({ offset: true })
    .transform((text) => instant(Date.parse(text)))
    .optional()
    .describe('Begin no earlier than this (RFC 3339), at most 30 days ahead'),
});

export const decisionBody = z
  .strictObject({
    verdict: z.enum(['approve', 'deny']),
    revision: z.number().int().min(1).max(1_000_000).describe('The revision you saw'),
    reason: z.string().max(500).optional().describe('Shown to the requester'),
    narrow: z
      .strictObject({ duration: duration.optional(), scopes: scopes.optional() })
      .optional()
      .describe('With approve: less than was asked'),
  })
  .refine((body) => body.narrow === undefined || body.verdict === 'approve', {
    message: 'narrow goes with approve',
    path: ['narrow'],
  });

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many at most'),
  cursor: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9._-]+$/, 'must be a next_cursor')
    .optional()
    .describe('next_cursor of the page before'),
});

export const waitQuery = z.object({
  wait: z.coerce.number().int().min(0).max(20).default(0).describe('Seconds to hold the answer until it changes'),
});
/** Where a reader of the feed stands; one that is not known here reads from the beginning. */
const feedPosition = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be an id or `next` of the feed');
export const revocationQuery = z.object({
  after: feedPosition.optional().describe('`next`, or an `id`, of the answer before; absent: all that still matters'),
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe('Seconds to hold the answer until there is something'),
});
export const revocationHeaders = z.object({
  'last-event-id': feedPosition.optional().describe('As `after`: the last id of a stream that was lost'),
});
export const revocationPage = z
  .object({
    items: z.array(z.object({ id: z.string(), set: z.string().describe('A Security Event Token (RFC 8417)') })),
    next: z.string(),
  })
  .describe(
    'What ended, oldest first; none: nothing else did by now. With `Accept: text/event-stream` a stream of the same',
  );

/** What is no id is as unknown as any other: 404, not 422. */
export const idParams = z.object({ id: z.string() });
export const createHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The same key and body again is the same request; with another body it is refused'),
});
/** Cancel and revoke take no body; an empty JSON object is forgiven, anything in it is not. */
export const noBody = z.union([z.strictObject({}), z.null(), z.undefined()]);

const problem = z
  .object({
    type: z.string(),
    status: z.number().int(),
    code: z.string(),
    title: z.string(),
    detail: z.string().optional(),
    trace_id: z.string(),
  })
  .describe('application/problem+json, RFC 9457');

const PROBLEMS = {
  401: problem.describe('The bearer token, or the client, was not accepted'),
  403: problem.describe('Not by you, or no rule allows it'),
  404: problem.describe('It does not exist, or it is not yours to see'),
  409: problem.describe('It is closed, or it changed since you saw it'),
  413: problem.describe('More than 64 KiB'),
  415: problem.describe('Not application/json'),
  422: problem.describe('Not understood, or more than there is'),
  429: problem.describe('Too many; Retry-After says when'),
  503: problem.describe('Nothing changed; Retry-After says when'),
} as const;

/** The refusals an operation may answer besides 401 and 503, for the document. */
export function problems<S extends Exclude<keyof typeof PROBLEMS, 401 | 503>>(...statuses: readonly S[]) {
  const also = Object.fromEntries(statuses.map((status) => [status, PROBLEMS[status]])) as Pick<typeof PROBLEMS, S>;
  return { 401: PROBLEMS[401], ...also, 503: PROBLEMS[503] };
}

const listOf = <T extends z.ZodType>(items: T) =>
  z.object({ items: z.array(items), next_cursor: z.string().nullable() });
export const requestList = listOf(requestView).describe('One page, newest first');
export const grantList = listOf(grantView).describe('One page, newest first');
export const security = [{ bearer: [] }];
export const clientSecurity = [{ client: [] }];
