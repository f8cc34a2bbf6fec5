/** The worker's work: loops and consumers that start together and stop together. */
import type { Logger, Secret } from '@sallyport/platform';
import type { Postgres } from '@sallyport/postgres';
import { createConsumer, type Producer } from '@sallyport/queue';
import type { Canary } from './jobs/canary.ts';
import { startLoop } from './loop.ts';

export interface WorkParts {
  readonly postgres: Postgres;
  readonly producer: Producer;
  readonly redisUrl: Secret<string>;
  readonly canary: Canary;
  readonly logger: Logger;
  /** One run each. */
  readonly relay: () => Promise<void>;
  readonly sweep: () => Promise<void>;
  readonly applyPolicy: (force?: boolean) => Promise<void>;
  readonly barTokens: () => Promise<void>;
}

const RELAY_MS = 1_000;
const SWEEP_MS = 5_000;
const POLICY_MS = 2_000;
const BAR_MS = 1_000;
const CANARY_MS = 5_000;
const PRUNE_MS = 60_000;
const PRUNED_MAX = 5_000;
/** Done outbox rows are kept for a while, for whoever asks what was told to whom. */
const OUTBOX_KEPT_MS = 7 * 24 * 60 * 60_000;

/** Starts everything; returns how to stop it, once what is running is done. */
export function startWork(parts: WorkParts): () => Promise<void> {
  const { postgres, redisUrl, canary, logger } = parts;
  const relay = startLoop('relay', RELAY_MS, parts.relay, logger);
  const sweep = startLoop('sweep', SWEEP_MS, parts.sweep, logger);
  const loops = [
    relay,
    sweep,
    startLoop('policy', POLICY_MS, () => parts.applyPolicy(), logger),
    startLoop('bar_tokens', BAR_MS, parts.barTokens, logger),
    startLoop('canary', CANARY_MS, () => beat(parts), logger),
    startLoop('prune', PRUNE_MS, () => prune(postgres), logger),
  ];
  const listening = postgres.listenOutbox(() => relay.nudge());
  const consumers = [
    createConsumer({ queue: 'clock', url: redisUrl, logger, handler: noting(() => sweep.nudge()) }),
    createConsumer({ queue: 'canary', url: redisUrl, logger, handler: noting(() => canary.heard()) }),
  ];
  const reread = (): void => {
    parts.applyPolicy(true).catch((err: unknown) => logger.warn('policy.not_put', { err }));
  };
  process.on('SIGHUP', reread);
  return async () => {
    process.off('SIGHUP', reread);
    const stopping = [...loops, listening].map((one) => one.stop());
    await Promise.all([...stopping, ...consumers.map((one) => one.close())]);
  };
}

/** A job of these queues carries nothing but that it came. */
function noting(note: () => void): () => Promise<'done'> {
  return async () => {
    note();
    return 'done';
  };
}

async function prune({ prunePast, outbox }: Postgres): Promise<void> {
  await prunePast(PRUNED_MAX);
  await outbox.prune(OUTBOX_KEPT_MS, PRUNED_MAX);
}

async function beat({ producer, canary }: WorkParts): Promise<void> {
  const queueAnswers = await producer.canary().then(
    () => true,
    () => false,
  );
  canary.look(queueAnswers);
}
