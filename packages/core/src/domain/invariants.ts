/** Invariants every stored case and every step must satisfy. A violation is a bug or tampering: thrown, never answered. */
import { coversScopes } from './access.ts';
import { type AccessCase, applyEvent, decisionsInForce, type Step } from './case.ts';
import { sameDetails } from './details.ts';
import { samePrincipal } from './principal.ts';
import { isOwn, tally } from './quorum.ts';
import type { Decision } from './request.ts';

/** Thrown when a case or step breaks an invariant of docs/invariants.md. */
export class InvariantBroken extends Error {
  readonly invariant: string;
  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'InvariantBroken';
    this.invariant = invariant;
  }
}

function must(invariant: string, holds: boolean, what: string): void {
  if (!holds) throw new InvariantBroken(invariant, what);
}

/** Asserts what is true of every case, before it is written and after it is read. */
export function assertCase(c: AccessCase): AccessCase {
  const { request, grant, decisions } = c;
  must('I-14', Number.isSafeInteger(c.version) && c.version >= 1, 'a case has a version from 1 on');
  must(
    'I-4',
    decisions.every((one) => one.revision <= request.revision),
    'no decision on a revision to come',
  );
  must(
    'I-4',
    decisionsInForce(c).every((one) => one.digest === request.digest),
    'decisions in force carry the digest of the revision',
  );
  must(
    'I-3',
    decisions.every((one) => !isOwn(request, one.person)),
    'nobody decides their own request',
  );
  const voices = new Set(decisions.map((one) => `${one.revision} ${one.person}`));
  must('I-3', voices.size === decisions.length, 'one decision per person and revision');
  must('I-6', (grant !== undefined) === (request.status.state === 'approved'), 'a grant if and only if approved');
  must('I-2', request.expiresAt > request.openedAt, 'the pending time has a length');
  must(
    'I-3',
    decisions.every((one) => linesOf(one).every((line) => line < request.lines.length)),
    'decisions fill lines there are',
  );
  must(
    'I-3',
    decisions.every((one) => (one.onBehalfOf ?? []).every((voice) => !isOwn(request, voice.person))),
    'nobody stands in for who asked',
  );
  const denied = decisionsInForce(c).some((one) => one.verdict === 'deny');
  must('I-16', denied === (request.status.state === 'denied'), 'denied if and only if somebody denied');
  if (grant !== undefined) assertGrant(c, grant);
  return c;
}

function linesOf({ lines, onBehalfOf = [] }: Decision): readonly number[] {
  return [...lines, ...onBehalfOf.flatMap((voice) => voice.lines)];
}

function assertGrant(c: AccessCase, grant: NonNullable<AccessCase['grant']>): void {
  const { request } = c;
  must('I-6', grant.requestId === request.id, 'the grant is of this request');
  must('I-1', samePrincipal(grant.subject, request.subject), 'the grant is for the subject asked for');
  must('I-1', grant.access.role === request.access.role, 'the grant is of the role asked for');
  must('I-2', grant.notBefore >= (request.notBefore ?? grant.notBefore), 'the grant begins no earlier than asked');
  must(
    'I-1',
    grant.access.resource === request.access.resource && grant.access.audience === request.access.audience,
    'the grant is on the resource asked for',
  );
  must(
    'I-1',
    coversScopes(request.access.scopes, grant.access.scopes),
    'the grant has no scope that was not asked for',
  );
  must('I-1', sameDetails(request.access.details, grant.access.details), 'the grant has the details asked for');
  must('I-4', grant.digest === request.digest, 'the grant comes from the decided revision');
  must(
    'I-2',
    grant.expiresAt > grant.notBefore && grant.expiresAt - grant.notBefore <= request.duration,
    'the grant lasts at most what was asked',
  );
  must(
    'I-2',
    grant.notBefore % 1_000 === 0 && grant.expiresAt % 1_000 === 0,
    'a grant begins and ends on whole seconds',
  );
  const approvals = decisionsInForce(c).filter((one) => one.verdict === 'approve');
  must(
    'I-3',
    request.effect === 'auto_approve' || tally(request.lines, approvals).met,
    'every line is filled by distinct people',
  );
}

/** Asserts that a step is nothing but the fold of its events, one version on, from a state that was not final. */
export function assertStep(from: AccessCase | undefined, step: Step): Step {
  const folded = step.events.reduce(applyEvent, from);
  must(
    'I-14',
    folded !== undefined && step.next.version === (from?.version ?? 0) + 1,
    'a step raises the version by one',
  );
  must(
    'I-14',
    JSON.stringify({ ...folded, version: 0 }) === JSON.stringify({ ...step.next, version: 0 }),
    'next is the fold of the events',
  );
  if (from !== undefined) assertFinality(from, step);
  return step;
}

function assertFinality(from: AccessCase, { next, events }: Step): void {
  const before = from.request.status.state;
  const touchesRequest = events.some((event) => event.type.startsWith('request.') || event.type === 'decision.made');
  must('I-5', before === 'pending' || !touchesRequest, 'a closed request emits nothing');
  must(
    'I-5',
    from.grant === undefined ||
      from.grant.status.state === 'active' ||
      next.grant?.status.state === from.grant.status.state,
    'a grant that ended stays ended',
  );
}
