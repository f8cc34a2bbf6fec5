/** Owns keeping requests shown: one loop per request at a time, changes in between coalesced, failures tried again. */
import type { RequestId } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Drawn } from '../views/phase.ts';
import type { Pass, PassOutcome } from './pass.ts';
import type { SlackOutbox } from './stores.ts';

/** What is known to have changed. */
export interface Notice {
  readonly request: RequestId;
  /** The outbox row that says so; done once everything is shown. */
  readonly outboxId?: number;
  /** Draw again, also what was shown at this version. */
  readonly force?: boolean;
}

export interface Courier {
  /** Takes note and returns: the work goes on behind. False when there is too much to do: ask again later. */
  notice(notice: Notice): boolean;
  /** Resolves when nothing is running or waiting to run at once; what waits for later does not count. */
  settled(): Promise<void>;
  /** Takes no more, waits for what is running. */
  stop(): Promise<void>;
}

export interface CourierDeps {
  readonly pass: Pass;
  readonly outbox: SlackOutbox;
  readonly logger: Logger;
  /** Whether Slack can be spoken to; if not, everything waits. */
  readonly ready: () => boolean;
  /** Told after each pass: Home tabs follow. */
  readonly onShown: (drawn: Drawn) => void;
}

interface Work {
  readonly request: RequestId;
  readonly outboxIds: Set<number>;
  /** What was not drawn since then is drawn again. */
  drawnSince: number | undefined;
  dirty: boolean;
  running: boolean;
  /** Passes that did not bring everything, in a row. */
  failures: number;
  timer: NodeJS.Timeout | undefined;
}

const AT_ONCE_MAX = 8;
const REQUESTS_MAX = 10_000;
const NOT_READY_MS = 1_000;
const BACKOFF_MS_MAX = 60_000;

/** Makes the courier. */
export function makeCourier(deps: CourierDeps): Courier {
  const works = new Map<RequestId, Work>();
  const waiting: Work[] = [];
  const idle = new Set<() => void>();
  let running = 0;
  let stopped = false;

  function enqueue(work: Work): void {
    clearTimeout(work.timer);
    work.timer = undefined;
    if (work.running || stopped) return;
    if (!waiting.includes(work)) waiting.push(work);
    pump();
  }

  function pump(): void {
    while (running < AT_ONCE_MAX) {
      const work = waiting.shift();
      if (work === undefined) break;
      running += 1;
      work.running = true;
      void run(work);
    }
    if (running === 0 && waiting.length === 0) for (const tell of idle) tell();
  }

  async function run(work: Work): Promise<void> {
    const wait = await once(work);
    work.running = false;
    running -= 1;
    if (stopped) works.delete(work.request);
    else if (wait > 0) later(work, wait);
    else if (work.dirty) enqueue(work);
    else works.delete(work.request);
    pump();
  }

  /** One pass. Returns the milliseconds to the next; 0: all is shown. */
  async function once(work: Work): Promise<number> {
    if (!deps.ready()) return NOT_READY_MS;
    const { drawnSince } = work;
    const outboxIds = [...work.outboxIds];
    work.dirty = false;
    try {
      return await concluded(work, outboxIds, drawnSince, await deps.pass(work.request, { drawnSince }));
    } catch (err) {
      deps.logger.error('slack.pass_failed', { requestId: work.request, err });
      work.failures += 1;
      return backoff(work.failures, 1_000);
    }
  }

  async function concluded(
    work: Work,
    outboxIds: readonly number[],
    drawnSince: number | undefined,
    outcome: PassOutcome,
  ): Promise<number> {
    if (outcome.drawn !== undefined) deps.onShown(outcome.drawn);
    if (outcome.kind === 'later') {
      work.drawnSince ??= outcome.drawnSince;
      work.failures = outcome.failed ? work.failures + 1 : 0;
      return outcome.failed ? backoff(work.failures, outcome.ms) : outcome.ms;
    }
    for (const id of outcome.also ?? []) notice({ request: id });
    work.failures = 0;
    if (work.drawnSince === drawnSince) work.drawnSince = undefined;
    for (const id of outboxIds) {
      await deps.outbox.done(id);
      work.outboxIds.delete(id);
    }
    return 0;
  }

  function notice({ request, outboxId, force = false }: Notice): boolean {
    if (stopped) return false;
    const known = works.get(request);
    if (known === undefined && works.size >= REQUESTS_MAX) return false;
    const work = known ?? makeWork(request);
    works.set(request, work);
    work.dirty = true;
    if (force) work.drawnSince = performance.now();
    if (outboxId !== undefined) work.outboxIds.add(outboxId);
    // One that waits after a failure keeps its pause: news of it must not turn into a storm. One that only waits for its
    // turn in a channel may have something to say elsewhere; a mere look at it finds nothing new.
    const news = outboxId !== undefined && work.failures === 0;
    if (work.timer === undefined || force || news) enqueue(work);
    return true;
  }

  function later(work: Work, ms: number): void {
    work.timer = setTimeout(() => enqueue(work), ms);
    work.timer.unref();
  }

  return {
    notice,
    settled: () =>
      new Promise((resolve) => {
        const tell = (): void => {
          idle.delete(tell);
          resolve();
        };
        idle.add(tell);
        pump();
      }),
    async stop() {
      stopped = true;
      waiting.length = 0;
      for (const work of works.values()) clearTimeout(work.timer);
      await this.settled();
    },
  };
}

function makeWork(request: RequestId): Work {
  return {
    request,
    outboxIds: new Set(),
    drawnSince: undefined,
    dirty: true,
    running: false,
    failures: 0,
    timer: undefined,
  };
}

/** What was asked for at first, then doubled up to a minute. */
function backoff(failures: number, ms: number): number {
  return Math.min(BACKOFF_MS_MAX, Math.max(ms, Math.min(BACKOFF_MS_MAX, 500 * 2 ** Math.min(failures - 1, 10))));
}
