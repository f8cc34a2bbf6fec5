/** Grant: what an approved request gave, and whether it is live now. */
import type { Access } from './access.ts';
import type { Because } from './because.ts';
import type { Digest, GrantId, RequestId } from './ids.ts';
import type { Instant } from './instant.ts';
import type { RuleId } from './policy.ts';
import type { Principal } from './principal.ts';

export type GrantStatus =
  | { readonly state: 'active' }
  | ({ readonly state: 'revoked'; readonly at: Instant; readonly by: Principal } & Because)
  | { readonly state: 'expired'; readonly at: Instant };

export interface Grant {
  readonly id: GrantId;
  readonly requestId: RequestId;
  readonly subject: Principal;
  readonly access: Access;
  /** Whole seconds: every NumericDate inside them lies inside the grant. */
  readonly notBefore: Instant;
  readonly expiresAt: Instant;
  readonly ruleId: RuleId;
  /** How many tokens it gives, frozen when it began; absent: as many as time allows. */
  readonly usesMax?: number;
  /** Of the revision it came from. */
  readonly digest: Digest;
  readonly status: GrantStatus;
}

export type GrantState = GrantStatus['state'];

/** The state now: an active grant past its end is expired, whether or not anybody wrote it down. */
export function grantStateAt(grant: Grant, now: Instant): GrantState {
  return grant.status.state === 'active' && now >= grant.expiresAt ? 'expired' : grant.status.state;
}

/** Whether tokens may come of it now. */
export function isLive(grant: Grant, now: Instant): boolean {
  return grantStateAt(grant, now) === 'active' && now >= grant.notBefore;
}

/** Approved, but its beginning lies ahead. */
export function startsLater(grant: Grant, now: Instant): boolean {
  return grantStateAt(grant, now) === 'active' && now < grant.notBefore;
}
