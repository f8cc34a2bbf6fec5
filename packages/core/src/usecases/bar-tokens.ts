/** barTokens: after a change of the policy, tells which live tokens it no longer allows, for those who only verify them. */
import { isBarred } from '../domain/revocation.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { LiveTokens } from '../ports/live-tokens.ts';

export type BarTokens = (by: Attribution) => Promise<number>;

/** Bounds one transaction, and how long a process thinks without a pause. */
const PAGE_MAX = 250;

/** Builds the use case: looks at every live token once. Returns how many it barred. Run again: changes nothing more. */
export function makeBarTokens({ liveTokens }: { readonly liveTokens: LiveTokens }): BarTokens {
  return async (by) => {
    let barred = 0;
    let cursor: string | undefined;
    do {
      const { value, at } = await liveTokens.page({ limit: PAGE_MAX, ...(cursor === undefined ? {} : { cursor }) });
      const found = value.items.filter((live) => isBarred(live.token, live.case, at.policy));
      if (found.length > 0) barred += await liveTokens.bar({ value: found, at }, by);
      cursor = value.nextCursor;
    } while (cursor !== undefined);
    return barred;
  };
}
