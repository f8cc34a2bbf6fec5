/** Answers by status list: which bit a token has, with the lists kept for as long as they say. */
import type { StatusReference } from '../claims.ts';
import { describe } from '../http.ts';
import type { RevocationSource, Standing } from './revocation-source.ts';
import { fetchStatusList, type StatusList, type StatusListDeps, statusAt } from './status-list.ts';

const LISTS_MAX = 64;
/** After a fetch that failed. */
const RETRY_MS = 1_000;

interface Kept {
  list?: StatusList;
  underWay?: Promise<void>;
  failed?: { readonly at: number; readonly problem: string };
}

/** A token without a status, and one whose list cannot be had, are in doubt. */
export function makeStatusLists(deps: StatusListDeps): RevocationSource {
  const lists = new Map<string, Kept>();

  async function standing({ uri, index }: StatusReference): Promise<Standing> {
    const list = await listAt(uri);
    const status = list === undefined ? undefined : statusAt(list, index);
    if (status === undefined) return 'unknown';
    return status === 0 ? 'good' : 'revoked';
  }

  async function listAt(uri: string): Promise<StatusList | undefined> {
    const kept = entryFor(uri);
    if (!isUsable(kept)) await (kept.underWay ?? refresh(uri, kept));
    return isUsable(kept) ? kept.list : undefined;
  }

  /** Never rejects. */
  function refresh(uri: string, kept: Kept): Promise<void> {
    if (kept.failed !== undefined && deps.clock.monotonicMs() - kept.failed.at < RETRY_MS) return Promise.resolve();
    kept.underWay = fetchStatusList(uri, deps)
      .then(
        (list) => {
          kept.list = list;
          delete kept.failed;
        },
        (failure: unknown) => {
          kept.failed = { at: deps.clock.monotonicMs(), problem: describe(failure) };
        },
      )
      .finally(() => {
        delete kept.underWay;
      });
    return kept.underWay;
  }

  const isUsable = ({ list }: Kept): boolean => list !== undefined && deps.clock.monotonicMs() < list.usableUntilMs;

  /** The one used longest ago makes room. */
  function entryFor(uri: string): Kept {
    const kept = lists.get(uri) ?? {};
    lists.delete(uri);
    lists.set(uri, kept);
    const [oldest] = lists.keys();
    if (lists.size > LISTS_MAX && oldest !== undefined) lists.delete(oldest);
    return kept;
  }

  return {
    start: () => {},
    caughtUp: async () => {},
    standingOf: async ({ status }) => (status === undefined ? 'unknown' : standing(status)),
    health: () => ({
      by: 'status-list',
      lists: lists.size,
      problem: [...lists.values()].find(({ failed }) => failed !== undefined)?.failed?.problem,
    }),
    close: async () => {},
  };
}
