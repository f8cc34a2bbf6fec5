/** Changes: who waits for a request hears of the next one: by a wake-up, which may be lost, and by asking for all of them at once, which may not. */
import type { RequestId } from '@sallyport/core';

/** Waits for "request X changed", at most so long; a missed wake-up only costs the rest of the wait. */
export interface Wakes {
  wait(requestId: RequestId, ms: number, signal: AbortSignal): Promise<void>;
}

export interface Changes {
  /** Returns when the request is no longer at this version, when `ms` are over, when `gone` aborts, or when the program drains. May return early. */
  wait(id: RequestId, version: number, ms: number, gone: AbortSignal): Promise<void>;
  close(): void;
}

export interface ChangesDeps {
  readonly wakes: Wakes;
  /** The versions of these requests now; one read for all. */
  readonly versions: (ids: readonly RequestId[]) => Promise<ReadonlyMap<RequestId, number>>;
  /** Aborted when the program drains. */
  readonly draining: AbortSignal;
}

/** What a lost wake-up costs at most. */
const LOOK_EVERY_MS = 2_000;
/** Those who began to wait at the same time are looked after together. */
const LOOK_SOON_MS = 5;
const IDS_MAX = 5_000;

interface Waiter {
  readonly version: number;
  readonly go: () => void;
}

/** The changes one process waits for. */
export function makeChanges({ wakes, versions, draining }: ChangesDeps): Changes {
  const waiting = new Map<RequestId, Set<Waiter>>();
  const fresh = new Set<RequestId>();
  let soon: NodeJS.Timeout | undefined;
  const regularly = setInterval(() => void look([...waiting.keys()]), LOOK_EVERY_MS);
  regularly.unref();
  draining.addEventListener('abort', letAllGo, { once: true });

  function letAllGo(): void {
    for (const group of waiting.values()) for (const { go } of group) go();
  }

  /** A store that is away is no news: the next look tells. */
  async function look(ids: readonly RequestId[]): Promise<void> {
    for (let from = 0; from < ids.length; from += IDS_MAX) {
      const found = await versions(ids.slice(from, from + IDS_MAX)).catch(() => new Map<RequestId, number>());
      for (const [id, version] of found)
        for (const waiter of waiting.get(id) ?? []) if (waiter.version !== version) waiter.go();
    }
  }

  /** It may have changed between the caller's read and the wait. */
  function lookSoon(id: RequestId): void {
    fresh.add(id);
    soon ??= setTimeout(() => {
      soon = undefined;
      const ids = [...fresh];
      fresh.clear();
      void look(ids);
    }, LOOK_SOON_MS);
  }

  return {
    async wait(id, version, ms, gone) {
      if (gone.aborted || draining.aborted) return;
      const done = new AbortController();
      const go = () => done.abort();
      const waiter = { version, go };
      const group = waiting.get(id) ?? new Set();
      waiting.set(id, group.add(waiter));
      lookSoon(id);
      gone.addEventListener('abort', go);
      try {
        await wakes.wait(id, ms, done.signal);
      } finally {
        gone.removeEventListener('abort', go);
        group.delete(waiter);
        if (group.size === 0) waiting.delete(id);
      }
    },
    close() {
      clearInterval(regularly);
      clearTimeout(soon);
      draining.removeEventListener('abort', letAllGo);
    },
  };
}
