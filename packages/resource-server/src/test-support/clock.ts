/** A clock that a test moves: real time plus what was added. */
import type { Clock } from '../clock.ts';

export interface MovedClock extends Clock {
  /** Both clocks go on by so much. */
  advance(seconds: number): void;
  /** Only what time it is changes, as when somebody sets the machine's clock. */
  jump(seconds: number): void;
}

export function makeMovedClock(): MovedClock {
  let [passedMs, jumpedMs] = [0, 0];
  return {
    nowMs: () => Date.now() + passedMs + jumpedMs,
    monotonicMs: () => performance.now() + passedMs,
    advance(seconds) {
      passedMs += seconds * 1_000;
    },
    jump(seconds) {
      jumpedMs += seconds * 1_000;
    },
  };
}
