/** The sweep: closes all that is due by Postgres. A due job or a nudge only makes it run sooner. */
import { type Ledger, sweepDue } from '@sallyport/core';
import type { Logger, Metrics } from '@sallyport/platform';

/** Builds one run of the sweep. */
export function makeSweep(ledger: Ledger, metrics: Metrics, logger: Logger): () => Promise<void> {
  let lastMs = performance.now();
  metrics.beforeText(() => metrics.sweepLagSeconds.set((performance.now() - lastMs) / 1_000));
  return async () => {
    const { closed, latenessMs } = await sweepDue(ledger);
    lastMs = performance.now();
    metrics.expiryLatenessSeconds.set(latenessMs / 1_000);
    if (closed > 0) logger.info('sweep.closed', { count: closed, ms: latenessMs });
  };
}
