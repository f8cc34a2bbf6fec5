/** History: what is worth knowing about an ask, told by what was asked before. Facts, no judgement; pure. */
import type { AccessCase } from './case.ts';
import { grantStateAt } from './grant.ts';
import { duration, type Instant } from './instant.ts';
import { type RequestState, requestStateAt } from './request.ts';

/** What the ledger remembers around one request, bounded. */
export interface History {
  /** Requests for the same subject on the same resource that were opened before it, newest first. */
  readonly earlier: readonly AccessCase[];
  /** Cases of the same subject and resource, other than it, whose grant is not marked ended. */
  readonly live: readonly AccessCase[];
  /** When its requester asked for anything before, newest first. */
  readonly askedAt: readonly Instant[];
}

/** How many of each are read at most. */
export const HISTORY_MAX = { earlier: 30, live: 10, askedAt: 50 } as const;

export interface HistoryFacts {
  /** Nothing was asked before for this subject on this resource. */
  readonly isFirst: boolean;
  /** How often in the 30 days before; `orMore` where counting stopped. */
  readonly recently: { readonly count: number; readonly orMore: boolean };
  readonly last?: { readonly at: Instant; readonly state: RequestState };
  /** Grants that are live, or will be, at the moment of the read. */
  readonly overlapping: readonly AccessCase[];
}

const RECENT = duration(30 * 24 * 3_600_000);

/** The facts about a case that opened at `openedAt`, at the time `now`. */
export function historyFacts({ earlier, live }: History, openedAt: Instant, now: Instant): HistoryFacts {
  const recent = earlier.filter(({ request }) => openedAt - request.openedAt <= RECENT);
  const [last] = earlier;
  return {
    isFirst: last === undefined,
    recently: { count: recent.length, orMore: recent.length >= HISTORY_MAX.earlier },
    ...(last === undefined ? {} : { last: { at: last.request.openedAt, state: requestStateAt(last.request, now) } }),
    overlapping: live.filter(({ grant }) => grant !== undefined && grantStateAt(grant, now) === 'active'),
  };
}
