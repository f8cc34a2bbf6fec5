/** Paces: how often waiting clients may ask, kept by this process alone: an early poll costs no transaction, a lost pace only forgives. */
import type { Pace } from '../domain/handle.ts';
import type { Clock } from '../ports/chance.ts';
import type { Paces } from '../ports/handles.ts';

const PACES_MAX = 100_000;

/** Keeps the paces of the `pacesMax` keys that were touched last. */
export function makePaces(clock: Clock, pacesMax: number = PACES_MAX): Paces {
  const kept = new Map<string, Pace>();
  return {
    touch: (key, judge) => {
      const poll = judge(kept.get(key), clock.now());
      kept.delete(key);
      const [oldest] = kept.keys();
      if (kept.size >= pacesMax && oldest !== undefined) kept.delete(oldest);
      kept.set(key, poll.pace);
      return poll;
    },
  };
}
