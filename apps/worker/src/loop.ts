/** A loop that runs again after a pause or when nudged, one run at a time, until it is stopped; a failed run is logged and tried again. */
import type { Logger } from '@sallyport/platform';

export interface Loop {
  /** Runs again at once, or once more after the run in progress. */
  nudge(): void;
  /** Ends the loop and waits for the run in progress. */
  stop(): Promise<void>;
}

/** Starts a loop; the first run is at once. `everyMs` is the pause between runs. */
export function startLoop(name: string, everyMs: number, run: () => Promise<void>, logger: Logger): Loop {
  let stopped = false;
  let nudged = false;
  let wake = (): void => undefined;

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const ended = (async () => {
    while (!stopped) {
      nudged = false;
      await run().catch((err: unknown) => logger.warn('loop.failed', { part: name, err }));
      if (!nudged && !stopped) await pause();
    }
  })();

  return {
    nudge() {
      nudged = true;
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      await ended;
    },
  };
}
