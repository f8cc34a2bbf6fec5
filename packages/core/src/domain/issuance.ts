/** issue: which token a live grant allows, now. The last word before signing; never more than the grant, never past its end. */
import { coversScopes, type Scope, scopeSet } from './access.ts';
import type { AccessCase } from './case.ts';
import { type Grant, grantStateAt, isLive } from './grant.ts';
import type { GrantId, RequestId, TokenId } from './ids.ts';
import { after, earlier, type Instant, instant, numericDate, wholeSecond } from './instant.ts';
import type { Moment } from './moment.ts';
import { type ClientId, clientById } from './policy.ts';
import { type Principal, samePrincipal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import { err, ok, type Result } from './result.ts';
import { type Allowance, stillAllowed } from './still-allowed.ts';

/** Everything an access token says, but for our issuer name and key. */
export interface TokenFacts {
  readonly jti: TokenId;
  readonly subject: Principal;
  readonly audience: string;
  readonly clientId: ClientId;
  readonly scopes: readonly Scope[];
  readonly grantId: GrantId;
  readonly requestId: RequestId;
  /** Whole seconds. */
  readonly issuedAt: Instant;
  /** Whole seconds. */
  readonly expiresAt: Instant;
}

export interface TokenAsk {
  readonly jti: TokenId;
  readonly clientId: ClientId;
  readonly subject: Principal;
  readonly scopes: readonly Scope[];
}

/**
 * Computes the token a case allows now.
 * Refusals: client_rejected (no longer there), request_unknown, approval_required (no grant), grant_ended,
 * scope_not_covered, policy_forbids.
 */
export function issue(c: AccessCase, ask: TokenAsk, at: Moment): Result<TokenFacts, Refusal> {
  if (clientById(at.policy, ask.clientId) === undefined) return err({ code: 'client_rejected', usedBasic: false });
  const live = liveGrant(c, at);
  if (!live.ok) return live;
  const { grant, allowance } = live.value;
  if (!samePrincipal(grant.subject, ask.subject)) return err({ code: 'request_unknown' });
  if (!coversScopes(grant.access.scopes, ask.scopes)) return err({ code: 'scope_not_covered' });
  const issuedAt = wholeSecond(at.now);
  const expiresAt = wholeSecond(earlier(after(issuedAt, allowance.resource.token.ttl), endOf(grant, allowance)));
  if (numericDate(expiresAt) <= numericDate(issuedAt)) return err({ code: 'grant_ended', how: 'over' });
  return ok({
    jti: ask.jti,
    subject: grant.subject,
    audience: grant.access.audience,
    clientId: ask.clientId,
    scopes: scopeSet(ask.scopes),
    grantId: grant.id,
    requestId: c.request.id,
    issuedAt,
    expiresAt,
  });
}

/** Whether a grant is live now and the policy in force still allows it. Refusals: approval_required, grant_ended, policy_forbids. */
export function liveGrant(
  c: AccessCase,
  { now, policy }: Moment,
): Result<{ readonly grant: Grant; readonly allowance: Allowance }, Refusal> {
  const { grant } = c;
  if (grant === undefined) return err({ code: 'approval_required' });
  const state = grantStateAt(grant, now);
  if (state !== 'active') return err({ code: 'grant_ended', how: state === 'revoked' ? 'revoked' : 'over' });
  const allowance = stillAllowed(policy, c.request);
  if (!allowance.ok) return allowance;
  if (now >= endOf(grant, allowance.value)) return err({ code: 'grant_ended', how: 'over' });
  if (!isLive(grant, now)) return err({ code: 'approval_required' });
  return ok({ grant, allowance: allowance.value });
}

/** A role whose maximum shrank ends its grants sooner; one that grew gives nobody more. */
function endOf(grant: Grant, { role }: Allowance): Instant {
  return earlier(grant.expiresAt, instant(grant.notBefore + role.maxDuration));
}

/** Whether an issued token is still good: its time, its grant, itself not revoked, and the policy still allowing all of it. */
export function isTokenLive(token: TokenFacts & { readonly revoked: boolean }, c: AccessCase, at: Moment): boolean {
  if (token.revoked || at.now >= token.expiresAt) return false;
  const live = liveGrant(c, at);
  if (!live.ok || clientById(at.policy, token.clientId) === undefined) return false;
  return coversScopes(live.value.grant.access.scopes, token.scopes);
}
