/** Owns the tiny model: what was asked, said and given so far, and its own rules for who may have what now. */
import type { GrantId, Principal, RequestId, ResourceId, RoleId, Scope, TokenId } from '@sallyport/core';
import {
  exists,
  isOwner,
  isResourceThere,
  isRuled,
  type LineKind,
  mayAskFor,
  roleIn,
  type Say,
  type SmallPolicy,
  START,
  says,
  spoken,
} from './small-policy.ts';

export interface ModelVoice {
  readonly verdict: 'approve' | 'deny';
  readonly says: readonly Say[];
}

export interface ModelGrant {
  readonly id: GrantId;
  readonly begins: number;
  readonly ends: number;
  revoked: boolean;
  given: number;
  readonly usesMax?: number;
}

export interface ModelRequest {
  readonly id: RequestId;
  readonly subject: Principal;
  readonly requester: Principal;
  readonly resource: ResourceId;
  readonly role: RoleId;
  scopes: readonly Scope[];
  lengthMs: number;
  readonly lines: readonly LineKind[];
  readonly auto: boolean;
  /** End of the pending time. */
  readonly until: number;
  revision: number;
  /** Of the revision in force. */
  voices: Map<string, ModelVoice>;
  closed: 'approved' | 'denied' | 'canceled' | undefined;
  grant: ModelGrant | undefined;
  version: number;
  /** Time's notice was written: on the pending request, on the grant. */
  swept: boolean;
}

export interface ModelToken {
  readonly jti: TokenId;
  readonly text: string;
  readonly request: ModelRequest;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number;
  revoked: boolean;
}

export interface ModelHandle {
  readonly code: string;
  readonly request: ModelRequest;
  readonly scopes: readonly Scope[];
  readonly subject: Principal;
  /** Whether its own exchange opened the request. */
  madeRequest: boolean;
  readonly ends: number;
  readonly subjectUse?: string;
  revoked: boolean;
}

/** What gave a token once: a single-use subject token for one target. */
export interface ModelUse {
  readonly token: ModelToken;
  readonly fingerprint: string;
  readonly at: number;
}

export interface Model {
  policy: SmallPolicy;
  readonly requests: ModelRequest[];
  readonly tokens: ModelToken[];
  readonly handles: ModelHandle[];
  /** By subject token and target, and by handle. */
  readonly uses: Map<string, ModelUse>;
  /** By grant, of one-shot ones. */
  readonly shots: Map<GrantId, ModelUse>;
  /** Submission keys: body and the request it made. */
  readonly keys: Map<string, { readonly body: string; readonly id: RequestId }>;
}

/** Nothing asked yet. */
export function newModel(): Model {
  return {
    policy: START,
    requests: [],
    tokens: [],
    handles: [],
    uses: new Map(),
    shots: new Map(),
    keys: new Map(),
  };
}

/** Whether a request can still be decided. */
export function isOpen(r: ModelRequest, now: number): boolean {
  return r.closed === undefined && now < r.until;
}

/** Whether the policy in force lets this access be had. */
export function isAllowed(p: SmallPolicy, r: ModelRequest): boolean {
  const role = roleIn(p, r.role);
  return (
    isResourceThere(p, r.resource) &&
    r.scopes.every((scope) => role.scopes.includes(scope)) &&
    exists(p, r.requester) &&
    mayAskFor(p, r.requester, r.subject) &&
    isRuled(p, r.subject, role) &&
    (role.auto || !r.auto)
  );
}

/** Whether tokens may come of a request now: granted, begun, not over, not revoked, still allowed. */
export function isLive(m: Model, r: ModelRequest, now: number): boolean {
  const { grant } = r;
  if (grant === undefined || grant.revoked || now < grant.begins) return false;
  const ends = Math.min(grant.ends, grant.begins + roleIn(m.policy, r.role).minutesMax * 60_000);
  return now < ends && isAllowed(m.policy, r);
}

/** How many tokens its grant may give: by what was approved, and by the policy in force. */
export function usesMaxOf(m: Model, r: ModelRequest): number {
  const now = roleIn(m.policy, r.role).usesMax ?? Number.POSITIVE_INFINITY;
  return Math.min(r.grant?.usesMax ?? Number.POSITIVE_INFINITY, now);
}

/** Whether its grant has a token left to give. */
export function isUnspent(m: Model, r: ModelRequest): boolean {
  return (r.grant?.given ?? 0) < usesMaxOf(m, r);
}

export function isGood(m: Model, token: ModelToken, now: number): boolean {
  return !token.revoked && now < token.expiresAt && m.policy.clientEnabled && isLive(m, token.request, now);
}

/** Whether the people who approved this revision fill all its lines, each once. */
export function isQuorate(r: ModelRequest): boolean {
  const approvals = [...r.voices.values()].filter((voice) => voice.verdict === 'approve');
  // Whoever is first heard as somebody says how far that voice reaches; one that reached elsewhere later is not heard as them.
  const reach = new Map<string, string>();
  const heard = approvals.map((voice) =>
    voice.says.filter(({ as, lines }) => {
      if (!reach.has(as)) reach.set(as, lines.join());
      return reach.get(as) === lines.join();
    }),
  );
  return spoken(r.lines.length, heard);
}

/** Who sees a request: asked, asked for, owner, or could decide it. */
export function maySee(p: SmallPolicy, r: ModelRequest, id: string, now: number): boolean {
  if ([r.subject, r.requester].some((own) => own.kind === 'person' && own.id === id)) return true;
  if (r.subject.kind === 'workload' && p.deployEnabled && isOwner(p, id)) return true;
  return says(p, r.lines, id, r, now).length > 0;
}

/** One of a list, counted from its end and round: 0 is the latest. */
export function pick<T>(all: readonly T[], index: number): T {
  const found = all[all.length - 1 - (index % all.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

export function covers(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.length > 0 && wanted.every((scope) => held.includes(scope));
}
