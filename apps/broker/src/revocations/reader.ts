/** The one reader of the feed in this process: looks when told and every second while anybody listens, and tells all of them. */
import type { FeedPosition, RevocationPage, Revocations, Told } from '@sallyport/core';

/** What one look found: nothing of it may be kept for longer than needed, all listeners share it. */
export interface Batch {
  readonly items: readonly Told[];
  /** Where a reader stands after it. */
  readonly next: FeedPosition;
}

export interface RevocationReader {
  /** Sees everything that was committed before the call. Throws what the store throws. */
  look(): Promise<void>;
  /** Hears of everything after the position it returns, which is past all that was committed before the call. */
  join(hear: (batch: Batch) => void): Promise<{ readonly from: FeedPosition; leave(): void }>;
  /** Something was committed. */
  wake(): void;
  close(): void;
}

export interface ReaderDeps {
  readonly revocations: Revocations;
  /** Called when a look failed that nobody waits for, once until one succeeds. */
  readonly onBehind: (thrown: unknown) => void;
}

/** What a wake-up that got lost costs. */
const LOOK_EVERY_MS = 1_000;
const PAGE_MAX = 250;

/** The reader of one process. */
export function makeRevocationReader({ revocations, onBehind }: ReaderDeps): RevocationReader {
  const listeners = new Set<(batch: Batch) => void>();
  let position: FeedPosition | undefined;
  let running: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  let isBehind = false;
  const regularly = setInterval(lookIfHeard, LOOK_EVERY_MS);
  regularly.unref();

  /** One look at a time; who asks during one gets the next, which begins after the question. */
  function look(): Promise<void> {
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        running = lookNow();
        return running;
      });
    return queued;
  }

  /** With nobody there nothing has to be read, only passed. Who comes in meanwhile hears from where they came in. */
  async function lookNow(): Promise<void> {
    const tip = listeners.size === 0 ? await revocations.tip() : undefined;
    if (tip !== undefined && listeners.size === 0) position = tip;
    else await readOn();
    isBehind = false;
  }

  async function readOn(): Promise<void> {
    for (let more = true; more; ) {
      const page: RevocationPage = await revocations.read({
        limitMax: PAGE_MAX,
        ...(position === undefined ? {} : { after: position }),
      });
      position = page.next;
      more = page.more;
      for (const hear of listeners) hear(page);
    }
  }

  function lookIfHeard(): void {
    if (listeners.size === 0) return;
    look().catch((thrown: unknown) => {
      if (!isBehind) onBehind(thrown);
      isBehind = true;
    });
  }

  return {
    look,
    async join(hear) {
      await look();
      if (position === undefined) throw new Error('a look leaves a position');
      listeners.add(hear);
      return { from: position, leave: () => listeners.delete(hear) };
    },
    wake: lookIfHeard,
    close: () => clearInterval(regularly),
  };
}
