/** What the broker's REST door answers, as far as the command line reads it; and the lines people see of it. */
import { duration, formatDuration } from '@sallyport/core';
import { z } from 'zod';
import { plain } from './output.ts';

const grantState = z.enum(['active', 'revoked', 'expired']);

export const requestView = z.object({
  id: z.string(),
  state: z.enum(['pending', 'approved', 'denied', 'canceled', 'expired']),
  revision: z.number().int().min(1),
  resource: z.string(),
  role: z.string(),
  scopes: z.array(z.string()),
  audience: z.string(),
  duration_seconds: z.number().min(0),
  subject: z.string(),
  requester: z.string(),
  justification: z.string(),
  ticket: z.string().optional(),
  approvals: z.object({ required: z.number(), given: z.number() }),
  expires_at: z.string(),
  grant: z.object({ id: z.string(), state: grantState, not_before: z.string(), expires_at: z.string() }).nullable(),
});

export const grantView = z.object({
  id: z.string(),
  state: grantState,
  request_id: z.string(),
  resource: z.string(),
  role: z.string(),
  scopes: z.array(z.string()),
  audience: z.string(),
  subject: z.string(),
  not_before: z.string(),
  expires_at: z.string(),
});

export const requestList = z.object({ items: z.array(requestView), next_cursor: z.string().nullable() });

export type RequestView = z.output<typeof requestView>;
export type GrantView = z.output<typeof grantView>;

/** One line: what is asked, for whom. */
export function askLine({ resource, role, subject, requester, duration_seconds }: RequestView): string {
  const length = formatDuration(duration(duration_seconds * 1_000));
  const by = requester === subject ? '' : `, asked by ${requester}`;
  return plain(`${role} of ${resource} for ${subject}, ${length}${by}`);
}

/** One line: where it stands. */
export function stateLine({ state, approvals, expires_at, grant }: RequestView): string {
  if (state === 'pending') {
    return plain(`pending, ${approvals.given} of ${approvals.required} approvals, until ${expires_at}`);
  }
  if (grant === null) return state;
  return plain(`${state}: ${grant.id} ${grant.state}, ${grant.not_before} to ${grant.expires_at}`);
}

/** Everything an approver should read before deciding. */
export function requestLines(view: RequestView): readonly string[] {
  return [
    plain(`${view.id}, revision ${view.revision}`),
    `  ${askLine(view)}`,
    plain(`  scopes   ${view.scopes.join(' ')}`),
    plain(`  audience ${view.audience}`),
    plain(`  because  ${view.justification === '' ? '(no reason given)' : view.justification}`),
    ...(view.ticket === undefined ? [] : [plain(`  ticket   ${view.ticket}`)]),
    `  ${stateLine(view)}`,
  ];
}

/** How to get a token out of a request that is approved, or will be. */
export function tokenHint({ id, audience, scopes }: RequestView): string {
  return plain(`sallyport token --audience ${audience} --scope "${scopes.join(' ')}" --request ${id}`);
}
