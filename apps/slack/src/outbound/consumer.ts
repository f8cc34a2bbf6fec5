/** Owns what wakes the courier: jobs of the queue, and a look every 5 s at what lags although no job came. */
import { type Ledger, parseRequestId, type RequestId } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Courier } from './courier.ts';
import type { JobOutcome, SlackJob } from './job.ts';
import type { SlackMessages, SlackWakes } from './stores.ts';

const BUSY_MS = 5_000;
const HEAL_EVERY_MS = 5_000;
const HEAL_MAX = 200;
/** How many versions are remembered as seen to, so that what cannot be shown is not tried for ever. */
const SEEN_MAX = 20_000;
const LAG_MS_MAX = 300_000;
/** Timers are never quite exact: the next look must not fall just before. */
const MARGIN_MS = 100;

/**
 * Takes a job: the courier is told, and the job is over. The outbox row stays open until everything is shown, so a
 * crash after this loses nothing.
 */
export function handleJob(courier: Courier, job: SlackJob): JobOutcome {
  const request = parseRequestId(job.key);
  const outboxId = job.outboxId === undefined ? undefined : rowId(job.outboxId);
  if (request === undefined) return { poison: 'the key is no request' };
  if (outboxId === 'unreadable') return { poison: 'the outbox id is no number' };
  const taken = courier.notice({ request, ...(outboxId === undefined ? {} : { outboxId }) });
  return taken ? 'done' : { retryInMs: BUSY_MS };
}

function rowId(text: string): number | 'unreadable' {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : 'unreadable';
}

export interface HealingDeps {
  readonly courier: Courier;
  readonly messages: Pick<SlackMessages, 'lagging'>;
  readonly wakes: Pick<SlackWakes, 'due'>;
  readonly ledger: Pick<Ledger, 'pending'>;
  readonly logger: Logger;
  readonly everyMs?: number;
}

export interface Healing {
  start(): void;
  /** This version of a case has been seen to: shown, or not to be shown. */
  seenTo(request: RequestId, version: number): void;
  /** Nothing counts as seen to any more: there is somewhere new to show it. */
  forget(): void;
  stop(): Promise<void>;
}

/**
 * Every 5 s looks for cards that lag, for pending requests nobody spoke of, and for what time alone makes due: a lost job,
 * or an emptied Redis, costs no more than that.
 */
export function makeHealing({
  courier,
  messages,
  wakes,
  ledger,
  logger,
  everyMs = HEAL_EVERY_MS,
}: HealingDeps): Healing {
  const seen = new Map<RequestId, number>();
  const lags = makeLags(everyMs);
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;
  /** How far the look at what lags has come: many that go on lagging must not hide those behind them. */
  let upTo: RequestId | undefined;

  async function look(): Promise<void> {
    try {
      const lagging = await messages.lagging(upTo, HEAL_MAX);
      const all = upTo === undefined && lagging.length < HEAL_MAX;
      upTo = lagging.length < HEAL_MAX ? undefined : lagging.at(-1)?.requestId;
      const ids = [...new Set(lagging.map((message) => message.requestId))];
      for (const request of lags.due(ids, { all })) courier.notice({ request });
      for (const { requestId, redraw } of await wakes.due(HEAL_MAX))
        courier.notice({ request: requestId, force: redraw });
      const { value } = await ledger.pending(HEAL_MAX);
      for (const { request, version } of value) {
        if ((seen.get(request.id) ?? 0) < version) courier.notice({ request: request.id });
      }
    } catch (err) {
      logger.warn('slack.healing_failed', { err });
    }
  }

  function again(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look().finally(again);
    }, everyMs);
    timer.unref();
  }

  return {
    start: () => {
      looking = look().finally(again);
    },
    seenTo(request, version) {
      if (seen.size >= SEEN_MAX) seen.clear();
      seen.set(request, version);
    },
    forget: () => seen.clear(),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

/** What goes on lagging, because its channel takes no card, is looked at with growing pauses, up to five minutes. */
function makeLags(everyMs: number) {
  const known = new Map<RequestId, { readonly looks: number; readonly nextMs: number }>();
  return {
    /** `all`: what is not among them does not lag any more. */
    due(lagging: readonly RequestId[], { all }: { readonly all: boolean }): readonly RequestId[] {
      const now = performance.now();
      const still = new Set(lagging);
      for (const id of known.keys()) if (all && !still.has(id)) known.delete(id);
      if (known.size > SEEN_MAX) known.clear();
      return lagging.filter((id) => {
        const before = known.get(id);
        if (before !== undefined && now < before.nextMs) return false;
        const looks = (before?.looks ?? 0) + 1;
        known.set(id, {
          looks,
          nextMs: now + Math.min(LAG_MS_MAX, everyMs * 2 ** Math.min(looks - 1, 10)) - MARGIN_MS,
        });
        return true;
      });
    },
  };
}
