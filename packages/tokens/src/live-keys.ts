/** The keys in force: one holder that signer, verifier and JWKS document all ask, each time anew. */
import { type Instant, ok, type Result } from '@sallyport/core';
import type { KeySet } from './key-set.ts';
import { beginReign, type MissingKey, sameKeys, succeed, type WaitingKey } from './key-succession.ts';

/** Whoever signs, verifies or publishes asks this, and keeps no set of its own. */
export interface KeysInForce {
  current(): KeySet;
}

/** What became of a set that was asked for. */
export interface Followed {
  /** Whether other keys are published or sign than before. */
  readonly changed: boolean;
  /** Keys the set puts first that are not yet published long enough: until then the ones before sign. */
  readonly waiting: readonly WaitingKey[];
  /** Keys the set leaves out that may still verify live tokens: they stay published from memory. */
  readonly missing: readonly MissingKey[];
}

export interface LiveKeys extends KeysInForce {
  /**
   * Puts a set in force as far as that is safe now; ask again with the same set as time goes on.
   * @returns what became of it, or why it is refused: then nothing changed.
   */
  follow(wanted: KeySet, now: Instant): Result<Followed, readonly string[]>;
}

/** Keys that never change, for whoever holds them only a moment. */
export function fixedKeys(set: KeySet): KeysInForce {
  return { current: () => set };
}

/** Begins with the set a process starts on. */
export function makeLiveKeys(first: KeySet, now: Instant): LiveKeys {
  let reign = beginReign(first, now);
  return {
    current: () => reign.set,
    follow(wanted, at) {
      const next = succeed(reign, wanted, at);
      if (!next.ok) return next;
      const changed = !sameKeys(reign.set, next.value.set);
      reign = next.value;
      return ok({ changed, waiting: next.value.waiting, missing: next.value.missing });
    },
  };
}
