/** issue: which token a live grant allows, now. The last word before signing; never more than the grant, never past its end. */
import { coversExtent, type Extent, type ResourceId, type RoleId, type Scope, scopeSet } from './access.ts';
import type { AccessCase } from './case.ts';
import type { Actors } from './delegation.ts';
import { type Detail, detailSet } from './details.ts';
import { type Grant, grantStateAt, isLive } from './grant.ts';
import type { GrantId, RequestId, TokenId } from './ids.ts';
import {
  after,
  type Duration,
  earlier,
  type Instant,
  instant,
  numericDate,
  seconds,
  shorter,
  wholeSecond,
} from './instant.ts';
import type { Moment } from './moment.ts';
import { type ClientId, clientById, isInForce, type Policy } from './policy.ts';
import { type Principal, parsePrincipal, samePrincipal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import { err, ok, type Result } from './result.ts';
import { type Allowance, stillAllowed } from './still-allowed.ts';
import type { TokenStatus } from './token-status.ts';

/** Everything a token of ours says, but for our issuer name and key. */
export interface TokenFacts {
  readonly jti: TokenId;
  /** There: a federation token, for systems that know audience and subject only. Else an access token. */
  readonly federation?: { readonly target: ResourceId; readonly role: RoleId };
  readonly subject: Principal;
  readonly actors?: Actors;
  readonly audience: string;
  readonly clientId: ClientId;
  readonly scopes: readonly Scope[];
  readonly details?: readonly Detail[];
  /** Thumbprint of the key that whoever shows it must prove (RFC 7638, RFC 9449). */
  readonly jkt?: string;
  /** Where the status lists say whether it is over; access tokens only. */
  readonly status?: TokenStatus;
  readonly grantId: GrantId;
  readonly requestId: RequestId;
  /** Whole seconds. */
  readonly issuedAt: Instant;
  /** Whole seconds. */
  readonly expiresAt: Instant;
}

/** What a token is asked to be, beside what the grant says. */
export interface TokenShape {
  readonly kind: 'access' | 'federation';
  /** Who acts for the subject; whether they may was checked where they came in. */
  readonly actors?: Actors;
  /** Of the key that was proved with the ask. */
  readonly jkt?: string;
  /** It came of a token that ends then: the new one does not outlive it. */
  readonly notAfter?: Instant;
}

export interface TokenAsk extends Extent {
  readonly jti: TokenId;
  readonly clientId: ClientId;
  readonly subject: Principal;
  readonly shape: TokenShape;
}

/** A federation token is swapped at once for what the other system gives. */
const FEDERATION_TTL_MAX: Duration = seconds(300);

/**
 * Computes the token a case allows now.
 * Refusals: client_rejected (no longer there), request_unknown, approval_required (no grant), grant_ended,
 * scope_not_covered, policy_forbids, proof_required, actor_token_rejected, malformed (no federation token from a bound resource).
 */
export function issue(c: AccessCase, ask: TokenAsk, at: Moment): Result<TokenFacts, Refusal> {
  const live = liveGrant(c, at);
  if (!live.ok) return clientById(at.policy, ask.clientId) === undefined ? rejectedClient() : live;
  const { grant, allowance } = live.value;
  const fits = fitsShape(ask, allowance, at.policy);
  if (!fits.ok) return fits;
  if (!samePrincipal(grant.subject, ask.subject)) return err({ code: 'request_unknown' });
  if (!coversExtent(grant.access, ask)) return err({ code: 'scope_not_covered' });
  const { kind, actors, jkt, notAfter } = ask.shape;
  const { ttl } = allowance.resource.token;
  const life = kind === 'federation' ? shorter(ttl, FEDERATION_TTL_MAX) : ttl;
  const issuedAt = wholeSecond(at.now);
  const end = earlier(endOf(grant, allowance), notAfter ?? grant.expiresAt);
  const expiresAt = wholeSecond(earlier(after(issuedAt, life), end));
  if (numericDate(expiresAt) <= numericDate(issuedAt)) return err({ code: 'grant_ended', how: 'over' });
  return ok({
    jti: ask.jti,
    ...(kind === 'access' ? {} : { federation: { target: grant.access.resource, role: grant.access.role } }),
    subject: grant.subject,
    ...(actors === undefined ? {} : { actors }),
    audience: grant.access.audience,
    clientId: ask.clientId,
    scopes: scopeSet(ask.scopes),
    ...(ask.details === undefined ? {} : { details: detailSet(ask.details) }),
    ...(jkt === undefined ? {} : { jkt }),
    grantId: grant.id,
    requestId: c.request.id,
    issuedAt,
    expiresAt,
  });
}

/** Client and actor still there, and a key proved where one must be. */
function fitsShape({ clientId, shape }: TokenAsk, { resource }: Allowance, policy: Policy): Result<void, Refusal> {
  const client = clientById(policy, clientId);
  if (client === undefined) return rejectedClient();
  if (!actorInForce(shape.actors, policy)) return err({ code: 'actor_token_rejected', why: 'not_in_directory' });
  const bound = resource.token.dpop === 'required';
  if (shape.kind === 'federation' && bound) {
    return err({ code: 'malformed', what: 'this resource takes bound tokens only, and a federation token is none' });
  }
  return shape.jkt === undefined && (bound || client.requireDpop) ? err({ code: 'proof_required' }) : ok(undefined);
}

function rejectedClient(): Result<never, Refusal> {
  return err({ code: 'client_rejected', usedBasic: false });
}

/** The current actor, if it is one of ours, is still in force; older ones decide nothing. */
function actorInForce(actors: Actors | undefined, policy: Policy): boolean {
  const current = actors?.[0];
  if (current === undefined || current.iss !== undefined) return true;
  const principal = parsePrincipal(current.sub);
  return principal !== undefined && isInForce(policy, principal);
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
  if (!live.ok) return false;
  const { grant, allowance } = live.value;
  return coversExtent(grant.access, token) && fitsShape(asIssued(token), allowance, at.policy).ok;
}

/** What it would have to be asked as, to come out as it is. */
function asIssued({ federation, actors, jkt, ...token }: TokenFacts): TokenAsk {
  return {
    ...token,
    shape: {
      kind: federation === undefined ? 'access' : 'federation',
      ...(actors === undefined ? {} : { actors }),
      ...(jkt === undefined ? {} : { jkt }),
    },
  };
}
