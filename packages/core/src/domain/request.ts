/** AccessRequest: what is asked, its four final states, and the decisions of people on it. */
import type { Access } from './access.ts';
import type { Because } from './because.ts';
import type { DecisionId, Digest, PolicyVersion, RequestId } from './ids.ts';
import type { Duration, Instant } from './instant.ts';
import { spellJson } from './json.ts';
import type { ApprovalLine, ClientId, RuleId } from './policy.ts';
import { nameOf, type PersonId, type Principal } from './principal.ts';
import type { Voice } from './quorum.ts';
import type { Closing } from './refusal.ts';

export type RequestState = 'pending' | 'approved' | 'denied' | 'canceled' | 'expired';
/** The door a request came in by. */
export type Door = 'oauth' | 'rest' | 'slack';

export type RequestStatus =
  | { readonly state: 'pending' }
  /** `by` is the person whose approval filled the last place; absent when a rule approved. */
  | { readonly state: 'approved'; readonly at: Instant; readonly by?: PersonId }
  | { readonly state: 'denied'; readonly at: Instant; readonly by: PersonId; readonly reason?: string }
  | ({ readonly state: 'canceled'; readonly at: Instant; readonly by: Principal } & Because)
  | { readonly state: 'expired'; readonly at: Instant };

export interface AccessRequest {
  readonly id: RequestId;
  readonly subject: Principal;
  readonly requester: Principal;
  /** Who is to act for the subject: approved for this pair, and for nobody else. */
  readonly actor?: Principal;
  /** Who started the run that asks, where its token names them. */
  readonly startedBy?: PersonId;
  readonly access: Access;
  /** How long the grant shall last. */
  readonly duration: Duration;
  /** The grant begins here, or at approval if that is later. A whole second. */
  readonly notBefore?: Instant;
  readonly justification: string;
  readonly ticket?: string;
  /** Shown where it was asked and to those who decide, so that they can tell it is the same (CIBA `binding_message`). */
  readonly bindingMessage?: string;
  /** The policy version and rule that judged it, and the rule's lines, frozen. */
  readonly policyVersion: PolicyVersion;
  readonly ruleId: RuleId;
  readonly effect: 'auto_approve' | 'require_approval';
  readonly lines: readonly ApprovalLine[];
  readonly openedAt: Instant;
  /** End of the pending time. */
  readonly expiresAt: Instant;
  readonly door: Door;
  /** The OAuth client it came through, if it came by the token endpoint. */
  readonly clientId?: ClientId;
  /** Starts at 1; a narrowing approval makes a new one. */
  readonly revision: number;
  readonly digest: Digest;
  readonly status: RequestStatus;
}

export interface Decision {
  readonly id: DecisionId;
  readonly revision: number;
  /** Of the revision decided on, made on the server. */
  readonly digest: Digest;
  readonly person: PersonId;
  readonly verdict: 'approve' | 'deny';
  readonly reason?: string;
  /** Indexes of the lines this person could fill themselves at the click. */
  readonly lines: readonly number[];
  /** For whom it was made beside themselves: those they stood in for at the click, and which lines these could fill. */
  readonly onBehalfOf?: readonly Voice[];
  /** When they authenticated for this very approval, where the policy asked for a fresh sign-in. */
  readonly steppedUpAt?: Instant;
  readonly at: Instant;
}

/** Hashes a canonical text: lower-case hex SHA-256. Handed in, for the domain imports nothing. */
export type DigestOf = (text: string) => Digest;

/** The canonical text of what is decided on: one revision, whole, in a fixed order. Its SHA-256 is the digest. */
export function canonicalAsk(ask: Omit<AccessRequest, 'digest' | 'status'>): string {
  const { actor, startedBy, bindingMessage, access } = ask;
  const rare = { actor: actor && nameOf(actor), startedBy, bindingMessage, details: access.details?.map(spellJson) };
  // An ask without any of these is spelled as it always was: what was decided before stays decided.
  const more = Object.values(rare).some((one) => one !== undefined) ? [rare] : [];
  return JSON.stringify([
    'sallyport.ask.v1',
    ask.id,
    ask.revision,
    nameOf(ask.subject),
    nameOf(ask.requester),
    ask.access.resource,
    ask.access.role,
    ask.access.audience,
    ask.access.scopes,
    ask.duration,
    ask.notBefore ?? null,
    ask.justification,
    ask.ticket ?? null,
    ...more,
  ]);
}

/** The state now: a pending request past its time is expired, whether or not anybody wrote it down. */
export function requestStateAt(request: AccessRequest, now: Instant): RequestState {
  return request.status.state === 'pending' && now >= request.expiresAt ? 'expired' : request.status.state;
}

/** How it closed, or undefined while it is pending and in time. */
export function closingOf(request: AccessRequest, now: Instant): Closing | undefined {
  const { status } = request;
  switch (status.state) {
    case 'pending':
      return now >= request.expiresAt ? { state: 'expired', at: request.expiresAt } : undefined;
    case 'approved':
      return {
        state: 'approved',
        at: status.at,
        ...(status.by === undefined ? {} : { by: { kind: 'person', id: status.by } }),
      };
    case 'denied':
      return { state: 'denied', at: status.at, by: { kind: 'person', id: status.by } };
    case 'canceled':
      return { state: 'canceled', at: status.at, by: status.by };
    case 'expired':
      return { state: 'expired', at: status.at };
  }
}
