/** cancelRequest: the requester takes the ask back. */
import { decideRequest } from '../domain/decide-request.ts';
import type { RequestId } from '../domain/ids.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Hashing } from '../ports/chance.ts';
import type { Ledger, OnceKey, Written } from '../ports/ledger.ts';

export interface CancelRequestDeps {
  readonly ledger: Ledger;
  readonly hashing: Hashing;
}

export type CancelRequest = (
  id: RequestId,
  who: Principal,
  by: Attribution,
  once?: OnceKey,
) => Promise<Result<Written, Refusal>>;

/** Builds the use case. Refusals: request_unknown (also for everybody but the requester), request_closed. */
export function makeCancelRequest({ ledger, hashing }: CancelRequestDeps): CancelRequest {
  return (id, who, by, once) =>
    ledger.transact(
      id,
      (c, at) => decideRequest(c, { kind: 'cancel', by: who }, at, hashing.digestOf),
      { ...by, attempting: { what: 'cancel' } },
      once,
    );
}
