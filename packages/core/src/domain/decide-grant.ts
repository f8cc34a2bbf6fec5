/** decideGrant: how a grant begins and how a revoke ends it. Pure; run under the row lock of its request. */
import { type Because, becauseOf } from './because.ts';
import { type AccessCase, type Outcome, stepOf } from './case.ts';
import { type Grant, grantStateAt } from './grant.ts';
import type { GrantId } from './ids.ts';
import { after, type Instant, later, shorter, wholeSecond } from './instant.ts';
import type { Moment } from './moment.ts';
import type { Role } from './policy.ts';
import type { Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { AccessRequest } from './request.ts';
import { err, ok, type Result } from './result.ts';

export interface GrantCommand extends Because {
  readonly kind: 'revoke';
  readonly by: Principal;
}

/**
 * The grant of an approved request: from approval or `notBefore`, whichever is later, for what the revision asked,
 * at most what the role allows now. Whole seconds, so that every NumericDate inside lies inside.
 */
export function startGrant(
  id: GrantId,
  request: AccessRequest,
  role: Pick<Role, 'maxDuration' | 'maxUses'>,
  now: Instant,
): Grant {
  const notBefore = later(wholeSecond(now), request.notBefore ?? wholeSecond(now));
  return {
    id,
    requestId: request.id,
    subject: request.subject,
    access: request.access,
    notBefore,
    expiresAt: wholeSecond(after(notBefore, shorter(request.duration, role.maxDuration))),
    ruleId: request.ruleId,
    ...(role.maxUses === undefined ? {} : { usesMax: role.maxUses }),
    digest: request.digest,
    status: { state: 'active' },
  };
}

/** Revokes the grant of a case. Again: unchanged. Refusals: request_unknown (no grant yet), grant_ended (its time was over). */
export function decideGrant(c: AccessCase, command: GrantCommand, { now }: Moment): Result<Outcome, Refusal> {
  if (c.grant === undefined) return err({ code: 'request_unknown' });
  switch (grantStateAt(c.grant, now)) {
    case 'revoked':
      return ok('unchanged');
    case 'expired':
      return err({ code: 'grant_ended', how: 'over' });
    case 'active':
      return ok(stepOf(c, [{ type: 'grant.revoked', at: now, by: command.by, ...becauseOf(command) }]));
  }
}
