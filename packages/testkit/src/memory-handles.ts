/** Owns handles in memory. */
import type { Handles } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** Handles over these rows. */
export function memoryHandles(store: MemoryStore): Handles {
  return {
    put: async (handle) => {
      await store.turn('handles.put');
      if (store.handles.has(handle.id)) throw new Error('a handle twice');
      if (!store.cases.has(handle.requestId)) throw new Error('a handle on a request that is not there');
      store.handles.set(handle.id, handle);
    },
    find: async (id) => {
      await store.turn('handles.find');
      const handle = store.handles.get(id);
      const stored = handle === undefined ? undefined : store.cases.get(handle.requestId);
      if (handle === undefined || stored === undefined) return undefined;
      const redeemed = store.uses.get(`handle:${id}`);
      const gave = [...store.tokens.values()].some((token) => token.requestId === handle.requestId);
      return {
        value: {
          handle,
          case: stored.case,
          grantGaveTokens: gave,
          ...(redeemed === undefined ? {} : { redeemed }),
        },
        at: store.moment(),
      };
    },
    pin: async (id, jkt) => {
      await store.turn('handles.pin');
      const handle = store.handles.get(id);
      if (handle === undefined) throw new Error('a handle that is not there cannot be bound');
      const bound = handle.jkt ?? jkt;
      store.handles.set(id, { ...handle, jkt: bound });
      return bound;
    },
    revoke: async (id, by) => {
      await store.turn('handles.revoke');
      const handle = store.handles.get(id);
      if (handle === undefined || handle.revoked) return;
      store.handles.set(id, { ...handle, revoked: true });
      store.audit.push({ at: store.moment().now, type: 'handle.revoked', by, requestId: handle.requestId });
    },
  };
}
