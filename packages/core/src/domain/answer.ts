/** answer: what an exchange finds: a grant to issue from, a request to wait for, or one to open. Never a union of grants. */
import { coversScopes, type Scope, scopeSet } from './access.ts';
import type { AccessCase } from './case.ts';
import { evaluate, rolesWithin } from './evaluate.ts';
import { startsLater } from './grant.ts';
import type { RequestId } from './ids.ts';
import { liveGrant } from './issuance.ts';
import type { Moment } from './moment.ts';
import type { Resource, Role } from './policy.ts';
import { type Principal, samePrincipal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import { closingOf } from './request.ts';
import { err, ok, type Result } from './result.ts';

export interface ExchangeAsk {
  readonly subject: Principal;
  readonly resource: Resource;
  /** Absent: all scopes of the one request or grant that fits. */
  readonly scopes?: readonly Scope[];
  /** The client pointed at one request. */
  readonly requestId?: RequestId;
  /** `completion_mode=deferred`: the client opted in to waiting. */
  readonly deferred: boolean;
}

export type Answer =
  | { readonly kind: 'issue'; readonly from: AccessCase; readonly scopes: readonly Scope[] }
  | { readonly kind: 'wait'; readonly on: AccessCase; readonly scopes: readonly Scope[] }
  | { readonly kind: 'open'; readonly role: Role; readonly scopes: readonly Scope[] };

/**
 * Chooses among the cases of this subject and resource.
 * Refusals: target_unknown, request_unknown, scope_not_covered, approval_required, nobody_can_approve,
 * and what the state of a named request says (request_closed, grant_ended, policy_forbids).
 */
export function answer(cases: readonly AccessCase[], ask: ExchangeAsk, at: Moment): Result<Answer, Refusal> {
  if (rolesWithin(at.policy, ask.subject, ask.resource).length === 0) return err({ code: 'target_unknown' });
  const own = cases.filter(
    (c) => samePrincipal(c.request.subject, ask.subject) && c.request.access.resource === ask.resource.id,
  );
  if (ask.requestId !== undefined) return answerNamed(own, ask, at);
  const live = own.filter((c) => liveGrant(c, at).ok);
  if (ask.scopes === undefined) return answerWithoutScope(live);
  const scopes = scopeSet(ask.scopes);
  const covering = live.filter((c) => coversScopes(scopesOf(c), scopes));
  const best = lastToEnd(covering);
  if (best !== undefined) return ok({ kind: 'issue', from: best, scopes });
  return answerUnapproved(own, live, { ...ask, scopes }, at);
}

function answerNamed(own: readonly AccessCase[], ask: ExchangeAsk, at: Moment): Result<Answer, Refusal> {
  const named = own.find((c) => c.request.id === ask.requestId);
  if (named === undefined) return err({ code: 'request_unknown' });
  const scopes = scopeSet(ask.scopes ?? scopesOf(named));
  if (!coversScopes(scopesOf(named), scopes)) return err({ code: 'scope_not_covered' });
  return answerByState(named, scopes, at);
}

/** What the state of one case says to whoever waits for it. */
export function answerByState(c: AccessCase, scopes: readonly Scope[], at: Moment): Result<Answer, Refusal> {
  const closing = closingOf(c.request, at.now);
  if (closing === undefined) return ok({ kind: 'wait', on: c, scopes });
  if (closing.state !== 'approved' || c.grant === undefined) return err({ code: 'request_closed', ...closing });
  if (startsLater(c.grant, at.now)) return ok({ kind: 'wait', on: c, scopes });
  const live = liveGrant(c, at);
  if (!live.ok) return live;
  return coversScopes(c.grant.access.scopes, scopes)
    ? ok({ kind: 'issue', from: c, scopes })
    : err({ code: 'scope_not_covered' });
}

function answerWithoutScope(live: readonly AccessCase[]): Result<Answer, Refusal> {
  const [only, ...others] = live;
  if (only === undefined || others.length > 0) return err({ code: 'scope_not_covered' });
  return ok({ kind: 'issue', from: only, scopes: scopesOf(only) });
}

function answerUnapproved(
  own: readonly AccessCase[],
  live: readonly AccessCase[],
  ask: ExchangeAsk & { readonly scopes: readonly Scope[] },
  at: Moment,
): Result<Answer, Refusal> {
  const role = smallestRole(ask, at);
  if (role === undefined) return err({ code: 'scope_not_covered' });
  const verdict = evaluate(at.policy, {
    subject: ask.subject,
    requester: ask.subject,
    resource: ask.resource.id,
    role: role.id,
  });
  const opening: Answer = { kind: 'open', role, scopes: ask.scopes };
  if (verdict.kind === 'auto_approved') return ok(opening);
  const pending = own.find((c) => isWaiting(c, at) && coversScopes(scopesOf(c), ask.scopes));
  if (pending !== undefined) return ok({ kind: 'wait', on: pending, scopes: ask.scopes });
  if (ask.deferred)
    return verdict.kind === 'nobody_can_approve'
      ? err({ code: 'nobody_can_approve', because: verdict.because })
      : ok(opening);
  return err({ code: live.length > 0 ? 'scope_not_covered' : 'approval_required' });
}

/** The role with the fewest scopes that covers the ask and that a rule gives this subject. */
function smallestRole(ask: ExchangeAsk & { readonly scopes: readonly Scope[] }, at: Moment): Role | undefined {
  return rolesWithin(at.policy, ask.subject, ask.resource)
    .filter((role) => coversScopes(role.scopes, ask.scopes))
    .sort((a, b) => a.scopes.length - b.scopes.length)[0];
}

/** Pending and in time, or approved with its beginning ahead. */
function isWaiting(c: AccessCase, { now }: Moment): boolean {
  return closingOf(c.request, now) === undefined || (c.grant !== undefined && startsLater(c.grant, now));
}

function scopesOf(c: AccessCase): readonly Scope[] {
  return (c.grant?.access ?? c.request.access).scopes;
}

/** Several grants cover: the one that ends last, then the oldest. */
function lastToEnd(cases: readonly AccessCase[]): AccessCase | undefined {
  return [...cases].sort(
    (a, b) => (b.grant?.expiresAt ?? 0) - (a.grant?.expiresAt ?? 0) || a.request.openedAt - b.request.openedAt,
  )[0];
}
