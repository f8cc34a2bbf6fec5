/** Sees to it that every set of keys put in force gets its row in the trail, also when the store is away at that moment. */
import type { Logger } from '@sallyport/platform';
import type { KeySet } from '@sallyport/tokens';

/** The type of the row. */
export const KEYS_IN_FORCE = 'keys.in_force';

/** `due` remembers the newest set, `write` tries to note it; a failure is said once and tried again with the next write. */
export function makeKeyTrail(note: (set: KeySet) => Promise<void>, logger: Logger) {
  let pending: KeySet | undefined;
  let failing = false;
  return {
    due(set: KeySet): void {
      pending = set;
    },
    async write(): Promise<void> {
      const writing = pending;
      if (writing === undefined) return;
      try {
        await note(writing);
        failing = false;
        if (pending === writing) pending = undefined;
      } catch (thrown) {
        if (!failing) logger.warn('keys.not_noted', { err: thrown });
        failing = true;
      }
    },
  };
}

/** What the row says: which keys sign, which are published. Kids only. */
export function keyFacts({ signing, published, revoked }: KeySet): Readonly<Record<string, string | number>> {
  return {
    es256: signing.ES256.kid,
    ...(signing.RS256 === undefined ? {} : { rs256: signing.RS256.kid }),
    published: published.map((key) => key.kid).join(' '),
    taken_back: revoked.length,
  };
}
