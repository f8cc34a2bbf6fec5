/** The worker's composition root: the relay, the sweep, the policy watch and what follows from it, the canary, the pruning. */
import { makeBarTokens } from '@sallyport/core';
import {
  createLifecycle,
  createLogger,
  createMetrics,
  type Lifecycle,
  type Metrics,
  opsRoutes,
  startOpsServer,
} from '@sallyport/platform';
import { parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres, type Postgres } from '@sallyport/postgres';
import { closeConnection, createProducer, createWake, producerConnection, redisReady } from '@sallyport/queue';
import type { Config } from './config.ts';
import { makeApplyPolicy } from './jobs/apply-policy.ts';
import { makeBarTokensJob } from './jobs/bar-tokens.ts';
import { makeCanary } from './jobs/canary.ts';
import { makeSweep } from './jobs/sweep.ts';
import { makeRelay } from './relay/relay.ts';
import { startWork, type WorkParts } from './work.ts';

export interface Program {
  readonly lifecycle: Lifecycle;
}

const EXIT_CANARY_DEAD = 1;

/** Builds the program, not yet started. */
export async function compose(config: Config): Promise<Program> {
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const metrics = createMetrics();
  const postgres = openPostgres({
    url: config.databaseUrl.reveal(),
    auditKey: config.auditKey.reveal(),
    instance: 'worker',
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: ({ event, ...facts }) => logger.error(event, { detail: JSON.stringify(facts) }),
  });
  const redis = producerConnection({ url: config.redisUrl, logger, name: 'worker' });
  const producer = createProducer({ connection: redis });
  const wake = createWake({ logger, connection: redis });
  const by = { door: 'worker', traceId: 'policy-watch' } as const;
  const applyPolicy = makeApplyPolicy({
    path: config.policyPath,
    options: { allowHttpIssuers: config.allowHttpIssuers },
    putInForce: async (policy) => void (await postgres.policies.putInForce(policy, by)),
    logger,
    metrics,
  });
  const canary = makeCanary(() => process.exit(EXIT_CANARY_DEAD), metrics, logger);
  const work: WorkParts = {
    postgres,
    producer,
    redisUrl: config.redisUrl,
    canary,
    logger,
    relay: makeRelay({ outbox: postgres.outbox, ledger: postgres.ledger, producer, wake, logger }),
    sweep: makeSweep(postgres.ledger, metrics, logger),
    applyPolicy,
    barTokens: makeBarTokensJob({
      barTokens: makeBarTokens(postgres),
      policy: postgres.policies.current,
      logger,
      monotonicMs: () => performance.now(),
    }),
  };
  readFigures(metrics, postgres);
  const ops = opsRoutes({
    logger,
    metrics,
    checks: { postgres: postgres.ready, redis: () => redisReady(redis), canary: canary.check },
  });
  const where = { host: config.host, port: config.port, setting: 'SALLYPORT_WORKER_PORT' };
  let stopWork = async (): Promise<void> => undefined;
  let closeServer = async (): Promise<void> => undefined;
  const lifecycle = createLifecycle(logger)
    .add('postgres', { start: postgres.start, stop: postgres.close })
    .add('redis', {
      stop: async () => {
        await producer.close();
        await wake.close();
        await closeConnection(redis);
      },
    })
    .add('work', {
      start: () => {
        stopWork = startWork(work);
      },
      stop: () => stopWork(),
    })
    .add('http', {
      start: async () => {
        closeServer = (await startOpsServer({ ...where, routes: ops, logger })).close;
      },
      stop: async () => {
        ops.markStopping();
        await closeServer();
      },
    });
  return { lifecycle };
}

/** Gauges that Postgres knows, read when somebody asks. */
function readFigures(metrics: Metrics, { outbox, figures }: Postgres): void {
  metrics.beforeText(async () => {
    metrics.outboxOldestSeconds.set((await outbox.state()).oldestMs / 1_000);
  });
  metrics.beforeText(async () => {
    const { count, oldestMs } = await figures.pending();
    metrics.requestsPending.set(count);
    metrics.requestOldestPendingSeconds.set(oldestMs / 1_000);
  });
}
