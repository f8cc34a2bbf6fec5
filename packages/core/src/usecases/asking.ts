/** Asking: from a target and a wish to the case that answers it, joined or opened under the lock of subject and resource. */
import type { Extent } from '../domain/access.ts';
import { type Answer, answer, type ExchangeAsk } from '../domain/answer.ts';
import type { AccessCase } from '../domain/case.ts';
import { admit } from '../domain/crowd.ts';
import type { Duration } from '../domain/instant.ts';
import type { Moment } from '../domain/moment.ts';
import { openRequest } from '../domain/open-request.ts';
import { type ClientId, type Policy, type Resource, resourceByAudience, resourceById } from '../domain/policy.ts';
import type { PersonId } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { DecideOpening, Ledger, Seen } from '../ports/ledger.ts';
import type { SingleUse } from './shown-tokens.ts';

/** What a new request says beside the access. */
export interface Wish {
  readonly clientId: ClientId;
  readonly reason?: string;
  /** Clamped to the role's maximum. */
  readonly requestedDuration?: Duration;
  readonly bindingMessage?: string;
  /** Shortens the pending time. */
  readonly pendingMax?: Duration;
  readonly startedBy?: PersonId;
}

export interface AskingDeps {
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly hashing: Hashing;
}

/** The case an ask comes to. */
export interface Found {
  readonly on: Seen<AccessCase>;
  readonly extent: Extent;
  /** Whether this very ask made the request. */
  readonly madeRequest: boolean;
  /** Issue from it now, or wait for it. */
  readonly kind: 'issue' | 'wait';
}

/** A refusal whose audit row the ledger has written already. */
export type Noted = (refusal: Refusal) => void;

/** The one enabled resource all targets name, by audience URI or id; RFC 8693 section 2.1. */
export function targetOf(policy: Policy, targets: readonly string[]): Resource | undefined {
  const named = new Set(targets.map((target) => resourceByAudience(policy, target) ?? resourceById(policy, target)));
  const [only] = named;
  return named.size === 1 ? only : undefined;
}

/** The use keys of a single-use token for a target: what one issuance uses up. */
export function usesOf(hashing: Hashing, once: SingleUse | undefined, resource: Resource): readonly string[] {
  return once === undefined ? [] : [`subject:${hashing.digestOf(JSON.stringify([...once, resource.id]))}`];
}

/** What the cases say to an ask; `answer`, unless the caller knows more about them. */
export type Answering = (cases: readonly AccessCase[], at: Moment) => Result<Answer, Refusal>;

/** For `ledger.open`: look again, join what is there, else open. */
export function opening(deps: AskingDeps, ask: ExchangeAsk, wish: Wish, answering: Answering): DecideOpening {
  const ids = { request: deps.chance.requestId(), decision: deps.chance.decisionId(), grant: deps.chance.grantId() };
  return (cases, at, crowd) => {
    const found = answering(cases, at);
    if (!found.ok) return found;
    if (found.value.kind === 'issue') return ok({ kind: 'join', to: found.value.from });
    if (found.value.kind === 'wait') return ok({ kind: 'join', to: found.value.on });
    const { role, extent } = found.value;
    const { clientId, reason, requestedDuration, ...told } = wish;
    const asked = {
      subject: ask.subject,
      requester: ask.subject,
      ...(ask.acting === undefined ? {} : { actor: ask.acting.actor }),
      resource: ask.resource.id,
      role: role.id,
      ...extent,
      ...(requestedDuration === undefined ? {} : { duration: requestedDuration }),
      tooLong: 'clamp',
      justification: reason ?? '',
      ...told,
      door: 'oauth',
      clientId,
    } as const;
    const opened = openRequest(ids, asked, at, deps.hashing.digestOf);
    const step = opened.ok ? admit(opened.value, crowd) : opened;
    return step.ok ? ok({ kind: 'new', step: step.value }) : step;
  };
}

/**
 * Finds what answers an ask of somebody who waits with a handle, or opens it: a live grant, a pending request, a new one.
 * Undefined when the policy is no longer the one the ask was read by: read it again. Refusals: those of `answer` and `openRequest`, too_many.
 */
export async function findOrOpen(
  deps: AskingDeps,
  ask: ExchangeAsk,
  wish: Wish,
  policy: Policy,
  by: Attribution,
  noted: Noted,
): Promise<Result<Found, Refusal> | undefined> {
  const seen = await deps.ledger.covering({ subject: ask.subject, resource: ask.resource.id, useKeys: [] });
  if (seen.at.policy.version !== policy.version) return undefined;
  const found = answer(seen.value.cases, ask, seen.at);
  if (!found.ok) return found;
  const { kind, extent } = found.value;
  if (found.value.kind === 'issue')
    return ok({ kind: 'issue', on: { value: found.value.from, at: seen.at }, extent, madeRequest: false });
  if (found.value.kind === 'wait')
    return ok({ kind: 'wait', on: { value: found.value.on, at: seen.at }, extent, madeRequest: false });
  const key = { subject: ask.subject, resource: ask.resource.id };
  const decide = opening(deps, ask, wish, (cases, at) => answer(cases, ask, at));
  const opened = await deps.ledger.open(key, decide, by);
  if (!opened.ok) {
    noted(opened.error);
    return err(opened.error);
  }
  const { case: c, at, changed } = opened.value;
  return ok({ kind: kind === 'open' ? 'wait' : kind, on: { value: c, at }, extent, madeRequest: changed });
}
