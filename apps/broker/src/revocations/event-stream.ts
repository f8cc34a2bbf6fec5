/** The feed as server-sent events (HTML Living Standard, section 9.2): each revocation with where to go on from, and signs of life. */
import { Readable } from 'node:stream';
import type { Told } from '@sallyport/core';
import type { Following } from './following.ts';

export interface EventStreamDeps {
  readonly following: Following;
  readonly sign: (told: Told) => Promise<string>;
  /** Asked at each sign of life: whether who reads it still may. */
  readonly mayRead: () => boolean;
  /** Why it ended, if the store made it. Who reads begins again from its last event. */
  readonly onBroken: (thrown: unknown) => void;
}

const PING_MS = 15_000;
/** A comment: all that was committed until now was told. */
const PING = ': ping\n\n';

/** The stream; ends with the following, or when it has to. What is not read makes it wait. */
export function eventStream(deps: EventStreamDeps): Readable {
  const text = frames(deps);
  return new Readable({
    read() {
      text.next().then(
        ({ done, value }) => this.push(done === true ? null : value),
        (thrown: unknown) => this.destroy(thrown instanceof Error ? thrown : new Error('not an error')),
      );
    },
    // At once, also while it waits for something to tell.
    destroy(error, callback) {
      deps.following.close();
      callback(error);
    },
  });
}

async function* frames({ following, sign, mayRead, onBroken }: EventStreamDeps): AsyncGenerator<string> {
  try {
    // The first sign of life says that all that was before has been told.
    for (let waitMs = 0; ; ) {
      const batch = await following.next(waitMs);
      if (batch === undefined || !mayRead()) return;
      for (const told of batch.items) yield frame(told, await sign(told));
      if (batch.items.length > 0) continue;
      yield PING;
      waitMs = PING_MS;
    }
  } catch (thrown) {
    onBroken(thrown);
  } finally {
    following.close();
  }
}

/** Neither a position nor a compact JWS has a line break in it. */
function frame({ position }: Told, set: string): string {
  return `id: ${position}\nevent: revocation\ndata: ${set}\n\n`;
}
