/** deactivatePerson: somebody's account is gone, so what they asked for ends with it. What they decided stands. */
import type { AccessCase } from '../domain/case.ts';
import { decideGrant } from '../domain/decide-grant.ts';
import { decideRequest } from '../domain/decide-request.ts';
import { grantStateAt } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import { type Person, samePrincipal } from '../domain/principal.ts';
import { requestStateAt } from '../domain/request.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Hashing } from '../ports/chance.ts';
import type { Ledger } from '../ports/ledger.ts';

export interface DeactivatePersonDeps {
  readonly ledger: Pick<Ledger, 'mine' | 'transact'>;
  readonly hashing: Hashing;
}

/** How many of each were ended by this call. */
export interface Deactivated {
  readonly canceled: number;
  readonly revoked: number;
}

export type DeactivatePerson = (who: Person, by: Attribution) => Promise<Deactivated>;

const PAGE = 200;
const BECAUSE = 'account_deactivated';

/**
 * Builds the use case: cancels the pending requests this person made, revokes the grants that are theirs or that they
 * asked for. Each is judged again under its lock, so calling it again ends nothing twice.
 */
export function makeDeactivatePerson({ ledger, hashing }: DeactivatePersonDeps): DeactivatePerson {
  const end = async (
    c: AccessCase,
    now: Instant,
    who: Person,
    by: Attribution,
  ): Promise<'canceled' | 'revoked' | undefined> => {
    const { request, grant } = c;
    const pending = requestStateAt(request, now) === 'pending' && samePrincipal(request.requester, who);
    const live = grant !== undefined && grantStateAt(grant, now) === 'active';
    if (!pending && !live) return undefined;
    const ended = await ledger.transact(
      request.id,
      // Approved in between: then it is the grant that ends.
      (found, at) =>
        found.grant === undefined
          ? decideRequest(found, { kind: 'cancel', by: who, because: BECAUSE }, at, hashing.digestOf)
          : decideGrant(found, { kind: 'revoke', by: who, because: BECAUSE }, at),
      by,
    );
    if (!ended.ok || !ended.value.changed) return undefined;
    return ended.value.case.grant === undefined ? 'canceled' : 'revoked';
  };
  return async (who, by) => {
    const done = { canceled: 0, revoked: 0 };
    let cursor: string | undefined;
    do {
      const { value, at } = await ledger.mine([who], { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const c of value.items) {
        const what = await end(c, at.now, who, by);
        if (what !== undefined) done[what] += 1;
      }
      cursor = value.nextCursor;
    } while (cursor !== undefined);
    return done;
  };
}
