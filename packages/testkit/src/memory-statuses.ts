/** Owns bits in the status lists, in memory: one after the other, for nobody has to be kept from guessing. */
import { after, bitNumber, type EndedBits, type StatusBits, statusAt, VERIFIERS_LEEWAY_MAX } from '@sallyport/core';
import { memoryRevocationRows } from './memory-revocations.ts';
import type { MemoryStore } from './memory-store.ts';

/** Bits over these rows. */
export function memoryStatuses(store: MemoryStore): StatusBits {
  return {
    take: async () => {
      await store.turn('statuses.take');
      store.bitsTaken += 1;
      return statusAt(store.bitsTaken - 1);
    },
  };
}

/** Which bits are over. */
export function memoryEndedBits(store: MemoryStore): EndedBits {
  return {
    look: async () => {
      await store.turn('endedBits.look');
      const { now } = store.moment();
      const ended = new Set(
        memoryRevocationRows(store).flatMap(({ what }) =>
          [...store.tokens.values()]
            .filter(({ jti, grantId }) => (what.kind === 'token' ? jti === what.jti : grantId === what.grantId))
            .filter((token) => now < after(token.expiresAt, VERIFIERS_LEEWAY_MAX))
            .flatMap(({ status }) => (status === undefined ? [] : [bitNumber(status)])),
        ),
      );
      const lists = store.bitsTaken === 0 ? 0 : statusAt(store.bitsTaken - 1).list + 1;
      return { at: now, lists, ended: [...ended].map(statusAt) };
    },
  };
}
