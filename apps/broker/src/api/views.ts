/** What the REST door shows of requests and grants: snake_case, RFC 3339, states computed for the moment of the read. */
import {
  type Access,
  type AccessCase,
  decisionsInForce,
  type Grant,
  grantStateAt,
  type Instant,
  inSeconds,
  nameOf,
  requestStateAt,
  tally,
} from '@sallyport/core';
import { z } from 'zod';

const requestState = z.enum(['pending', 'approved', 'denied', 'canceled', 'expired']);
const grantState = z.enum(['active', 'revoked', 'expired']);
const time = z.string().describe('RFC 3339, UTC');

export const requestView = z
  .object({
    id: z.string(),
    state: requestState,
    revision: z.number().int(),
    resource: z.string(),
    role: z.string(),
    scopes: z.array(z.string()),
    audience: z.string(),
    duration_seconds: z.number().int(),
    subject: z.string().describe('person:ID or workload:ID'),
    requester: z.string().describe('person:ID or workload:ID'),
    actor: z.string().optional().describe('Who is to act for the subject'),
    authorization_details: z.array(z.looseObject({ type: z.string() })).optional(),
    justification: z.string(),
    ticket: z.string().optional(),
    binding_message: z.string().optional().describe('Shown where it was asked'),
    approvals: z.object({ required: z.number().int(), given: z.number().int() }),
    expires_at: time.describe('End of the pending time'),
    grant: z.object({ id: z.string(), state: grantState, not_before: time, expires_at: time }).nullable(),
  })
  .describe('An access request');

export const grantView = z
  .object({
    id: z.string(),
    state: grantState,
    request_id: z.string(),
    resource: z.string(),
    role: z.string(),
    scopes: z.array(z.string()),
    audience: z.string(),
    authorization_details: z.array(z.looseObject({ type: z.string() })).optional(),
    subject: z.string(),
    not_before: time,
    expires_at: time,
  })
  .describe('What an approved request gave');

/** `2026-01-02T03:04:05Z`; parts of a second only where there are any. */
export function rfc3339(at: Instant): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** A request as it is at `now`. */
export function viewRequest(c: AccessCase, now: Instant): z.output<typeof requestView> {
  const { request, grant } = c;
  const approvals = decisionsInForce(c).filter((decision) => decision.verdict === 'approve');
  const { required, given } = tally(request.lines, approvals);
  return {
    id: request.id,
    state: requestStateAt(request, now),
    revision: request.revision,
    resource: request.access.resource,
    role: request.access.role,
    scopes: [...request.access.scopes],
    audience: request.access.audience,
    duration_seconds: inSeconds(request.duration),
    subject: nameOf(request.subject),
    requester: nameOf(request.requester),
    ...(request.actor === undefined ? {} : { actor: nameOf(request.actor) }),
    ...detailsOf(request.access),
    justification: request.justification,
    ...(request.ticket === undefined ? {} : { ticket: request.ticket }),
    ...(request.bindingMessage === undefined ? {} : { binding_message: request.bindingMessage }),
    approvals: { required, given },
    expires_at: rfc3339(request.expiresAt),
    grant: grant === undefined ? null : { id: grant.id, state: grantStateAt(grant, now), ...times(grant) },
  };
}

/** A grant as it is at `now`. */
export function viewGrant(grant: Grant, now: Instant): z.output<typeof grantView> {
  return {
    id: grant.id,
    state: grantStateAt(grant, now),
    request_id: grant.requestId,
    resource: grant.access.resource,
    role: grant.access.role,
    scopes: [...grant.access.scopes],
    audience: grant.access.audience,
    ...detailsOf(grant.access),
    subject: nameOf(grant.subject),
    ...times(grant),
  };
}

function detailsOf({ details }: Access) {
  return details === undefined ? {} : { authorization_details: details.map((detail) => ({ ...detail })) };
}

function times(grant: Grant) {
  return { not_before: rfc3339(grant.notBefore), expires_at: rfc3339(grant.expiresAt) };
}

/** Changes with every step and with what time alone changes. */
export function etagOf(c: AccessCase, now: Instant): string {
  const grant = c.grant === undefined ? 'none' : grantStateAt(c.grant, now);
  return `"${c.version}.${requestStateAt(c.request, now)}.${grant}"`;
}
