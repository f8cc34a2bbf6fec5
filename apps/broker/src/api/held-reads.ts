/** Long polls: a read that waits for a change, bounded in time and number, answered early when the program drains. */
import {
  type AccessCase,
  err,
  nameOf,
  ok,
  parseRequestId,
  type Refusal,
  type RequestId,
  type Result,
  requestStateAt,
  type Seen,
} from '@sallyport/core';
import type { BrokerDeps } from '../deps.ts';
import { namesEtag } from '../etag.ts';
import type { Caller } from './caller.ts';
import { etagOf } from './views.ts';

export interface HeldRead {
  readonly seen: Seen<AccessCase>;
  readonly etag: string;
  /** The caller knows this state already, and none other came in time. */
  readonly unchanged: boolean;
}

const HELD_MAX = 4_000;
const HELD_PER_PRINCIPAL_MAX = 50;
/** Read again at least this often, so that a lost wake-up costs two seconds. */
const REREAD_MS = 2_000;

/** Builds the reads of one process. */
export function makeHeldReads(deps: BrokerDeps) {
  const held = new Map<string, number>();
  let heldInAll = 0;

  async function whileHeld<T>(who: string, wait: () => Promise<T>): Promise<T> {
    held.set(who, (held.get(who) ?? 0) + 1);
    heldInAll += 1;
    try {
      return await wait();
    } finally {
      heldInAll -= 1;
      const left = (held.get(who) ?? 1) - 1;
      if (left === 0) held.delete(who);
      else held.set(who, left);
    }
  }

  return {
    /**
     * Reads a request, holding the answer up to `waitMs` while it is as the caller knows it (`known`, else as it is now).
     * Without `known`, only a pending request is worth waiting on. Refusals: request_unknown, too_many.
     */
    async read(
      text: string,
      caller: Caller,
      waitMs: number,
      known: string | undefined,
    ): Promise<Result<HeldRead, Refusal>> {
      const id = parseRequestId(text);
      if (id === undefined) return err({ code: 'request_unknown' });
      const first = await look(deps, id, caller);
      if (!first.ok) return first;
      const worthWaiting =
        known !== undefined || requestStateAt(first.value.seen.value.request, first.value.seen.at.now) === 'pending';
      const knowsIt = known !== undefined && namesEtag(known, first.value.etag);
      if (waitMs === 0 || !worthWaiting || (known !== undefined && !knowsIt))
        return ok({ ...first.value, unchanged: knowsIt });
      const who = nameOf(caller.subject.principal);
      if (heldInAll >= HELD_MAX || (held.get(who) ?? 0) >= HELD_PER_PRINCIPAL_MAX)
        return err({ code: 'too_many', retryAfterSeconds: 5 });
      const last = await whileHeld(who, () => waitForChange(deps, id, caller, waitMs, first.value.etag));
      return last.ok ? ok({ ...last.value, unchanged: knowsIt && last.value.etag === first.value.etag }) : last;
    },
  };
}

type Looked = Pick<HeldRead, 'seen' | 'etag'>;

async function look(deps: BrokerDeps, id: RequestId, caller: Caller): Promise<Result<Looked, Refusal>> {
  const seen = await deps.reading.request(id, caller.subject.principal);
  return seen.ok ? ok({ seen: seen.value, etag: etagOf(seen.value.value, seen.value.at.now) }) : seen;
}

async function waitForChange(
  deps: BrokerDeps,
  id: RequestId,
  caller: Caller,
  waitMs: number,
  from: string,
): Promise<Result<Looked, Refusal>> {
  const end = performance.now() + waitMs;
  for (;;) {
    const done = new AbortController();
    const left = Math.max(0, end - performance.now());
    // Listen first, then look: a change in between wakes us.
    const woken = deps.wakes.wait(id, Math.min(left, REREAD_MS), AbortSignal.any([done.signal, deps.draining]));
    const now = await look(deps, id, caller);
    if (!now.ok || now.value.etag !== from || left === 0 || deps.draining.aborted) {
      done.abort();
      await woken;
      return now;
    }
    await woken;
  }
}
