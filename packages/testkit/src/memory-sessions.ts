/** Owns ended sessions in memory. */
import type { Sessions } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** Sessions over these rows. */
export function memorySessions(store: MemoryStore): Sessions {
  return {
    end: async (id) => {
      await store.turn('sessions.end');
      store.endedSessions.add(id);
    },
    isEnded: async (id) => {
      await store.turn('sessions.isEnded');
      return store.endedSessions.has(id);
    },
  };
}
