/** Waiting that grows with every failure, and ends early when there is nothing to wait for any more. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Backoff {
  /** How long to wait now, in milliseconds: between half and all of a step that doubles. */
  nextMs(): number;
  reset(): void;
}

/** `random`: 0 to 1, so that many waiters do not come back at once. */
export function makeBackoff(firstMs: number, lastMs: number, random: () => number = Math.random): Backoff {
  let stepMs = firstMs;
  return {
    nextMs() {
      const waitMs = stepMs * (0.5 + random() / 2);
      stepMs = Math.min(stepMs * 2, lastMs);
      return waitMs;
    },
    reset() {
      stepMs = firstMs;
    },
  };
}

/** Waits; ends at once, without an error, when the signal says so. Keeps no process alive. */
export async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(waitMs, undefined, { signal, ref: false });
  } catch {
    // Aborted: whoever waits looks at the signal.
  }
}
