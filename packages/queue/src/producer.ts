/** Owns adding jobs: within 500 ms or not at all, with ids that de-duplicate. */
import { withDeadline } from '@sallyport/platform';
import { Queue } from 'bullmq';
import type { RedisConnection } from './connection.ts';
import {
  DEFAULT_PREFIX,
  jobId,
  PAYLOAD_BYTES_MAX,
  type Payload,
  payloadSchemas,
  type QueueName,
  retention,
  streams,
} from './queues.ts';

const ADD_MS = 500;
/** Due jobs come this much late rather than a moment early: the database's clock, not ours, says what is due. */
const CLOCK_SLACK_MS = 25;
const CANARY_EVERY_MS = 10_000;
const CANARY_ID = 'canary';

/** Redis did not take a job in time. An expected outage: what the job was for is still due in Postgres. */
export class QueueUnavailable extends Error {
  readonly code = 'queue_unavailable';

  constructor(queue: QueueName, cause: unknown) {
    super(`the queue ${queue} did not take the job`, { cause });
    this.name = 'QueueUnavailable';
  }
}

export interface ProducerOptions {
  /** From `producerConnection`; stays the caller's to close, after `close()`. */
  readonly connection: RedisConnection;
  readonly prefix?: string;
}

/** All methods: within 500 ms, or QueueUnavailable. An id that is already there (also a finished job's, for a day) changes nothing. */
export interface Producer {
  /** A message may have to be delivered. `attempt` counts how often the outbox row was handed over: each needs an id of its own. */
  slack(outboxId: string, attempt: number, payload: Payload<'slack'>): Promise<void>;
  /** Something of this request falls due at `dueAtMs` (Unix milliseconds). `version` is the row's; a later one is another job. */
  clock(requestId: string, version: number, dueAtMs: number, payload: Payload<'clock'>): Promise<void>;
  /** Sees to it that the canary job comes every 10 s; call it again now and then, for Redis may have forgotten. */
  canary(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the producer of a program. */
export function createProducer({ connection, prefix = DEFAULT_PREFIX }: ProducerOptions): Producer {
  // The version check would run INFO once, and its failure would spoil the queue for ever.
  const open = (name: QueueName) => quiet(new Queue(name, { connection, prefix, streams, skipVersionCheck: true }));
  const queues = { slack: open('slack'), clock: open('clock'), canary: open('canary') };

  async function within(name: QueueName, work: (queue: Queue) => Promise<unknown>): Promise<void> {
    const queue = queues[name];
    const end = performance.now() + ADD_MS;
    try {
      // Two steps, so that a job given up here is not added when Redis comes back.
      await withDeadline(queue.waitUntilReady(), ADD_MS, 'redis');
      await withDeadline(work(queue), Math.max(1, end - performance.now()), 'add');
    } catch (thrown) {
      throw new QueueUnavailable(name, thrown);
    }
  }

  function add<Q extends QueueName>(name: Q, id: string, payload: Payload<Q>, delayMs: number): Promise<void> {
    const data = payloadSchemas[name].parse(payload);
    return within(name, (queue) =>
      queue.add(name, data, { jobId: id, delay: delayMs, sizeLimit: PAYLOAD_BYTES_MAX, ...retention }),
    );
  }

  return {
    slack: async (outboxId, attempt, payload) => add('slack', jobId('outbox', outboxId, attempt), payload, 0),
    async clock(requestId, version, dueAtMs, payload) {
      if (!Number.isSafeInteger(dueAtMs)) throw new RangeError('dueAtMs is Unix milliseconds');
      const delayMs = Math.max(0, dueAtMs - Date.now()) + CLOCK_SLACK_MS;
      return add('clock', jobId('clock', requestId, version, payload.due), payload, delayMs);
    },
    canary: () => within('canary', keepCanary),
    async close() {
      await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

/** The schedule is looked at first: setting it anew each time would shift the next job. One that is overdue is set anew. */
async function keepCanary(queue: Queue): Promise<void> {
  const known = await queue.getJobScheduler(CANARY_ID);
  if (known?.next !== undefined && known.next > Date.now() - CANARY_EVERY_MS) return;
  await queue.upsertJobScheduler(CANARY_ID, { every: CANARY_EVERY_MS }, { name: 'canary', data: {}, opts: retention });
}

/** The connection logs its own errors; without a listener here they would be thrown. */
function quiet(queue: Queue): Queue {
  queue.on('error', () => undefined);
  return queue;
}
