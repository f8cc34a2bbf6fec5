/** answer: what an exchange finds: a grant to issue from, a request to wait for, or one to open. Never a union of grants. */
import { coversExtent, coversScopes, type Extent, extentOf, type Scope, scopeSet } from './access.ts';
import type { AccessCase } from './case.ts';
import { coversDetails, type Detail, detailSet } from './details.ts';
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
  /** Who acts for the subject, by a token of its own. */
  readonly acting?: {
    readonly actor: Principal;
    /** The subject's own token names this actor (`may_act`); else a request approved for this pair must. */
    readonly named: boolean;
  };
  readonly resource: Resource;
  /** Absent: all scopes of the one request or grant that fits. */
  readonly scopes?: readonly Scope[];
  /** Absent: none, or with a named request, or without scopes, those of what is found. */
  readonly details?: readonly Detail[];
  /** The client pointed at one request. */
  readonly requestId?: RequestId;
  /** `completion_mode=deferred`: the client opted in to waiting. */
  readonly deferred: boolean;
}

export type Answer =
  | { readonly kind: 'issue'; readonly from: AccessCase; readonly extent: Extent }
  | { readonly kind: 'wait'; readonly on: AccessCase; readonly extent: Extent }
  /** `atOnce`: by a rule, without asking anybody. */
  | { readonly kind: 'open'; readonly role: Role; readonly extent: Extent; readonly atOnce: boolean };

/**
 * Chooses among the cases of this subject and resource.
 * Refusals: target_unknown, request_unknown, scope_not_covered, details_not_covered, approval_required, nobody_can_approve,
 * actor_token_rejected (named by nobody), and what the state of a named request says (request_closed, grant_ended, policy_forbids).
 */
export function answer(cases: readonly AccessCase[], ask: ExchangeAsk, at: Moment): Result<Answer, Refusal> {
  if (rolesWithin(at.policy, ask.subject, ask.resource).length === 0) return err({ code: 'target_unknown' });
  const own = cases.filter((c) => isTheirs(c, ask));
  if (ask.requestId !== undefined) return answerNamed(own, ask, at);
  const live = own.filter((c) => liveGrant(c, at).ok);
  if (ask.scopes === undefined) return answerWithoutScope(live, ask);
  const extent = wished(ask.scopes, ask.details);
  const best = lastToEnd(live.filter((c) => coversExtent(heldBy(c), extent)));
  if (best !== undefined) return ok({ kind: 'issue', from: best, extent });
  return answerUnapproved(own, live, { ...ask, extent }, at);
}

/** Same subject, same resource, and the same actor, or none where the subject itself names who may act. */
function isTheirs({ request }: AccessCase, { subject, resource, acting }: ExchangeAsk): boolean {
  if (!samePrincipal(request.subject, subject) || request.access.resource !== resource.id) return false;
  if (request.actor === undefined) return acting === undefined || acting.named;
  return acting !== undefined && samePrincipal(request.actor, acting.actor);
}

function answerNamed(own: readonly AccessCase[], ask: ExchangeAsk, at: Moment): Result<Answer, Refusal> {
  const named = own.find((c) => c.request.id === ask.requestId);
  if (named === undefined) return err({ code: 'request_unknown' });
  const held = heldBy(named);
  const extent = wished(ask.scopes ?? held.scopes, ask.details ?? held.details);
  const within = isWithin(held, extent);
  return within.ok ? answerByState(named, extent, at) : within;
}

/** What the state of one case says to whoever waits for it. */
export function answerByState(c: AccessCase, extent: Extent, at: Moment): Result<Answer, Refusal> {
  const closing = closingOf(c.request, at.now);
  if (closing === undefined) return ok({ kind: 'wait', on: c, extent });
  if (closing.state !== 'approved' || c.grant === undefined) return err({ code: 'request_closed', ...closing });
  if (startsLater(c.grant, at.now)) return ok({ kind: 'wait', on: c, extent });
  const live = liveGrant(c, at);
  if (!live.ok) return live;
  const within = isWithin(c.grant.access, extent);
  return within.ok ? ok({ kind: 'issue', from: c, extent }) : within;
}

function isWithin(held: Extent, wanted: Extent): Result<void, Refusal> {
  if (!coversScopes(held.scopes, wanted.scopes)) return err({ code: 'scope_not_covered' });
  return coversDetails(held.details, wanted.details) ? ok(undefined) : err({ code: 'details_not_covered' });
}

function answerWithoutScope(live: readonly AccessCase[], { details }: ExchangeAsk): Result<Answer, Refusal> {
  const fitting = live.filter((c) => details === undefined || coversDetails(heldBy(c).details, details));
  const [only, ...others] = fitting;
  if (only === undefined || others.length > 0) return err({ code: 'scope_not_covered' });
  const held = heldBy(only);
  return ok({ kind: 'issue', from: only, extent: wished(held.scopes, details ?? held.details) });
}

interface WithExtent extends ExchangeAsk {
  readonly extent: Extent;
}

function answerUnapproved(
  own: readonly AccessCase[],
  live: readonly AccessCase[],
  ask: WithExtent,
  at: Moment,
): Result<Answer, Refusal> {
  const { extent, acting } = ask;
  const role = smallestRole(ask, at);
  if (role === undefined) return err({ code: 'scope_not_covered' });
  const verdict = evaluate(at.policy, {
    subject: ask.subject,
    requester: ask.subject,
    ...(acting === undefined ? {} : { actor: acting.actor }),
    resource: ask.resource.id,
    role: role.id,
  });
  const atOnce = verdict.kind === 'auto_approved';
  const opening: Answer = { kind: 'open', role, extent, atOnce };
  // No rule speaks for an actor: where nobody named it, people have to.
  if (atOnce)
    return (acting?.named ?? true) ? ok(opening) : err({ code: 'actor_token_rejected', why: 'nobody_named_it' });
  const pending = own.find((c) => isWaiting(c, at) && coversExtent(heldBy(c), extent));
  if (pending !== undefined) return ok({ kind: 'wait', on: pending, extent });
  if (ask.deferred)
    return verdict.kind === 'nobody_can_approve'
      ? err({ code: 'nobody_can_approve', because: verdict.because })
      : ok(opening);
  return err(nothingApproved(live, ask));
}

/** Why there is nothing to issue from: what is there lacks the scope or the details, or nothing is there. */
function nothingApproved(live: readonly AccessCase[], { acting, extent }: WithExtent): Refusal {
  if (acting?.named === false) return { code: 'actor_token_rejected', why: 'nobody_named_it' };
  if (live.some((c) => coversScopes(heldBy(c).scopes, extent.scopes) && heldBy(c).details !== undefined))
    return { code: extent.details === undefined ? 'approval_required' : 'details_not_covered' };
  const scopesLacking = live.some((c) => coversDetails(heldBy(c).details, extent.details));
  return { code: scopesLacking ? 'scope_not_covered' : 'approval_required' };
}

/** The role with the fewest scopes that covers the ask and that a rule gives this subject. */
function smallestRole(ask: WithExtent, at: Moment): Role | undefined {
  return rolesWithin(at.policy, ask.subject, ask.resource)
    .filter((role) => coversScopes(role.scopes, ask.extent.scopes))
    .sort((a, b) => a.scopes.length - b.scopes.length)[0];
}

/** Pending and in time, or approved with its beginning ahead. */
function isWaiting(c: AccessCase, { now }: Moment): boolean {
  return closingOf(c.request, now) === undefined || (c.grant !== undefined && startsLater(c.grant, now));
}

function heldBy(c: AccessCase): Extent {
  return extentOf(c.grant?.access ?? c.request.access);
}

function wished(scopes: readonly Scope[], details: readonly Detail[] | undefined): Extent {
  const some = details !== undefined && details.length > 0;
  return { scopes: scopeSet(scopes), ...(some ? { details: detailSet(details) } : {}) };
}

/** Several grants cover: the one that ends last, then the oldest. */
function lastToEnd(cases: readonly AccessCase[]): AccessCase | undefined {
  return [...cases].sort(
    (a, b) => (b.grant?.expiresAt ?? 0) - (a.grant?.expiresAt ?? 0) || a.request.openedAt - b.request.openedAt,
  )[0];
}
