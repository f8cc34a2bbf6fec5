/** Owns the rows of the in-memory stores, and the one way a step is written into them. */
import {
  type AccessCase,
  type Attribution,
  assertCase,
  assertStep,
  type CaseQuestion,
  type Clock,
  type DeviceAuthorization,
  type Digest,
  type DomainEvent,
  type EarlierUse,
  type GrantId,
  type Handle,
  type HandleId,
  type Instant,
  type LinkId,
  type LinkOffer,
  type Moment,
  nameOf,
  type Policy,
  type Refusal,
  type RequestId,
  type SlackLink,
  type Step,
  type TokenFacts,
  type TokenId,
} from '@sallyport/core';

/** What the trail says of words between people: that they were said. */
export type QuestionEvent = 'question.asked' | 'question.answered';

/** What the trail says of Slack accounts that people link by themselves. */
export type LinkEvent = 'slack.linked' | 'slack.unlinked' | 'slack.link_declined';

/** One row of the trail: ids, hashes and codes only, as the real one. */
export interface AuditRow {
  readonly at: Instant;
  readonly type:
    | DomainEvent['type']
    | QuestionEvent
    | LinkEvent
    | 'token.issued'
    | 'token.barred'
    | 'handle.revoked'
    | 'attempt.refused';
  readonly by: Attribution;
  readonly requestId?: RequestId;
  readonly grantId?: GrantId;
  readonly jti?: TokenId;
  readonly actor?: string;
  readonly verdict?: string;
  readonly reasonCode?: string;
  readonly digest?: Digest;
  /** The event itself, so that a test can fold the trail. */
  readonly event?: DomainEvent;
}

export interface OutboxRow {
  readonly requestId: RequestId;
  readonly version: number;
  readonly type: DomainEvent['type'] | QuestionEvent;
}

export interface StoredCase {
  readonly case: AccessCase;
  /** Order of opening. */
  readonly sequence: number;
}

export interface StoredLink {
  readonly link: SlackLink;
  /** News of it that is still to be told, and from when it may be taken. */
  readonly news?: { readonly kind: 'linked' | 'relinked'; readonly from: Instant };
}

export interface OnceRow {
  readonly bodyHash: string;
  readonly requestId: RequestId;
  readonly at: Instant;
}

/** All rows. Tests may read them; only the adapters write. */
export interface MemoryStore {
  readonly cases: Map<RequestId, StoredCase>;
  readonly byGrant: Map<GrantId, RequestId>;
  readonly tokens: Map<TokenId, TokenFacts>;
  readonly revokedTokens: Set<TokenId>;
  readonly uses: Map<string, EarlierUse>;
  readonly onceKeys: Map<string, OnceRow>;
  readonly handles: Map<HandleId, Handle>;
  readonly devices: Map<HandleId, DeviceAuthorization>;
  readonly replayKeys: Map<string, Instant>;
  readonly endedSessions: Set<string>;
  readonly questions: Map<RequestId, readonly CaseQuestion[]>;
  readonly linkOffers: Map<Digest, LinkOffer>;
  readonly links: Map<LinkId, StoredLink>;
  readonly audit: AuditRow[];
  readonly outbox: OutboxRow[];
  /** Bits of the status lists that were handed out. */
  bitsTaken: number;
  /** Who wants to know of each write. */
  readonly listeners: Set<() => void>;
  /** Tells them. */
  tell(): void;
  /** The clock and the policy in force, as one transaction reads them. */
  moment(): Moment;
  /** Lets others go first, as a network would; what follows it in an adapter runs in one piece. */
  turn(label: string): Promise<void>;
}

export interface MemoryOptions {
  readonly clock: Clock;
  readonly policy: () => Policy;
  /** Where a test wants to decide who goes first; else the next microtask. */
  readonly turn?: (label: string) => Promise<void>;
}

/** Empty rows. */
export function makeStore({ clock, policy, turn }: MemoryOptions): MemoryStore {
  const listeners = new Set<() => void>();
  return {
    bitsTaken: 0,
    listeners,
    tell: () => {
      for (const listener of listeners) listener();
    },
    cases: new Map(),
    byGrant: new Map(),
    tokens: new Map(),
    revokedTokens: new Set(),
    uses: new Map(),
    onceKeys: new Map(),
    handles: new Map(),
    devices: new Map(),
    replayKeys: new Map(),
    endedSessions: new Set(),
    questions: new Map(),
    linkOffers: new Map(),
    links: new Map(),
    audit: [],
    outbox: [],
    moment: () => ({ now: clock.now(), policy: policy() }),
    turn: turn ?? (() => Promise.resolve()),
  };
}

/** Writes one step: state, and per event one audit and one outbox row. Throws before anything is written if it breaks an invariant. */
export function writeStep(store: MemoryStore, from: AccessCase | undefined, step: Step, by: Attribution): AccessCase {
  const next = deepFreeze(assertCase(step.next));
  assertStep(from, step);
  const { id } = next.request;
  if (from === undefined && store.cases.has(id)) throw new Error('a request id twice');
  store.cases.set(id, { case: next, sequence: store.cases.get(id)?.sequence ?? store.cases.size + 1 });
  if (next.grant !== undefined) store.byGrant.set(next.grant.id, id);
  for (const event of step.events) {
    if (event.type === 'token.revoked') store.revokedTokens.add(event.jti);
    store.audit.push(auditOf(next, event, by));
    store.outbox.push({ requestId: id, version: next.version, type: event.type });
  }
  store.tell();
  return next;
}

/** Writes the audit row of a refused attempt. The same verdict again writes nothing. */
export function writeRefusal(
  store: MemoryStore,
  refusal: Refusal,
  by: Attribution,
  about: { readonly requestId?: RequestId; readonly grantId?: GrantId } = {},
): void {
  if (refusal.code === 'already_decided') return;
  store.audit.push({
    at: store.moment().now,
    type: 'attempt.refused',
    by,
    reasonCode: refusal.code,
    ...(by.principal === undefined ? {} : { actor: nameOf(by.principal) }),
    ...(by.attempting?.verdict === undefined ? {} : { verdict: by.attempting.verdict }),
    ...about,
  });
}

function auditOf(next: AccessCase, event: DomainEvent, by: Attribution): AuditRow {
  const actor = actorOf(event, by);
  return {
    at: event.at,
    type: event.type,
    by,
    requestId: next.request.id,
    ...(next.grant === undefined ? {} : { grantId: next.grant.id }),
    ...(event.type === 'token.revoked' ? { jti: event.jti } : {}),
    ...(actor === undefined ? {} : { actor }),
    ...(event.type === 'decision.made' ? { verdict: event.decision.verdict } : {}),
    digest: next.request.digest,
    event,
  };
}

function actorOf(event: DomainEvent, by: Attribution): string | undefined {
  if (event.type === 'decision.made') return `person:${event.decision.person}`;
  return by.principal === undefined ? undefined : nameOf(by.principal);
}

/** Freezes a value through and through: a caller that changes what it read fails loudly. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
