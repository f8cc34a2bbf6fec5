/** Owns what time brings to a case beside its transitions: first asks held back, reminders, escalations, nudges, the warning before an end. Pure. */
import {
  type AccessRequest,
  after,
  approversOf,
  candidates,
  type Duration,
  decisionsInForce,
  duration,
  type Instant,
  instant,
  later,
  minutes,
  type PersonId,
  personById,
  type Rule,
  reachOf,
  tally,
} from '@sallyport/core';
import { approvers } from '../views/approvals.ts';
import { riskOf } from '../views/names.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { heldBack } from './quiet-hours.ts';
import { toldOf } from './told.ts';

/** One thing to be said to one person, once, from `dueAt` until before `uselessAt`. */
export interface Notice {
  readonly kind: 'approver' | 'remind' | 'escalate' | 'nudge' | 'warning';
  /** Which of its kind, from 1; absent where there is only one. */
  readonly nth?: number;
  readonly person: PersonId;
  readonly dueAt: Instant;
  readonly uselessAt: Instant;
}

/** How often the requester asked for a reminder, and when last. */
export interface Nudges {
  readonly count: number;
  readonly at: Instant;
}

const REMIND_AT: readonly number[] = [0.25, 0.75];
const ESCALATED_TO_MAX = 20;
const REMINDED_MAX = 50;
/** Grants no longer than this end without a warning. */
const WARNED_OVER = minutes(30);
const WARNED_BEFORE = minutes(10);
const WARNED_PART = 0.1;

/** Everything still to be said about this case as it is, also what is not due yet. */
export function noticesOf(drawn: Drawn, nudges: Nudges | undefined): readonly Notice[] {
  switch (phaseOf(drawn)) {
    case 'pending':
      return [...asks(drawn), ...reminders(drawn), ...escalations(drawn), ...(nudges ? nudgesOf(drawn, nudges) : [])];
    case 'later':
    case 'active':
      return warnings(drawn);
    default:
      return [];
  }
}

/** Whether it is to be said now. */
export function isDue({ dueAt, uselessAt }: Notice, now: Instant): boolean {
  return dueAt <= now && now < uselessAt;
}

/** When this case must be looked at again although nobody does anything; `redraw`: what is shown becomes untrue then. */
export function nextLook(
  drawn: Drawn,
  notices: readonly Notice[],
): { readonly at: Instant; readonly redraw: boolean } | undefined {
  const { now } = drawn.at;
  const { grant } = drawn.case;
  const starts = phaseOf(drawn) === 'later' && grant !== undefined ? [grant.notBefore] : [];
  const turns = [...starts, ...handovers(drawn)];
  const at = Math.min(...[...notices.map((notice) => notice.dueAt), ...turns].filter((one) => one > now));
  if (!Number.isFinite(at)) return undefined;
  return { at: instant(at), redraw: turns.some((turn) => turn === at) };
}

/** When somebody begins or ends to stand in for an approver while it is pending: others are asked then, and told otherwise. */
function handovers(drawn: Drawn): readonly Instant[] {
  const { case: c, at } = drawn;
  if (phaseOf(drawn) !== 'pending' || at.policy.delegations.length === 0) return [];
  const meant = new Set(approversOf(at.policy, c.request, c.request.lines));
  return at.policy.delegations
    .filter((one) => meant.has(one.from))
    .flatMap((one) => [one.starts, one.ends])
    .filter((one) => one < c.request.expiresAt);
}

/** The first ask of each approver: never held back where the risk is high. */
function asks(drawn: Drawn): readonly Notice[] {
  const { request } = drawn.case;
  return approvers(drawn.at, request).map((id) => atNight(drawn, 'approver', id, request.openedAt));
}

/** Those who have not decided and whose approval would still count. */
function reminders(drawn: Drawn): readonly Notice[] {
  const { request } = drawn.case;
  const whom = waitedFor(drawn);
  const window = request.expiresAt - request.openedAt;
  const times = ruleOf(drawn)?.remind ?? REMIND_AT.map((part) => duration(Math.floor(window * part)));
  return inTime(request, times).flatMap(({ at, nth }) => whom.map((id) => ({ ...held(drawn, 'remind', id, at), nth })));
}

/** Those a rule names, told who can decide; it gives them no say. */
function escalations(drawn: Drawn): readonly Notice[] {
  const { request } = drawn.case;
  const steps = ruleOf(drawn)?.escalate ?? [];
  return steps.flatMap(({ after: wait, to }, index) => {
    const at = after(request.openedAt, wait);
    if (at >= request.expiresAt) return [];
    const people = candidates(drawn.at.policy, request, { count: 1, from: to }).slice(0, ESCALATED_TO_MAX);
    return people.map((id) => ({ ...atNight(drawn, 'escalate', id, at), nth: index + 1 }));
  });
}

/** Asked for by hand, so now; quiet hours count all the same. */
function nudgesOf(drawn: Drawn, { count, at }: Nudges): readonly Notice[] {
  return waitedFor(drawn).map((id) => ({ ...held(drawn, 'nudge', id, at), nth: count }));
}

/** "Ends in 10 minutes", to whoever asked, before the end of a grant over 30 minutes. */
function warnings(drawn: Drawn): readonly Notice[] {
  const { grant } = drawn.case;
  if (grant === undefined) return [];
  const length = grant.expiresAt - grant.notBefore;
  if (length <= WARNED_OVER) return [];
  const before = Math.max(WARNED_BEFORE, Math.floor(length * WARNED_PART));
  const dueAt = later(grant.notBefore, instant(grant.expiresAt - before));
  return toldOf(drawn).map((id) => ({
    kind: 'warning',
    person: id,
    dueAt: heldBack(personById(drawn.at.policy, id), dueAt, grant.expiresAt),
    uselessAt: grant.expiresAt,
  }));
}

/** Held back by quiet hours, unless the risk is high. */
function atNight(drawn: Drawn, kind: Notice['kind'], id: PersonId, dueAt: Instant): Notice {
  const { access, expiresAt } = drawn.case.request;
  const never = riskOf(drawn.at.policy, access.resource) === 'high';
  return never ? { kind, person: id, dueAt, uselessAt: expiresAt } : held(drawn, kind, id, dueAt);
}

function held(drawn: Drawn, kind: Notice['kind'], id: PersonId, dueAt: Instant): Notice {
  const uselessAt = drawn.case.request.expiresAt;
  return { kind, person: id, dueAt: heldBack(personById(drawn.at.policy, id), dueAt, uselessAt), uselessAt };
}

/** Approvers who said nothing yet and could still fill a place. */
function waitedFor({ case: c, at }: Drawn): readonly PersonId[] {
  const given = decisionsInForce(c);
  const { lines } = c.request;
  const count = tally(lines, given).given;
  return approvers(at, c.request)
    .slice(0, REMINDED_MAX)
    .filter((id) => !given.some((one) => one.person === id))
    .filter((id) => tally(lines, [...given, { person: id, ...reachOf(at, c.request, lines, id) }]).given > count);
}

function inTime(request: AccessRequest, times: readonly Duration[]) {
  return times
    .map((time, index) => ({ at: after(request.openedAt, time), nth: index + 1 }))
    .filter(({ at }) => at < request.expiresAt);
}

function ruleOf({ case: { request }, at: { policy } }: Drawn): Rule | undefined {
  return policy.rules.find((rule) => rule.id === request.ruleId);
}
