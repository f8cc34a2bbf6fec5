/** AccessCase: a request with its decisions and its at most one grant; the unit of locking. A step is the fold of its events. */
import { becauseOf } from './because.ts';
import type { DomainEvent } from './events.ts';
import type { Grant } from './grant.ts';
import type { AccessRequest, Decision } from './request.ts';

export interface AccessCase {
  /** Counts steps: 1 when opened, one more with each transition. */
  readonly version: number;
  readonly request: AccessRequest;
  /** At most one per person and revision; those of older revisions are void. */
  readonly decisions: readonly Decision[];
  readonly grant?: Grant;
}

/** No silent transition: at least one event, and `next` is nothing but their fold. */
export interface Step {
  readonly next: AccessCase;
  readonly events: readonly [DomainEvent, ...DomainEvent[]];
}

/** What a command does: a step, or nothing, because what it wants is already so. */
export type Outcome = Step | 'unchanged';

/** Takes a case one step on by its events; the version rises by one, however many they are. */
export function stepOf(from: AccessCase | undefined, events: readonly [DomainEvent, ...DomainEvent[]]): Step {
  const next = events.reduce(applyEvent, from);
  if (next === undefined) throw new Error('a case begins with request.opened');
  return { next: { ...next, version: (from?.version ?? 0) + 1 }, events };
}

/** Folds one event into a case; does not touch the version. Throws on an event that cannot follow: a bug. */
export function applyEvent(from: AccessCase | undefined, event: DomainEvent): AccessCase {
  if (event.type === 'request.opened') {
    if (from !== undefined) throw new Error('request.opened on a case that exists');
    return { version: 0, request: event.request, decisions: [] };
  }
  if (from === undefined) throw new Error(`${event.type} without a case`);
  switch (event.type) {
    case 'request.narrowed':
      return withRequest(from, {
        revision: event.revision,
        digest: event.digest,
        access: event.access,
        duration: event.duration,
      });
    case 'decision.made':
      return {
        ...from,
        decisions: [...from.decisions.filter((old) => !sameVoice(old, event.decision)), event.decision],
      };
    case 'request.approved':
      return withRequest(from, {
        status: { state: 'approved', at: event.at, ...(event.by === undefined ? {} : { by: event.by }) },
      });
    case 'request.denied':
      return withRequest(from, {
        status: {
          state: 'denied',
          at: event.at,
          by: event.by,
          ...(event.reason === undefined ? {} : { reason: event.reason }),
        },
      });
    case 'request.canceled':
      return withRequest(from, { status: { state: 'canceled', at: event.at, by: event.by, ...becauseOf(event) } });
    case 'request.expired':
      return withRequest(from, { status: { state: 'expired', at: event.at } });
    case 'grant.started':
      return { ...from, grant: event.grant };
    case 'grant.revoked':
      return {
        ...from,
        grant: { ...grantOf(from), status: { state: 'revoked', at: event.at, by: event.by, ...becauseOf(event) } },
      };
    case 'grant.expired':
      return { ...from, grant: { ...grantOf(from), status: { state: 'expired', at: event.at } } };
    case 'token.revoked':
      return from;
  }
}

/** The decisions that count: those on the revision in force. */
export function decisionsInForce(c: AccessCase): readonly Decision[] {
  return c.decisions.filter((decision) => decision.revision === c.request.revision);
}

function withRequest(from: AccessCase, change: Partial<AccessRequest>): AccessCase {
  return { ...from, request: { ...from.request, ...change } };
}

function grantOf(from: AccessCase): Grant {
  if (from.grant === undefined) throw new Error('a grant event without a grant');
  return from.grant;
}

function sameVoice(a: Decision, b: Decision): boolean {
  return a.person === b.person && a.revision === b.revision;
}
