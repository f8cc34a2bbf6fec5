/** Owns the looking at how many have approved so far: a courtesy of the REST door, which is given up at the first no. */
import { parseRequestId } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import { makeBrokerClient } from '../broker-client.ts';
import type { BrokerAddress } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';
import type { RequestView } from '../views.ts';

export type Approvals = RequestView['approvals'];

/** Looks once. @returns what is known by now, also from an earlier look */
export type LookAtApprovals = (requestId: string | undefined) => Promise<Approvals | undefined>;

/** @param token the subject token that asked; its time may be over long before the wait is */
export function makeApprovals(
  broker: BrokerAddress,
  token: () => Secret<string> | undefined,
  means: Pick<Surroundings, 'sleep'> & { readonly signal: AbortSignal },
): LookAtApprovals {
  let known: Approvals | undefined;
  let refused = false;
  return async (requestId) => {
    const id = parseRequestId(requestId ?? '');
    const bearer = token();
    if (refused || id === undefined || bearer === undefined) return known;
    const read = await makeBrokerClient({ ...broker, token: () => bearer }, means).awaitChange(id, undefined, 0);
    if (read.ok) known = read.value?.view.approvals ?? known;
    else refused = read.error.retryAfterSeconds === undefined;
    return known;
  };
}
