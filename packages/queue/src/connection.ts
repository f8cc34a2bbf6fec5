/** Owns the two kinds of Redis connection: a producer's, which fails fast, and a consumer's, which waits. */
import { type Logger, type Secret, withDeadline } from '@sallyport/platform';
import { Redis, type RedisOptions } from 'ioredis';

/** A connection to Redis. Only this package looks inside. */
export type RedisConnection = Redis;

export interface ConnectionOptions {
  readonly url: Secret<string>;
  readonly logger: Logger;
  /** Shown in `CLIENT LIST`. */
  readonly name?: string;
}

const COMMAND_MS = 500;
const CONNECT_MS = 2_000;
const RETRY_MS_MAX = 1_000;
const QUIT_MS = 1_000;
const DISCONNECT_MS = 500;
const REPEAT_LOG_MS = 60_000;
/** A socket that owes an answer and is silent for so long is dead. Must exceed the longest blocking read, 10 s. */
const SILENT_CONSUMER_MS = 15_000;
const SILENT_PRODUCER_MS = 2_000;
const READY_CHECK_MS = 500;
const REDIS_VERSION_MIN = [6, 2] as const;

/** For adding and counting: no offline queue, no retry of a command, an answer or an error within 500 ms. */
export function producerConnection(options: ConnectionOptions): RedisConnection {
  return open(options, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_MS,
    socketTimeout: SILENT_PRODUCER_MS,
  });
}

/** For consuming and subscribing: commands wait until Redis is back, as BullMQ's workers require. */
export function consumerConnection(options: ConnectionOptions): RedisConnection {
  return open(options, { maxRetriesPerRequest: null, socketTimeout: SILENT_CONSUMER_MS });
}

function open({ url, logger, name }: ConnectionOptions, own: RedisOptions): RedisConnection {
  const options: RedisOptions & { replyMapping: 'legacy' } = {
    connectTimeout: CONNECT_MS,
    enableReadyCheck: true,
    retryStrategy: backoff,
    keepAlive: 5_000,
    disconnectTimeout: DISCONNECT_MS,
    ...(name === undefined ? {} : { connectionName: name }),
    ...own,
    replyMapping: 'legacy',
  };
  const connection = new Redis(url.reveal().replace(/^unix:\/\//, ''), options);
  logSparsely(connection, logger);
  return connection;
}

/** Milliseconds until the next attempt to connect: 50, 100, 200 … 1,000, with up to a fifth of jitter; never gives up. */
function backoff(attempt: number): number {
  const base = Math.min(RETRY_MS_MAX, 50 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(base * (1 + Math.random() / 5));
}

/** One line when Redis goes, one a minute while it is away, one when it is back. Also what keeps 'error' from being thrown. */
function logSparsely(connection: RedisConnection, logger: Logger): void {
  let away = false;
  let saidAt = Number.NEGATIVE_INFINITY;
  connection.on('error', (err: unknown) => {
    if (away && performance.now() - saidAt < REPEAT_LOG_MS) return;
    away = true;
    saidAt = performance.now();
    logger.warn('redis.away', { err });
  });
  connection.on('ready', () => {
    if (away) logger.info('redis.back');
    away = false;
  });
}

/**
 * Whether Redis can do its job: connected, 6.2 or later, never evicting.
 * @returns true, or what is missing (for /readyz; no address in it)
 */
export async function redisReady(connection: RedisConnection): Promise<true | string> {
  if (connection.status !== 'ready') return 'not connected';
  let info: string;
  try {
    info = await withDeadline(connection.info(), READY_CHECK_MS, 'redis info');
  } catch {
    return 'no answer';
  }
  const policy = infoField(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') return `maxmemory-policy is ${policy}: set it to noeviction`;
  return oldVersion(infoField(info, 'redis_version')) ?? true;
}

function infoField(info: string, name: string): string | undefined {
  const line = info.split(/\r?\n/).find((candidate) => candidate.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function oldVersion(version: string | undefined): string | undefined {
  const [major, minor] = (version ?? '').split('.').map(Number);
  if (major === undefined || minor === undefined || Number.isNaN(major + minor)) return undefined;
  const [majorMin, minorMin] = REDIS_VERSION_MIN;
  const enough = major > majorMin || (major === majorMin && minor >= minorMin);
  return enough ? undefined : `version ${major}.${minor} is too old: 6.2 or later`;
}

/** Resolves when the connection is usable. For starting up: rejects after `ms`. */
export function whenConnected(connection: RedisConnection, ms: number): Promise<void> {
  if (connection.status === 'ready') return Promise.resolve();
  let ready: () => void = () => undefined;
  const waited = new Promise<void>((resolve) => {
    ready = resolve;
    connection.once('ready', ready);
  });
  return withDeadline(waited, ms, 'connecting to redis').finally(() => connection.off('ready', ready));
}

/** Says goodbye if Redis is there (1 s at most), and cuts the connection in any case. Resolves when it is closed. Never throws. */
export async function closeConnection(connection: RedisConnection): Promise<void> {
  if (connection.status === 'end') return;
  const ended = new Promise<void>((resolve) => {
    connection.once('end', resolve);
  });
  try {
    if (connection.status === 'ready') await withDeadline(connection.quit(), QUIT_MS, 'redis quit');
  } catch {
    // It is cut below.
  }
  // Between two attempts there is no socket to cut: ioredis would neither end nor settle what waits. An attempt of our own
  // gives it one.
  if (connection.status === 'reconnecting') connection.connect().catch(() => undefined);
  connection.disconnect();
  await withDeadline(ended, QUIT_MS, 'redis end').catch(() => undefined);
}
