/** sweepDue: closes all that is due, in batches, until none is left. Notices only: nothing usable ever waits for it. */
import type { Ledger } from '../ports/ledger.ts';

const BATCH_MAX = 1_000;
const BATCHES_MAX = 200;
/** Batches skip each other's rows, so a few at once keep the store busy while this process computes. */
const LANES = 3;

export interface Swept {
  readonly closed: number;
  /** How late the latest was, in ms. */
  readonly latenessMs: number;
}

/** Closes what is due. */
export async function sweepDue(ledger: Pick<Ledger, 'sweep'>): Promise<Swept> {
  const first = await ledger.sweep(BATCH_MAX);
  if (first.closed < BATCH_MAX) return first;
  const lanes = await Promise.all(Array.from({ length: LANES }, () => sweepLane(ledger)));
  return [first, ...lanes].reduce(both);
}

async function sweepLane(ledger: Pick<Ledger, 'sweep'>): Promise<Swept> {
  let all: Swept = { closed: 0, latenessMs: 0 };
  for (let batches = 0; batches < BATCHES_MAX; batches++) {
    const swept = await ledger.sweep(BATCH_MAX);
    all = both(all, swept);
    if (swept.closed < BATCH_MAX) break;
  }
  return all;
}

function both(a: Swept, b: Swept): Swept {
  return { closed: a.closed + b.closed, latenessMs: Math.max(a.latenessMs, b.latenessMs) };
}
