/** Opens a request: from an ask to a pending request, or to a grant at once where a rule says so. */

import type { ResourceId, RoleId } from './access.ts';
import { type Access, coversScopes, type Scope, scopeSet } from './access.ts';
import { type Step, stepOf } from './case.ts';
import { startGrant } from './decide-grant.ts';
import { type Detail, detailSet } from './details.ts';
import { evaluate, type Verdict } from './evaluate.ts';
import type { DomainEvent } from './events.ts';
import type { DecisionId, GrantId, RequestId } from './ids.ts';
import { after, type Duration, hours, type Instant, minutes, nextWholeSecond, shorter } from './instant.ts';
import type { Moment } from './moment.ts';
import { type ClientId, type Role, resourceById, roleOf } from './policy.ts';
import type { Asking } from './quorum.ts';
import type { Refusal } from './refusal.ts';
import { type AccessRequest, canonicalAsk, type DigestOf, type Door } from './request.ts';
import { err, ok, type Result } from './result.ts';
import { isSoundText } from './text.ts';

/** What somebody asks. Everything else on the request is the server's. */
export interface Ask extends Asking {
  readonly resource: ResourceId;
  readonly role: RoleId;
  /** Absent: all scopes of the role. */
  readonly scopes?: readonly Scope[];
  /** Checked against the resource's schemas where they came in. */
  readonly details?: readonly Detail[];
  /** Absent: the role's maximum, at most one hour. */
  readonly duration?: Duration;
  /** Above the role's maximum: refuse it, or clamp it. */
  readonly tooLong: 'refuse' | 'clamp';
  readonly justification: string;
  readonly ticket?: string;
  readonly notBefore?: Instant;
  readonly bindingMessage?: string;
  /** Shortens the rule's pending time; never lengthens it. */
  readonly pendingMax?: Duration;
  readonly door: Door;
  readonly clientId?: ClientId;
}

/** Ids made outside: the domain has no randomness. */
export interface FreshIds {
  readonly request: RequestId;
  readonly decision: DecisionId;
  readonly grant: GrantId;
}

const DEFAULT_DURATION_MAX: Duration = hours(1);
/** No grant is shorter than this, asked or narrowed. */
export const DURATION_MIN: Duration = minutes(1);
const AHEAD_MAX: Duration = hours(24 * 30);
export const JUSTIFICATION_LENGTH_MAX = 2_000;
export const TICKET_LENGTH_MAX = 100;

/**
 * Judges an ask by the policy in force and opens it.
 * Refusals: target_unknown, scope_not_covered, policy_forbids, nobody_can_approve, duration_too_long,
 * justification_too_short, malformed.
 */
export function openRequest(ids: FreshIds, ask: Ask, at: Moment, digestOf: DigestOf): Result<Step, Refusal> {
  const verdict = judge(ask, at);
  if (!verdict.ok) return verdict;
  const request = pendingRequest(ids, ask, verdict.value, at, digestOf);
  if (!request.ok) return request;
  const opened: DomainEvent = { type: 'request.opened', at: at.now, request: request.value };
  if (verdict.value.kind === 'needs_approval') return ok(stepOf(undefined, [opened]));
  const grant = startGrant(ids.grant, request.value, verdict.value.role, at.now);
  return ok(
    stepOf(undefined, [opened, { type: 'request.approved', at: at.now }, { type: 'grant.started', at: at.now, grant }]),
  );
}

type Allowed = Extract<Verdict, { readonly kind: 'needs_approval' | 'auto_approved' }>;

function judge(ask: Ask, at: Moment): Result<Allowed, Refusal> {
  const resource = resourceById(at.policy, ask.resource);
  if (resource === undefined || roleOf(resource, ask.role) === undefined) return err({ code: 'target_unknown' });
  const verdict = evaluate(at.policy, ask);
  if (verdict.kind === 'forbidden') return err({ code: 'policy_forbids', because: verdict.because });
  if (verdict.kind === 'nobody_can_approve') return err({ code: 'nobody_can_approve', because: verdict.because });
  return ok(verdict);
}

function pendingRequest(
  ids: FreshIds,
  ask: Ask,
  { rule, resource, role }: Allowed,
  { now, policy }: Moment,
  digestOf: DigestOf,
): Result<AccessRequest, Refusal> {
  const scopes = scopeSet(ask.scopes ?? role.scopes);
  if (!coversScopes(role.scopes, scopes)) return err({ code: 'scope_not_covered' });
  const length = lengthOf(ask, role.maxDuration);
  if (!length.ok) return length;
  const words = checkWords(ask, rule.justificationMinLength);
  if (!words.ok) return words;
  if (ask.notBefore !== undefined && ask.notBefore > after(now, AHEAD_MAX)) {
    return err({ code: 'malformed', what: 'not_before is more than 30 days ahead', path: 'not_before' });
  }
  const access: Access = {
    resource: resource.id,
    role: role.id,
    audience: resource.audience,
    scopes,
    ...(ask.details === undefined || ask.details.length === 0 ? {} : { details: detailSet(ask.details) }),
  };
  const asked = {
    id: ids.request,
    subject: ask.subject,
    requester: ask.requester,
    ...(ask.actor === undefined ? {} : { actor: ask.actor }),
    ...(ask.startedBy === undefined ? {} : { startedBy: ask.startedBy }),
    access,
    duration: length.value,
    ...(ask.notBefore !== undefined && ask.notBefore > now ? { notBefore: nextWholeSecond(ask.notBefore) } : {}),
    justification: ask.justification,
    ...(ask.ticket === undefined ? {} : { ticket: ask.ticket }),
    ...(ask.bindingMessage === undefined ? {} : { bindingMessage: ask.bindingMessage }),
    policyVersion: policy.version,
    ruleId: rule.id,
    effect: rule.effect,
    lines: rule.effect === 'auto_approve' ? [] : rule.approvals,
    openedAt: now,
    expiresAt: after(now, shorter(rule.pendingTtl, ask.pendingMax ?? rule.pendingTtl)),
    door: ask.door,
    ...(ask.clientId === undefined ? {} : { clientId: ask.clientId }),
    revision: 1,
  };
  return ok({ ...asked, digest: digestOf(canonicalAsk(asked)), status: { state: 'pending' } });
}

/** How long a grant of this role is asked for by who takes what there is: at most the maximum; without a wish at most an hour. */
export function clampedDuration({ maxDuration }: Pick<Role, 'maxDuration'>, wanted?: Duration): Duration {
  return shorter(wanted ?? DEFAULT_DURATION_MAX, maxDuration);
}

function lengthOf(ask: Ask, max: Duration): Result<Duration, Refusal> {
  const wanted = ask.duration ?? clampedDuration({ maxDuration: max });
  if (wanted > max && ask.tooLong === 'refuse') return err({ code: 'duration_too_long', max });
  if (wanted < DURATION_MIN && wanted < max) {
    return err({ code: 'malformed', what: 'duration must be at least 1m', path: 'duration' });
  }
  return ok(shorter(wanted, max));
}

function checkWords(ask: Ask, minLength: number): Result<void, Refusal> {
  if ([...ask.justification.trim()].length < minLength) return err({ code: 'justification_too_short', minLength });
  if (ask.justification.length > JUSTIFICATION_LENGTH_MAX) {
    return err({
      code: 'malformed',
      what: `justification is longer than ${JUSTIFICATION_LENGTH_MAX} characters`,
      path: 'justification',
    });
  }
  if ((ask.ticket?.length ?? 0) > TICKET_LENGTH_MAX) {
    return err({ code: 'malformed', what: `ticket is longer than ${TICKET_LENGTH_MAX} characters`, path: 'ticket' });
  }
  if (!isSoundText(ask.justification))
    return err({ code: 'malformed', what: 'justification is not sound Unicode text', path: 'justification' });
  if (!isSoundText(ask.ticket ?? ''))
    return err({ code: 'malformed', what: 'ticket is not sound Unicode text', path: 'ticket' });
  return ok(undefined);
}
