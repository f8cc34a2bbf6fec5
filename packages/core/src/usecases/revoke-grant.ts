/** revokeGrant: "End now": whoever can read a grant may end it. Less access needs less proof. */
import { decideGrant } from '../domain/decide-grant.ts';
import type { GrantId, RequestId } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, type Result } from '../domain/result.ts';
import { mayRead } from '../domain/visibility.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Ledger, OnceKey, Written } from '../ports/ledger.ts';

export type RevokeGrant = (
  which: { readonly grant: GrantId } | { readonly request: RequestId },
  who: Principal,
  by: Attribution,
  once?: OnceKey,
) => Promise<Result<Written, Refusal>>;

/** Builds the use case. Again: unchanged. Refusals: request_unknown, grant_ended (time was over), replayed. */
export function makeRevokeGrant({ ledger }: { readonly ledger: Ledger }): RevokeGrant {
  return async (which, who, by, once) => {
    const id = 'request' in which ? which.request : await readable(ledger, which.grant, who, by);
    if (id === undefined) return err({ code: 'request_unknown' });
    return ledger.transact(
      id,
      (c, at) =>
        mayRead(at, c, who) ? decideGrant(c, { kind: 'revoke', by: who }, at) : err({ code: 'request_unknown' }),
      { ...by, attempting: { what: 'revoke' } },
      once,
    );
  };
}

/** The request of a grant they may read. One that is not theirs costs what one that is not there costs. */
async function readable(
  ledger: Ledger,
  grant: GrantId,
  who: Principal,
  by: Attribution,
): Promise<RequestId | undefined> {
  const seen = await ledger.findByGrant(grant);
  if (seen !== undefined && mayRead(seen.at, seen.value, who)) return seen.value.request.id;
  const about = seen === undefined ? {} : { requestId: seen.value.request.id, grantId: grant };
  await ledger.note({ refusal: { code: 'request_unknown' }, by, attempted: 'revoke', ...about });
  return undefined;
}
