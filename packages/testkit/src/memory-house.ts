/** Owns the whole core in memory: every use case over the in-memory house, tokens without cryptography. */
import type { StoreWorld } from './contracts/store-world.ts';
import { type MemoryWorld, type MemoryWorldOptions, memoryWorld } from './memory-world.ts';
import { type House, makeHouse } from './model/house.ts';

export interface MemoryHouse extends House {
  readonly memory: MemoryWorld;
}

/** The in-memory house as the contracts and the model see a store. */
export function asStoreWorld({ clock, policies, store, ...ports }: MemoryWorld): StoreWorld {
  return {
    ...ports,
    put: async (policy) => policies.put(policy),
    advance: async (length) => clock.advance(length),
    audit: async () => store.audit.slice(),
    outbox: async () => store.outbox.slice(),
    close: async () => {},
  };
}

/** Every use case, ready to be called; the example policy unless another is given. */
export function memoryHouse(options: MemoryWorldOptions = {}): MemoryHouse {
  const memory = memoryWorld(options);
  return { ...makeHouse(asStoreWorld(memory), memory.policies.inForce(), 'house', memory.clock), memory };
}
