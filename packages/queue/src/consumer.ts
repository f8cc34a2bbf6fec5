/** Owns running jobs: parse, run, classify as done, retry or poison; end gracefully, within a deadline. */
import { type Logger, type Secret, withDeadline } from '@sallyport/platform';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { closeConnection, consumerConnection, type RedisConnection } from './connection.ts';
import { DEFAULT_PREFIX, type Payload, payloadSchemas, type QueueName, retention } from './queues.ts';

/** What became of a job: done, to be tried again, or never going to work. */
export type Outcome = 'done' | { readonly retryInMs: number } | { readonly poison: string };

/** What a handler is told about the job besides its payload. */
export interface JobFacts {
  readonly id: string;
  /** 1 at the first run. */
  readonly attempt: number;
}

export interface ConsumerOptions<Q extends QueueName> {
  readonly queue: Q;
  readonly url: Secret<string>;
  readonly logger: Logger;
  /**
   * Runs one job; may run twice, and at the same time on two machines, for the same job. An Outcome is expected news;
   * to throw means a bug or an outage: logged, and tried again with growing pauses.
   */
  readonly handler: (payload: Payload<Q>, job: JobFacts) => Promise<Outcome>;
  readonly prefix?: string;
  /** Jobs at once; 1 unless said. */
  readonly concurrency?: number;
  /** Milliseconds; a run that takes longer counts as thrown. 60,000 unless said. */
  readonly handlerMs?: number;
  /** Milliseconds; how long a silent worker keeps its jobs, and how often that is looked at. 5,000 unless said. */
  readonly lockMs?: number;
}

export interface Consumer {
  /** Resolves once it takes jobs; waits as long as Redis is away. */
  ready(): Promise<void>;
  /** Takes no more jobs, waits for running ones, but no longer than `ms` (8,000 unless said). Never throws. */
  close(ms?: number): Promise<void>;
}

const LOCK_MS = 5_000;
const HANDLER_MS = 60_000;
const CLOSE_MS = 8_000;
/** Runs of one job before it is parked as failed. The row behind it is still due and brings a new job. */
const THROWN_MAX = 10;
const RUNS_MAX = 100;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 300_000;
const BACKOFF_MS_MAX = 60_000;
const REPEAT_LOG_MS = 60_000;

/** Starts consuming a queue. */
export function createConsumer<Q extends QueueName>(options: ConsumerOptions<Q>): Consumer {
  const logger = options.logger.child({ queue: options.queue });
  const { connection, all } = tracked(
    consumerConnection({ url: options.url, logger, name: `consumer-${options.queue}` }),
  );
  const worker = new Worker(options.queue, (job, token) => runJob(options, logger, job, token), {
    connection,
    prefix: options.prefix ?? DEFAULT_PREFIX,
    concurrency: options.concurrency ?? 1,
    lockDuration: options.lockMs ?? LOCK_MS,
    stalledInterval: options.lockMs ?? LOCK_MS,
    // BullMQ would rest 15 s after an interrupted connection.
    runRetryDelay: 1_000,
    ...retention,
  });
  listen(worker, logger);

  async function close(ms: number): Promise<void> {
    try {
      await withDeadline(worker.close(), ms, 'running jobs');
    } catch (err) {
      logger.warn('queue.close_cut', { err });
    }
    await Promise.all(all.map(closeConnection));
  }

  let closing: Promise<void> | undefined;
  return {
    ready: async () => {
      await worker.waitUntilReady();
    },
    close: (ms = CLOSE_MS) => {
      closing ??= close(ms);
      return closing;
    },
  };
}

function listen(worker: Worker, logger: Logger): void {
  let saidAt = Number.NEGATIVE_INFINITY;
  worker.on('error', (err) => {
    // The connection tells of its own losses; what is left is Redis refusing a script (full, read-only), again and again.
    if ('syscall' in err || performance.now() - saidAt < REPEAT_LOG_MS) return;
    saidAt = performance.now();
    logger.warn('queue.worker_error', { err });
  });
  worker.on('stalled', (job) => logger.warn('queue.stalled', { job }));
  worker.on('failed', (job, err) => {
    // What we parked ourselves is told already. A job that stalled twice fails without having been run.
    if (!(err instanceof Parked))
      logger.error('queue.failed', { err, ...(job?.id === undefined ? {} : { job: job.id }) });
  });
}

/** BullMQ duplicates the connection for its blocking read; we keep hold of the copy, to cut it when Redis is away. */
function tracked(connection: RedisConnection): { connection: RedisConnection; all: RedisConnection[] } {
  const all = [connection];
  const duplicate = connection.duplicate.bind(connection);
  connection.duplicate = (override) => {
    const copy = duplicate(override);
    copy.on('error', () => undefined);
    all.push(copy);
    return copy;
  };
  return { connection, all };
}

async function runJob<Q extends QueueName>(
  options: ConsumerOptions<Q>,
  logger: Logger,
  job: Job,
  token: string | undefined,
): Promise<void> {
  const facts: JobFacts = { id: job.id ?? '', attempt: job.attemptsStarted };
  const payload = payloadSchemas[options.queue].safeParse(job.data);
  if (!payload.success) return park(logger, facts, 'payload');
  let outcome: Outcome;
  try {
    const running = (async () => options.handler(payload.data as Payload<Q>, facts))();
    outcome = await withDeadline(running, options.handlerMs ?? HANDLER_MS, 'the job');
  } catch (err) {
    logger.error('queue.handler_threw', { job: facts.id, attempt: facts.attempt, err });
    outcome = facts.attempt >= THROWN_MAX ? { poison: 'threw too often' } : { retryInMs: backoff(facts.attempt) };
  }
  if (outcome === 'done') return;
  if ('poison' in outcome) return park(logger, facts, outcome.poison);
  if (facts.attempt >= RUNS_MAX) return park(logger, facts, 'ran too often');
  await job.moveToDelayed(Date.now() + Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, outcome.retryInMs)), token);
  throw new DelayedError();
}

/** Makes BullMQ fail the job without another run. */
class Parked extends UnrecoverableError {}

/** A job that will never work is put aside, with an alarm; the others go on. `why` is a text of the source. */
function park(logger: Logger, { id, attempt }: JobFacts, why: string): never {
  logger.error('queue.poison', { job: id, attempt, detail: why });
  throw new Parked(why.slice(0, 200));
}

/** 1, 2, 4 … 60 s. */
function backoff(attempt: number): number {
  return Math.min(BACKOFF_MS_MAX, 1_000 * 2 ** Math.max(0, attempt - 1));
}
