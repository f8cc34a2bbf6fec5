/** Owns places in the status lists, in memory: one after the other, for nobody has to be kept from guessing. */
import { after, type EndedPlaces, placeOf, type StatusPlaces, statusAt, VERIFIERS_LEEWAY_MAX } from '@sallyport/core';
import { memoryRevocationRows } from './memory-revocations.ts';
import type { MemoryStore } from './memory-store.ts';

/** Places over these rows. */
export function memoryStatuses(store: MemoryStore): StatusPlaces {
  return {
    take: async () => {
      await store.turn('statuses.take');
      store.placesTaken += 1;
      return statusAt(store.placesTaken - 1);
    },
  };
}

/** Which places are over. */
export function memoryEndedPlaces(store: MemoryStore): EndedPlaces {
  return {
    look: async () => {
      await store.turn('endedPlaces.look');
      const { now } = store.moment();
      const ended = new Set(
        memoryRevocationRows(store).flatMap(({ what }) =>
          [...store.tokens.values()]
            .filter(({ jti, grantId }) => (what.kind === 'token' ? jti === what.jti : grantId === what.grantId))
            .filter((token) => now < after(token.expiresAt, VERIFIERS_LEEWAY_MAX))
            .flatMap(({ status }) => (status === undefined ? [] : [placeOf(status)])),
        ),
      );
      const lists = store.placesTaken === 0 ? 0 : statusAt(store.placesTaken - 1).list + 1;
      return { at: now, lists, ended: [...ended].map(statusAt) };
    },
  };
}
