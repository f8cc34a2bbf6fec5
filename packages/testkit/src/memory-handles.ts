/** Owns handles and their pace in memory. */
import type { Handles, Paces } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** Handles over these rows. A handle's pace is kept under `handle:<id>`. */
export function memoryHandles(store: MemoryStore): Handles {
  return {
    put: async (handle, pace) => {
      await store.turn('handles.put');
      if (store.handles.has(handle.id)) throw new Error('a handle twice');
      if (!store.cases.has(handle.requestId)) throw new Error('a handle on a request that is not there');
      store.handles.set(handle.id, handle);
      store.paces.set(`handle:${handle.id}`, pace);
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
    revoke: async (id, by) => {
      await store.turn('handles.revoke');
      const handle = store.handles.get(id);
      if (handle === undefined || handle.revoked) return;
      store.handles.set(id, { ...handle, revoked: true });
      store.audit.push({ at: store.moment().now, type: 'handle.revoked', by, requestId: handle.requestId });
    },
  };
}

/** Paces over these rows. */
export function memoryPaces(store: MemoryStore): Paces {
  return {
    touch: async (key, judge) => {
      await store.turn('paces.touch');
      const poll = judge(store.paces.get(key), store.moment().now);
      store.paces.set(key, poll.pace);
      return poll;
    },
  };
}
