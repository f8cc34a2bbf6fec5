/** One who follows the feed: first what was told before, page by page, then what the reader hears; in order, without a gap, nothing twice. */
import type { FeedPosition, ResourceId, Revocations } from '@sallyport/core';
import { makeInbox } from './inbox.ts';
import type { Batch, RevocationReader } from './reader.ts';

export interface Following {
  /**
   * The next batch of what is wanted; empty: nothing came in `waitMs`, and all that was committed until then is known.
   * Undefined once it has ended. Throws what the store throws.
   */
  next(waitMs: number): Promise<Batch | undefined>;
  close(): void;
}

export interface FollowOptions {
  readonly reader: RevocationReader;
  readonly revocations: Revocations;
  readonly after: FeedPosition | undefined;
  /** Asked anew each time: who follows may lose the right to a resource. */
  readonly resources: () => readonly ResourceId[];
  /** Ends it early, once it has told what there is. */
  readonly signal: AbortSignal;
  /** It does not take what it gets, and was closed: who follows has to begin again from where they stand. */
  readonly onLag: () => void;
}

const PAGE_MAX = 250;

/** Begins to follow. */
export async function follow(options: FollowOptions): Promise<Following> {
  const { reader, revocations, resources, signal } = options;
  const inbox = makeInbox(() => {
    close();
    options.onLag();
  });
  const { from, leave } = await reader.join(inbox.put);
  signal.addEventListener('abort', inbox.wake);
  let position = options.after;
  let isBehind = position !== from;
  let isOver = false;

  /** What was told before it joined. */
  async function catchUp(): Promise<Batch> {
    const after = position === undefined ? {} : { after: position };
    const page = await revocations.read({ ...after, upTo: from, resources: resources(), limitMax: PAGE_MAX });
    position = page.next;
    isBehind = page.more;
    return page;
  }

  function takeHeard(): Batch | undefined {
    const batch = inbox.take();
    if (batch === undefined) return undefined;
    position = batch.next;
    const wanted = new Set(resources());
    return { next: batch.next, items: batch.items.filter(({ revocation }) => wanted.has(revocation.resource)) };
  }

  async function hearOne(waitMs: number): Promise<Batch | undefined> {
    const endMs = performance.now() + waitMs;
    for (;;) {
      const batch = isBehind ? await catchUp() : takeHeard();
      if (batch !== undefined && batch.items.length > 0) return batch;
      if (batch !== undefined) continue;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0 || isOver || signal.aborted) return undefined;
      await inbox.wait(leftMs);
    }
  }

  function close(): void {
    isOver = true;
    signal.removeEventListener('abort', inbox.wake);
    leave();
    inbox.wake();
  }

  return {
    async next(waitMs) {
      if (isOver) return undefined;
      const batch = await hearOne(waitMs);
      if (batch !== undefined) return batch;
      // Who waited has to know that nothing was missed; who did not has joined after a look.
      if (waitMs > 0 && !isOver) await reader.look();
      isOver ||= signal.aborted;
      return (await hearOne(0)) ?? { items: [], next: position ?? from };
    },
    close,
  };
}
