/** Owns how arguments and options are read: from the text a person typed to values, each with a message that helps. */
import {
  isPrincipalId,
  isScope,
  type PersonId,
  parseDuration,
  parseGrantId,
  parsePrincipal,
  parseRequestId,
} from '@sallyport/core';
import { z } from 'zod';

const WAIT_MS_MAX = 24 * 60 * 60 * 1_000;
const SCOPES_MAX = 50;

/** A text that must be there. */
export const required = (max: number) => z.string({ error: 'is missing' }).min(1, 'is empty').max(max, 'is too long');

/** Reads by a parser of the core, which says `undefined` for a no. */
function parsed<T>(parse: (text: string) => T | undefined, error: string) {
  return required(200).transform((text, ctx): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    ctx.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

const DURATION = 'must be a duration like 30m, 1h30m or 45s';

/** A duration as it was typed. */
export const durationText = required(40).refine((text) => parseDuration(text) !== undefined, { error: DURATION });

/** How long to wait, in milliseconds; at most a day. */
export const waitMs = parsed((text) => {
  const length = parseDuration(text);
  return length === undefined || length > WAIT_MS_MAX ? undefined : Number(length);
}, 'must be a duration of at most 24h, like 10m');

/** The same, where `0` means: ask, and do not wait. */
export const askMs = z.union([z.literal('0').transform(() => 0), waitMs], {
  error: 'must be a duration of at most 24h, like 10m, or 0',
});

export const requestId = parsed(parseRequestId, 'must be the id of a request: req_ and 26 characters');

/** A grant, or the request it came from. */
export const requestOrGrantId = parsed(
  (text) => parseRequestId(text) ?? parseGrantId(text),
  'must be the id of a grant or a request: grt_… or req_…',
);

/** `person:ID` or `workload:ID`. */
export const principal = parsed(parsePrincipal, 'must be person:ID or workload:ID, like person:alice@acme.test');

export const workloadId = required(127).refine(isPrincipalId, { error: 'must be the id of a workload' });

/** People separated by commas, each as `bob@acme.test` or `person:bob@acme.test`. */
export const people = required(10_000).transform((text, ctx): readonly PersonId[] => {
  const ids = text.split(',').map((one) => one.trim().replace(/^person:/, ''));
  if (ids.every(isPrincipalId)) return ids as unknown as readonly PersonId[];
  ctx.addIssue({ code: 'custom', message: 'must be people separated by commas, like bob@acme.test,dan@acme.test' });
  return z.NEVER;
});

/** Scopes separated by spaces. */
export const scopes = required(4_000).transform((text, ctx): readonly string[] => {
  const list = text.trim().split(/\s+/);
  if (list.length <= SCOPES_MAX && list.every(isScope)) return list;
  ctx.addIssue({ code: 'custom', message: 'must be scopes separated by spaces, like "orders:read orders:write"' });
  return z.NEVER;
});

/** The name of an environment variable. */
export const variableName = required(200).regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable');

export const revision = required(10)
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1')
  .transform(Number);

export const time = z.iso.datetime({ offset: true, error: 'must be a time like 2030-01-31T09:00:00Z' });

/** A flag that is given or not. */
export const flag = z.boolean().default(false);
