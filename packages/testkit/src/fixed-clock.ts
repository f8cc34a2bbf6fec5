/** Owns time and chance in tests: a clock that is set by hand, ids from a seed, and the real SHA-256. */
import { createHash } from 'node:crypto';
import {
  after,
  type Chance,
  type Clock,
  type Duration,
  type Hashing,
  type Instant,
  instant,
  makeChance,
  makeHashing,
} from '@sallyport/core';

/** A Tuesday at noon; 250 ms past the second, so that nothing passes by being on a whole one. */
export const NOON: Instant = instant(Date.UTC(2026, 8, 15, 12, 0, 0, 250));

export interface FixedClock extends Clock {
  /** Jumps to an instant, also backwards. */
  set(at: Instant): void;
  advance(length: Duration): void;
}

/** A clock that stands still until it is told to move. */
export function fixedClock(start: Instant = NOON): FixedClock {
  let now = start;
  return {
    now: () => now,
    set: (at) => {
      now = at;
    },
    advance: (length) => {
      now = after(now, length);
    },
  };
}

/** Ids and handles that are the same in every run with the same seed. Never two alike from one chance. */
export function seededChance(seed: string | number = 1): Chance {
  let count = 0;
  const next = (): Buffer => createHash('sha256').update(`${seed}:${count++}`).digest();
  return makeChance({
    bytes: (length) => next().subarray(0, length),
    token: (length) => next().subarray(0, length).toString('base64url'),
  });
}

/** The real SHA-256: a fake one would hide that two different texts must differ. */
export const sha256Hashing: Hashing = makeHashing((text) => createHash('sha256').update(text).digest('hex'));
