/** The canary: a worker that hears nothing from its queue for too long says so and ends itself, for a blocking connection can die in silence. */
import type { Logger, Metrics } from '@sallyport/platform';

const DEAD_AFTER_MS = 30_000;

export interface Canary {
  /** A canary job arrived. */
  heard(): void;
  /** Whether one arrived lately; text for /readyz if not. */
  check(): Promise<true | string>;
  /** Looks once whether it is dead. */
  look(queueAnswers: boolean): void;
}

/**
 * Makes the canary. `giveUp` is called when the queue answers and yet no canary arrived for 30 s:
 * then it is our consumer that is dead, and a restart helps. While Redis itself is away, waiting is right.
 */
export function makeCanary(
  giveUp: () => void,
  metrics: Metrics,
  logger: Logger,
  nowMs: () => number = () => performance.now(),
): Canary {
  let lastMs = nowMs();
  let answeringSinceMs: number | undefined;
  metrics.beforeText(() => metrics.workerCanaryAgeSeconds.set((nowMs() - lastMs) / 1_000));
  return {
    heard() {
      lastMs = nowMs();
    },
    check: async () => (nowMs() - lastMs < DEAD_AFTER_MS ? true : 'no canary job for 30 s'),
    look(queueAnswers) {
      answeringSinceMs = queueAnswers ? (answeringSinceMs ?? nowMs()) : undefined;
      if (answeringSinceMs === undefined) return;
      const silentMs = nowMs() - Math.max(lastMs, answeringSinceMs);
      if (silentMs < DEAD_AFTER_MS) return;
      logger.error('worker.canary_dead', { ms: Math.round(silentMs) });
      giveUp();
    },
  };
}
