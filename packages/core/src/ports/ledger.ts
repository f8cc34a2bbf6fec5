/** Ledger: the one door for writing cases, and the reads that judge them. Postgres and the in-memory ledger keep the same contract. */
import type { ResourceId } from '../domain/access.ts';
import type { AccessCase, Outcome, Step } from '../domain/case.ts';
import type { Crowd } from '../domain/crowd.ts';
import type { Digest, GrantId, RequestId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';
import type { EarlierUse } from '../domain/lost-answer.ts';
import type { Moment } from '../domain/moment.ts';
import type { PersonId, Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { Attribution } from './attribution.ts';

/** A value, and the moment it was read: the database's clock and the policy in force, in the same read. */
export interface Seen<T> {
  readonly value: T;
  readonly at: Moment;
}

/** Decides under the row lock: synchronous and pure; may be run again after a serialization failure. */
export type DecideCase = (c: AccessCase, at: Moment) => Result<Outcome, Refusal>;

/** What an ask becomes when the cases of its subject and resource are looked at under their lock. */
export type Opening =
  | { readonly kind: 'join'; readonly to: AccessCase }
  | { readonly kind: 'new'; readonly step: Step };
/** `crowd`: what the requester has asked of people so far, counted under a lock of theirs. */
export type DecideOpening = (seen: readonly AccessCase[], at: Moment, crowd: Crowd) => Result<Opening, Refusal>;

/** Whose lock an opening holds: (subject, resource), and the requester; the subject where none is said. */
export interface OpeningKey {
  readonly subject: Principal;
  readonly resource: ResourceId;
  readonly requester?: Principal;
}

/** What makes a delivery or submission happen once, kept 24 h. */
export interface OnceKey {
  /** Who may repeat it, e.g. `rest:person:alice@acme.test`, `slack.view`, `slack.action`. */
  readonly scope: string;
  readonly key: string;
  /** Hex SHA-256 of what was sent. */
  readonly bodyHash: string;
}

/** What a write left behind. */
export interface Written {
  readonly case: AccessCase;
  readonly at: Moment;
  /** False when it joined, repeated, or changed nothing. */
  readonly changed: boolean;
}

/** A refused attempt that reaches no case, or reaches one without its lock. */
export interface RefusedAttempt {
  readonly refusal: Refusal;
  readonly by: Attribution;
  /** What was tried, one stable word: `decide`, `exchange`, `introspect`, `open`, … */
  readonly attempted: string;
  readonly requestId?: RequestId;
  readonly grantId?: GrantId;
}

export interface Page {
  readonly limit: number;
  readonly cursor?: string;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** Looks up a one-time use along with the cases; see Issuances. */
export interface CoveringQuery {
  readonly subject: Principal;
  readonly resource: ResourceId;
  readonly requestId?: RequestId;
  readonly useKeys: readonly string[];
}

export interface Covering {
  /** Pending, and approved with a grant not marked ended; and the one named by id, whatever its state, if it is theirs. */
  readonly cases: readonly AccessCase[];
  /** The earlier use of the first of `useKeys` that was used. */
  readonly earlier?: EarlierUse & { readonly key: string };
}

/** Folded rows of a request's trail, oldest first; ids, hashes and codes only. */
export interface TrailRow {
  readonly at: Instant;
  readonly type: string;
  readonly actor?: string;
  readonly verdict?: string;
  readonly reasonCode?: string;
  readonly digest?: Digest;
}

/** What a grant was used for so far: how many tokens, and by whose client the last. */
export interface GrantUse {
  readonly tokens: number;
  readonly last?: { readonly at: Instant; readonly clientId: string };
}

export interface Ledger {
  /**
   * Opens a request, or joins or repeats one. Holds the advisory locks of (subject, resource) and of the requester.
   * A known once-key with the same body answers the request it made; with another body: key_reused.
   * An account that is not its principal's any more (`Attribution.account`): identity_rejected.
   * `decide` sees that subject's cases on that resource that are pending or whose grant is not marked ended.
   */
  open(key: OpeningKey, decide: DecideOpening, by: Attribution, once?: OnceKey): Promise<Result<Written, Refusal>>;
  /**
   * Changes one case under its row lock, with the database's clock read after the lock is held.
   * Refusals: request_unknown, replayed (a known once-key), identity_rejected (the account is not theirs any more), and whatever `decide` refuses; each leaves one audit row of
   * the attempt, except already_decided, which writes nothing.
   */
  transact(id: RequestId, decide: DecideCase, by: Attribution, once?: OnceKey): Promise<Result<Written, Refusal>>;
  /** Closes up to `limitMax` due cases in one set-based transaction. Returns how many it closed, and the lateness of the latest, in ms. */
  sweep(limitMax: number): Promise<{ readonly closed: number; readonly latenessMs: number }>;
  note(attempt: RefusedAttempt): Promise<void>;
  find(id: RequestId): Promise<Seen<AccessCase> | undefined>;
  /** The versions of these requests now, as a hint where to look again. Unknown ones are left out. */
  versions(ids: readonly RequestId[]): Promise<ReadonlyMap<RequestId, number>>;
  findByGrant(id: GrantId): Promise<Seen<AccessCase> | undefined>;
  covering(query: CoveringQuery): Promise<Seen<Covering>>;
  /** Requests whose requester or subject is one of these principals, newest first. */
  mine(principals: readonly Principal[], page: Page): Promise<Seen<Listed<AccessCase>>>;
  /** Likewise, only those that have a grant, by the grant's beginning as a case. */
  granted(principals: readonly Principal[], page: Page): Promise<Seen<Listed<AccessCase>>>;
  /** Requests a person decided on, in any revision, newest first. */
  decidedBy(person: PersonId, page: Page): Promise<Seen<Listed<AccessCase>>>;
  /** Pending requests in time, newest first: the pool from which "waiting for me" is computed. */
  pending(limitMax: number): Promise<Seen<readonly AccessCase[]>>;
  trail(id: RequestId): Promise<readonly TrailRow[]>;
  /** What a requester has asked of people, as `open` counts it. */
  crowdOf(requester: Principal): Promise<Crowd>;
  /** To be shown, nothing is decided by it. */
  uses(id: GrantId): Promise<GrantUse>;
}
