/** Owns the leaf: the canonical bytes of one audit row. Ids, hashes and codes; what is stored is what was hashed. */
import {
  type Attribution,
  type DecisionId,
  type Digest,
  type DomainEvent,
  type GrantId,
  type Instant,
  nameOf,
  type PolicyVersion,
  type RequestId,
  type TokenFacts,
  type TokenId,
} from '@sallyport/core';
import { canonicalJson } from '../canonical-json.ts';
import type { LaneMark } from '../lanes.ts';
import { timeText } from '../statement.ts';
import { hashedEvent, hashedToken } from './hashed-text.ts';

/** Says how the members of a leaf are to be read. A change of their meaning is a new number. */
export const LEAF_SCHEMA = 1;

/** What happened, before it has its place in a lane. */
export interface LeafDraft {
  /** `request.opened`, `token.issued`, `attempt.refused`, `policy.loaded`, … */
  readonly type: string;
  readonly at: Instant;
  readonly by: Attribution;
  readonly requestId?: RequestId | undefined;
  /** The case's version after the step. */
  readonly version?: number | undefined;
  readonly revision?: number | undefined;
  readonly digest?: Digest | undefined;
  readonly decisionId?: DecisionId | undefined;
  readonly grantId?: GrantId | undefined;
  readonly jti?: TokenId | undefined;
  readonly verdict?: 'approve' | 'deny' | undefined;
  /** What a refused attempt tried. */
  readonly attempted?: string | undefined;
  readonly reasonCode?: string | undefined;
  readonly why?: string | undefined;
  readonly policyVersion?: PolicyVersion | undefined;
  readonly oldState?: string | undefined;
  readonly newState?: string | undefined;
  /** Further facts: codes, hashes, counts. Never free text. */
  readonly facts?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly event?: DomainEvent | undefined;
  readonly token?: TokenFacts | undefined;
}

/** A leaf as it is written: snake_case, times as RFC 3339, members without a value left out. */
export interface Leaf {
  readonly v: number;
  readonly instance: string;
  readonly lane: string;
  readonly counter: number;
  /** On the first row of a lane: the lane that ended in doubt before it, and its last sure number. */
  readonly follows?: LaneMark | undefined;
  readonly type: string;
  readonly at: string;
  readonly door: string;
  readonly trace_id: string;
  readonly actor?: string | undefined;
  readonly external?: string | undefined;
  readonly client_id?: string | undefined;
  readonly address?: string | undefined;
  readonly request_id?: string | undefined;
  readonly version?: number | undefined;
  readonly revision?: number | undefined;
  readonly digest?: string | undefined;
  readonly decision_id?: string | undefined;
  readonly grant_id?: string | undefined;
  readonly jti?: string | undefined;
  readonly verdict?: string | undefined;
  readonly attempted?: string | undefined;
  readonly reason_code?: string | undefined;
  readonly why?: string | undefined;
  readonly policy_version?: string | undefined;
  readonly old_state?: string | undefined;
  readonly new_state?: string | undefined;
  readonly facts?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** The domain event in the domain's own spelling, free text hashed: what a fold reads. */
  readonly event?: DomainEvent | undefined;
  readonly token?: TokenFacts | undefined;
}

/** Where a leaf stands. */
export interface LeafPlace {
  readonly instance: string;
  readonly lane: string;
  readonly counter: number;
  readonly follows?: LaneMark;
}

/** The leaf of what happened, at its place in a lane. */
export function leafOf(draft: LeafDraft, place: LeafPlace): Leaf {
  const { by } = draft;
  return {
    v: LEAF_SCHEMA,
    ...place,
    type: draft.type,
    at: timeText(draft.at),
    door: by.door,
    trace_id: by.traceId,
    actor: actorOf(draft),
    external: by.external,
    client_id: by.clientId,
    address: by.address,
    request_id: draft.requestId,
    version: draft.version,
    revision: draft.revision,
    digest: draft.digest,
    decision_id: draft.decisionId,
    grant_id: draft.grantId,
    jti: draft.jti,
    verdict: draft.verdict,
    attempted: draft.attempted,
    reason_code: draft.reasonCode,
    why: draft.why,
    policy_version: draft.policyVersion,
    old_state: draft.oldState,
    new_state: draft.newState,
    facts: draft.facts,
    event: draft.event === undefined ? undefined : hashedEvent(draft.event),
    token: draft.token === undefined ? undefined : hashedToken(draft.token),
  };
}

/** Who did it: the person who decided, else the principal, else, for a token, its subject. */
function actorOf({ by, event, token }: LeafDraft): string | undefined {
  if (event?.type === 'decision.made') return `person:${event.decision.person}`;
  if (by.principal !== undefined) return nameOf(by.principal);
  return token === undefined ? undefined : nameOf(token.subject);
}

/** The text whose UTF-8 bytes are hashed and stored. */
export function leafText(leaf: Leaf): string {
  return canonicalJson(leaf);
}

/** Reads stored bytes. Undefined when they are not a leaf of a schema we know. */
export function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const leaf = value as Partial<Leaf>;
  const known =
    leaf.v === LEAF_SCHEMA &&
    typeof leaf.lane === 'string' &&
    typeof leaf.type === 'string' &&
    typeof leaf.at === 'string' &&
    Number.isSafeInteger(leaf.counter);
  return known ? (leaf as Leaf) : undefined;
}
