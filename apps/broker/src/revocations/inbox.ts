/** What one follower has heard and not yet taken: bounded, for whoever does not take it must not make us keep it. */
import type { Batch } from './reader.ts';

export interface Inbox {
  put(batch: Batch): void;
  take(): Batch | undefined;
  /** Returns when something was put, when it is woken, or after so long. */
  wait(ms: number): Promise<void>;
  wake(): void;
}

/** Batches are shared by all who wait for them; this bounds what a slow one keeps alive. */
const ITEMS_MAX = 10_000;

/** An empty one. `onFull`: it took nothing for too long, and is empty again. */
export function makeInbox(onFull: () => void): Inbox {
  let batches: Batch[] = [];
  let items = 0;
  let wake = (): void => undefined;

  return {
    put(batch) {
      if (batch.items.length === 0) return;
      items += batch.items.length;
      batches.push(batch);
      if (items > ITEMS_MAX) {
        [batches, items] = [[], 0];
        onFull();
      }
      wake();
    },
    take() {
      const batch = batches.shift();
      items -= batch?.items.length ?? 0;
      return batch;
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => wake(),
  };
}
