/** Owns what is good once, in memory. */
import type { ReplayGuard } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** A replay guard over these rows. */
export function memoryReplayGuard(store: MemoryStore): ReplayGuard {
  return {
    first: async ({ key, until }) => {
      await store.turn('replayGuard.first');
      if (store.replayKeys.has(key)) return false;
      store.replayKeys.set(key, until);
      return true;
    },
  };
}
