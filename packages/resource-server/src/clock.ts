/** The two clocks: what time it is, and how much of it has passed. */

export interface Clock {
  /** Milliseconds since 1970, by this machine. Compared with what is in tokens. */
  nowMs(): number;
  /** Milliseconds of a clock that never jumps. Ages are measured with it. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
