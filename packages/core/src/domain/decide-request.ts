/** decideRequest: what a person's verdict or a requester's cancel does to a request. Pure; run under the row lock. */
import { type Access, coversScopes, narrowScopes, type Scope, scopeSet } from './access.ts';
import { type Because, becauseOf } from './because.ts';
import { type AccessCase, decisionsInForce, type Outcome, stepOf } from './case.ts';
import { startGrant } from './decide-grant.ts';
import type { DomainEvent } from './events.ts';
import type { DecisionId, GrantId } from './ids.ts';
import type { Duration } from './instant.ts';
import type { Moment } from './moment.ts';
import { DURATION_MIN } from './open-request.ts';
import { personById, type Role } from './policy.ts';
import { type PersonId, type Principal, samePrincipal } from './principal.ts';
import { isOwn, type Reach, tally } from './quorum.ts';
import type { Refusal } from './refusal.ts';
import { type AccessRequest, canonicalAsk, closingOf, type Decision, type DigestOf } from './request.ts';
import { err, ok, type Result } from './result.ts';
import { reachesAny, reachOf } from './standing-in.ts';
import { asksStepUp, confirmedBy, type FreshSignIn } from './step-up.ts';
import { stillAllowed } from './still-allowed.ts';
import { isSoundText } from './text.ts';

export interface Narrowing {
  readonly duration?: Duration;
  readonly scopes?: readonly Scope[];
}

export interface Decide {
  readonly kind: 'decide';
  readonly id: DecisionId;
  /** Used if this decision fills the last place. */
  readonly grantId: GrantId;
  readonly person: PersonId;
  readonly verdict: 'approve' | 'deny';
  /** The revision the person saw. */
  readonly revision: number;
  readonly reason?: string;
  /** With `approve`: for less than was asked. */
  readonly narrow?: Narrowing;
  /** The fresh sign-in that confirms an approval, where the policy asks for one. */
  readonly signIn?: FreshSignIn;
}

export interface Cancel extends Because {
  readonly kind: 'cancel';
  readonly by: Principal;
}

export type RequestCommand = Decide | Cancel;

export const DENY_REASON_LENGTH_MAX = 500;

/**
 * Applies a command to a case.
 * Refusals: request_closed, identity_rejected, own_request, not_an_approver, stale_revision, already_decided,
 * malformed, scope_not_covered, duration_too_long, policy_forbids, step_up_required; cancel by somebody else: request_unknown.
 */
export function decideRequest(
  c: AccessCase,
  command: RequestCommand,
  at: Moment,
  digestOf: DigestOf,
): Result<Outcome, Refusal> {
  return command.kind === 'cancel' ? cancel(c, command, at) : decide(c, command, at, digestOf);
}

function cancel(c: AccessCase, command: Cancel, at: Moment): Result<Outcome, Refusal> {
  if (!samePrincipal(c.request.requester, command.by)) return err({ code: 'request_unknown' });
  const closing = closingOf(c.request, at.now);
  if (closing?.state === 'canceled') return ok('unchanged');
  if (closing !== undefined) return err({ code: 'request_closed', ...closing });
  return ok(stepOf(c, [{ type: 'request.canceled', at: at.now, by: command.by, ...becauseOf(command) }]));
}

function decide(c: AccessCase, command: Decide, at: Moment, digestOf: DigestOf): Result<Outcome, Refusal> {
  const reach = mayDecide(c, command, at);
  if (!reach.ok) return reach;
  if ((command.reason?.length ?? 0) > DENY_REASON_LENGTH_MAX) {
    return err({
      code: 'malformed',
      what: `reason is longer than ${DENY_REASON_LENGTH_MAX} characters`,
      path: 'reason',
    });
  }
  if (!isSoundText(command.reason ?? '')) {
    return err({ code: 'malformed', what: 'reason is not sound Unicode text', path: 'reason' });
  }
  if (command.verdict === 'deny') return ok(deny(c, command, reach.value, at));
  const allowed = stillAllowed(at.policy, c.request);
  if (!allowed.ok) return allowed;
  const narrowed = narrow(c.request, command.narrow, digestOf);
  if (!narrowed.ok) return narrowed;
  const steppedUp = stepUp(at, { ...c.request, ...narrowed.value }, command);
  if (!steppedUp.ok) return steppedUp;
  return ok(approve(c, command, { ...reach.value, ...steppedUp.value }, narrowed.value, allowed.value.role, at));
}

/** What an approval keeps of the sign-in that confirms it. A deny needs none: less access needs less proof. */
function stepUp(
  { policy, now }: Moment,
  approved: AccessRequest,
  { person, signIn }: Decide,
): Result<Pick<Decision, 'steppedUpAt'>, Refusal> {
  if (!asksStepUp(policy, approved)) return ok({});
  const confirmed = confirmedBy(signIn, person, approved, now);
  return confirmed.ok ? ok({ steppedUpAt: confirmed.value }) : confirmed;
}

/** Who may not, and why; else what this person could fill. In the order people can make sense of. */
function mayDecide(c: AccessCase, command: Decide, at: Moment): Result<Reach, Refusal> {
  if (personById(at.policy, command.person) === undefined)
    return err({ code: 'identity_rejected', why: 'not_in_directory' });
  if (isOwn(c.request, command.person)) return err({ code: 'own_request' });
  const reach = reachOf(at, c.request, c.request.lines, command.person);
  if (!reachesAny(reach)) return err({ code: 'not_an_approver' });
  const closing = closingOf(c.request, at.now);
  if (closing !== undefined) return err({ code: 'request_closed', ...closing });
  if (command.revision !== c.request.revision) return err({ code: 'stale_revision', revision: c.request.revision });
  const earlier = decisionsInForce(c).find((one) => one.person === command.person);
  if (earlier?.verdict === command.verdict && !narrows(c.request, command.narrow)) {
    return err({ code: 'already_decided', verdict: earlier.verdict, at: earlier.at });
  }
  return ok(reach);
}

function deny(c: AccessCase, command: Decide, reach: Reach, { now }: Moment): Outcome {
  const reason = command.reason === undefined ? {} : { reason: command.reason };
  return stepOf(c, [
    { type: 'decision.made', at: now, decision: decisionOf(c.request, command, reach, now) },
    { type: 'request.denied', at: now, by: command.person, ...reason },
  ]);
}

function approve(
  c: AccessCase,
  command: Decide,
  given: Given,
  narrowed: Narrowed | undefined,
  role: Role,
  { now }: Moment,
): Outcome {
  const request: AccessRequest = narrowed === undefined ? c.request : { ...c.request, ...narrowed };
  const events: [DomainEvent, ...DomainEvent[]] = [
    { type: 'decision.made', at: now, decision: decisionOf(request, command, given, now) },
  ];
  if (narrowed !== undefined) events.unshift({ type: 'request.narrowed', at: now, by: command.person, ...narrowed });
  const earlier = narrowed === undefined ? decisionsInForce(c) : [];
  const approvals = [...earlier.filter((one) => one.verdict === 'approve'), { person: command.person, ...given }];
  if (tally(request.lines, approvals).met) {
    const grant = startGrant(command.grantId, request, role, now);
    events.push({ type: 'request.approved', at: now, by: command.person }, { type: 'grant.started', at: now, grant });
  }
  return stepOf(c, events);
}

/** What stands behind a verdict: what its person could fill, and the sign-in that confirms it. */
type Given = Reach & Pick<Decision, 'steppedUpAt'>;

function decisionOf(request: AccessRequest, command: Decide, given: Given, at: Moment['now']): Decision {
  return {
    id: command.id,
    revision: request.revision,
    digest: request.digest,
    person: command.person,
    verdict: command.verdict,
    ...(command.reason === undefined ? {} : { reason: command.reason }),
    ...given,
    at,
  };
}

interface Narrowed {
  readonly revision: number;
  readonly digest: AccessRequest['digest'];
  readonly access: Access;
  readonly duration: Duration;
}

function narrows(request: AccessRequest, wanted: Narrowing | undefined): boolean {
  if (wanted === undefined) return false;
  const fewer = wanted.scopes !== undefined && scopeSet(wanted.scopes).length < request.access.scopes.length;
  return fewer || (wanted.duration !== undefined && wanted.duration < request.duration);
}

/**
 * The ask as it would be approved: itself, or its next revision where less is left of it.
 * Refusals: scope_not_covered, duration_too_long, malformed.
 */
export function narrowedAsk(
  request: AccessRequest,
  wanted: Narrowing | undefined,
  digestOf: DigestOf,
): Result<AccessRequest, Refusal> {
  const narrowed = narrow(request, wanted, digestOf);
  return narrowed.ok ? ok({ ...request, ...narrowed.value }) : narrowed;
}

/** The ask of the next revision, or undefined when the approval asks for nothing less. Never wider. */
function narrow(
  request: AccessRequest,
  wanted: Narrowing | undefined,
  digestOf: DigestOf,
): Result<Narrowed | undefined, Refusal> {
  const { scopes = request.access.scopes, duration: length = request.duration } = wanted ?? {};
  if (!coversScopes(request.access.scopes, scopes)) return err({ code: 'scope_not_covered' });
  if (length < DURATION_MIN && length < request.duration) {
    return err({ code: 'malformed', what: 'duration must be at least 1m', path: 'narrow.duration' });
  }
  if (length > request.duration) return err({ code: 'duration_too_long', max: request.duration });
  if (!narrows(request, wanted)) return ok(undefined);
  const revised = {
    ...request,
    revision: request.revision + 1,
    access: narrowScopes(request.access, scopes),
    duration: length,
  };
  return ok({
    revision: revised.revision,
    digest: digestOf(canonicalAsk(revised)),
    access: revised.access,
    duration: revised.duration,
  });
}
