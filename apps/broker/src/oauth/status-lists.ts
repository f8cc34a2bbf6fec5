/** The status lists of this process: made when asked for, at most every two seconds, and never from what the store did not just say. */
import type { EndedBits, Instant } from '@sallyport/core';
import { type SignStatusList, STATUS_LIST_TTL } from '@sallyport/tokens';

export interface StatusListAnswer {
  readonly jwt: string;
  /** How long it may still be gone by. */
  readonly ttlSeconds: number;
}

/** A list as it is now; undefined: there is no such list. Throws what the store throws. */
export type StatusLists = (list: number) => Promise<StatusListAnswer | undefined>;

export interface StatusListsDeps {
  readonly endedBits: EndedBits;
  readonly sign: SignStatusList;
  readonly monotonicMs: () => number;
}

/** All lists are looked at together: it is one read, whatever is asked for. */
interface Look {
  readonly at: Instant;
  readonly readAtMs: number;
  readonly lists: number;
  readonly ended: ReadonlyMap<number, readonly number[]>;
  readonly signed: Map<number, Promise<string>>;
}

const LOOK_EVERY_MS = 2_000;
/** Signed lists of one look. */
const SIGNED_MAX = 64;

/** The lists over this store. */
export function makeStatusLists({ endedBits, sign, monotonicMs }: StatusListsDeps): StatusLists {
  let last: Look | undefined;
  let looking: Promise<Look> | undefined;

  function look(): Promise<Look> {
    if (last !== undefined && monotonicMs() - last.readAtMs < LOOK_EVERY_MS) return Promise.resolve(last);
    looking ??= lookNow().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookNow(): Promise<Look> {
    const readAtMs = monotonicMs();
    const { at, lists, ended } = await endedBits.look();
    const byList = new Map<number, number[]>();
    for (const { list, index } of ended) {
      const indexes = byList.get(list) ?? [];
      indexes.push(index);
      byList.set(list, indexes);
    }
    last = { at, readAtMs, lists, ended: byList, signed: new Map() };
    return last;
  }

  return async (list) => {
    const seen = await look();
    if (list >= seen.lists) return undefined;
    const jwt = seen.signed.get(list) ?? sign({ list, ended: seen.ended.get(list) ?? [], at: seen.at });
    if (seen.signed.size < SIGNED_MAX) seen.signed.set(list, jwt);
    const ageMs = monotonicMs() - seen.readAtMs;
    return { jwt: await jwt, ttlSeconds: Math.max(0, Math.floor((STATUS_LIST_TTL - ageMs) / 1_000)) };
  };
}
