/** Owns a clock that goes with the real one and can be moved: Slack's side of a test lives in real time. */
import { after, type Duration, type Instant, instant } from '@sallyport/core';
import type { FixedClock } from '@sallyport/testkit/core';

export type MovableClock = FixedClock;

/** The real time, plus whatever it was moved by. */
export function movableClock(): MovableClock {
  let offsetMs = 0;
  const now = (): Instant => instant(Date.now() + offsetMs);
  return {
    now,
    set: (at) => {
      offsetMs = at - Date.now();
    },
    advance: (length: Duration) => {
      offsetMs = after(now(), length) - Date.now();
    },
  };
}
