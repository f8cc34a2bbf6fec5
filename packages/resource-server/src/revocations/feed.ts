/** Listens to the revocation feed: catches up, then follows a stream, or polls where streams do not get through. */
import type { Clock } from '../clock.ts';
import { describe, HttpProblem } from '../http.ts';
import { type Backoff, pause } from '../pause.ts';
import type { FeedClient, FeedItem } from './feed-client.ts';
import type { RevocationSource } from './revocation-source.ts';
import type { Revoked } from './revoked.ts';
import type { ReadEvent } from './security-event.ts';

export interface FeedDeps {
  readonly client: FeedClient;
  readonly readEvent: ReadEvent;
  readonly revoked: Revoked;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Older knowledge is doubt. */
  readonly ageMsMax: number;
}

const POLL_WAIT_SECONDS = 20;
/** After so many streams in a row that brought nothing, polls; */
const EMPTY_STREAMS_MAX = 2;
/** and after so long a stream is tried again. */
const POLLING_MS = 5 * 60_000;
/** What lived this long was no failure: the next wait is short again. */
const LIVED_MS = 10_000;
/** An issuer that answers long polls at once is asked no more often than this. */
const POLL_SPACING_MS = 1_000;
const CATCH_UP_PAGES_MAX = 10_000;
/** The issuer does not know the cursor (any more): from the beginning, then. */
const CURSOR_REFUSED: readonly (number | undefined)[] = [400, 410];

/**
 * A lost connection costs time and no event: the cursor moves on only when an event is dealt with, and whatever is
 * followed next begins with a look at what came meanwhile.
 */
export function makeFeed({ client, readEvent, revoked, clock, backoff, ageMsMax }: FeedDeps): RevocationSource {
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let cursor: string | undefined;
  let knewAllAt = Number.NEGATIVE_INFINITY;
  let transport: 'none' | 'stream' | 'long_poll' = 'none';
  let rejected = 0;
  let failures = 0;
  let problem: string | undefined;
  let emptyStreams = 0;
  let announce = (): void => {};
  const caughtUp = new Promise<void>((resolve) => {
    announce = resolve;
  });

  const ageMs = (): number => clock.monotonicMs() - knewAllAt;
  const isFresh = (): boolean => ageMs() <= ageMsMax && revoked.isComplete(clock.nowMs());

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      const began = clock.monotonicMs();
      try {
        await catchUp();
        await (emptyStreams < EMPTY_STREAMS_MAX ? listen() : poll());
      } catch (failure) {
        failures += 1;
        problem = describe(failure);
        if (failure instanceof HttpProblem && CURSOR_REFUSED.includes(failure.status)) cursor = undefined;
      }
      transport = 'none';
      if (clock.monotonicMs() - began >= LIVED_MS) backoff.reset();
      await pause(backoff.nextMs(), closing.signal);
    }
  }

  /** Page after page until one is empty: then all that was said before is known. */
  async function catchUp(): Promise<void> {
    for (let pages = 0; await takePage(0); pages += 1)
      if (pages === CATCH_UP_PAGES_MAX) throw new HttpProblem('the feed has no end', 200);
  }

  async function listen(): Promise<void> {
    emptyStreams += 1;
    const onAlive = (): void => {
      emptyStreams = 0;
      transport = 'stream';
      knowAllSince(clock.monotonicMs());
    };
    await client.stream(cursor, { onItem: take, onAlive }, closing.signal);
  }

  async function poll(): Promise<void> {
    transport = 'long_poll';
    const began = clock.monotonicMs();
    while (clock.monotonicMs() - began < POLLING_MS) {
      const askedAt = clock.monotonicMs();
      if (await takePage(POLL_WAIT_SECONDS)) await catchUp();
      else await pause(askedAt + POLL_SPACING_MS - clock.monotonicMs(), closing.signal);
    }
    emptyStreams = 0;
  }

  /** Whether the page brought something, and there may be more. */
  async function takePage(waitSeconds: number): Promise<boolean> {
    const askedAt = clock.monotonicMs();
    const { items, next } = await client.page(cursor, waitSeconds, closing.signal);
    for (const item of items) await take(item);
    cursor = next ?? cursor;
    // What was held back was held while there was nothing; what was answered at once is as old as the question.
    if (items.length === 0) knowAllSince(waitSeconds === 0 ? askedAt : clock.monotonicMs());
    return items.length > 0;
  }

  async function take({ cursor: at, set }: FeedItem): Promise<void> {
    const ended = await readEvent(set);
    if (ended === undefined) rejected += 1;
    else revoked.add(ended, clock.nowMs());
    cursor = at;
  }

  function knowAllSince(at: number): void {
    knewAllAt = at;
    failures = 0;
    problem = undefined;
    announce();
  }

  return {
    start() {
      running ??= follow();
    },
    caughtUp: () => caughtUp,
    async standingOf(claims) {
      if (revoked.has(claims)) return 'revoked';
      return isFresh() ? 'good' : 'unknown';
    },
    health: () => ({
      by: 'feed',
      fresh: isFresh(),
      ageSeconds: Number.isFinite(knewAllAt) ? Math.floor(ageMs() / 1_000) : undefined,
      transport,
      entries: revoked.size,
      rejected,
      failures,
      problem,
    }),
    async close() {
      closing.abort();
      await running;
    },
  };
}
