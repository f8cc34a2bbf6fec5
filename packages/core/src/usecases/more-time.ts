/** moreTime: whoever has an access asks for it again from its end on. A new request like any other: a grant never grows. */
import type { AccessCase } from '../domain/case.ts';
import { admit } from '../domain/crowd.ts';
import { grantStateAt } from '../domain/grant.ts';
import type { GrantId } from '../domain/ids.ts';
import type { Duration } from '../domain/instant.ts';
import type { Moment } from '../domain/moment.ts';
import { openRequest } from '../domain/open-request.ts';
import { owns } from '../domain/policy.ts';
import { type Person, samePrincipal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { requestStateAt } from '../domain/request.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { Ledger, OnceKey, Written } from '../ports/ledger.ts';

export interface MoreTimeCommand {
  readonly grant: GrantId;
  readonly who: Person;
  /** Absent: as long as the access was asked for. */
  readonly duration?: Duration;
  readonly justification: string;
  readonly door: 'rest' | 'slack';
}

export interface MoreTimeDeps {
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly hashing: Hashing;
}

export type MoreTime = (command: MoreTimeCommand, by: Attribution, once?: OnceKey) => Promise<Result<Written, Refusal>>;

/**
 * Builds the use case. A second ask for the time after the same grant joins the first (`changed: false`).
 * Refusals: request_unknown (no such grant, or not theirs), grant_ended, those of `openRequest`, too_many, key_reused.
 */
export function makeMoreTime({ ledger, chance, hashing }: MoreTimeDeps): MoreTime {
  return async (command, by, once) => {
    const from = (await ledger.findByGrant(command.grant))?.value;
    if (from === undefined) {
      await ledger.note({ refusal: { code: 'request_unknown' }, by, attempted: 'open' });
      return err({ code: 'request_unknown' });
    }
    const { subject, access } = from.request;
    const ids = { request: chance.requestId(), decision: chance.decisionId(), grant: chance.grantId() };
    const key = { subject, resource: access.resource, requester: command.who };
    return ledger.open(
      key,
      (seen, at, crowd) => {
        const open = seen.find((c) => c.grant?.id === command.grant);
        const current = open ?? from;
        const known = mayExtend(current, command.who, at, open !== undefined);
        if (!known.ok) return known;
        const already = seen.find((c) => follows(c, current, at));
        if (already !== undefined) return ok({ kind: 'join', to: already });
        const opened = openRequest(ids, askFor(current, command, known.value), at, hashing.digestOf);
        const step = opened.ok ? admit(opened.value, crowd) : opened;
        return step.ok ? ok({ kind: 'new', step: step.value }) : step;
      },
      by,
      once,
    );
  };
}

/**
 * Theirs, and not over: who asked, whom it is for, who owns what it is for. The end it has, or why not. `isOpen`: under
 * the lock it was not marked ended; what was read before the lock may say otherwise.
 */
function mayExtend(c: AccessCase, who: Person, { policy, now }: Moment, isOpen: boolean) {
  const { subject, requester } = c.request;
  const theirs =
    samePrincipal(requester, who) ||
    samePrincipal(subject, who) ||
    (subject.kind === 'workload' && owns(policy, who.id, subject.id));
  if (!theirs || c.grant === undefined) return err({ code: 'request_unknown' } as const);
  const state = grantStateAt(c.grant, now);
  if (state === 'expired') return err({ code: 'grant_ended', how: 'over' } as const);
  if (state === 'revoked' || !isOpen) return err({ code: 'grant_ended', how: 'revoked' } as const);
  return ok(c.grant.expiresAt);
}

/** Whether this one already asks for, or has, the time from the end of that grant on. */
function follows(c: AccessCase, { request, grant }: AccessCase, { now }: Moment): boolean {
  const state = requestStateAt(c.request, now);
  const stands = state === 'pending' || (c.grant !== undefined && grantStateAt(c.grant, now) === 'active');
  return stands && c.request.notBefore === grant?.expiresAt && c.request.access.role === request.access.role;
}

function askFor({ request }: AccessCase, { who, duration, justification, door }: MoreTimeCommand, end: AccessEnd) {
  const { subject, access, actor, ticket } = request;
  return {
    subject,
    requester: who,
    ...(actor === undefined ? {} : { actor }),
    resource: access.resource,
    role: access.role,
    scopes: access.scopes,
    ...(access.details === undefined ? {} : { details: access.details }),
    duration: duration ?? request.duration,
    tooLong: 'refuse',
    notBefore: end,
    justification,
    ...(ticket === undefined ? {} : { ticket }),
    door,
  } as const;
}

type AccessEnd = NonNullable<AccessCase['grant']>['expiresAt'];
