/** Owns "request X changed": tells whoever holds a long poll, in all programs; without Redis, waiting is just waiting. */
import { type Logger, type Secret, withDeadline } from '@sallyport/platform';
import { closeConnection, consumerConnection, type RedisConnection } from './connection.ts';
import { DEFAULT_PREFIX } from './queues.ts';

const WAITERS_MAX = 4_000;
const WAIT_MS_MAX = 60_000;
const PING_EVERY_MS = 10_000;
const PING_MS = 5_000;
const ID_CHARACTERS_MAX = 200;

/** There are as many waiters as this process takes; the caller answers 503, or looks again later. */
export class TooManyWaiters extends Error {
  readonly code = 'too_many_waiters';

  constructor() {
    super('too many waiters');
    this.name = 'TooManyWaiters';
  }
}

export interface WakeOptions {
  readonly logger: Logger;
  /** For publishing, from `producerConnection`; stays the caller's. Without it only waiters of this process are woken. */
  readonly connection?: RedisConnection;
  /** For one subscriber connection of this process, opened at the first wait. Without it only this process wakes. */
  readonly url?: Secret<string>;
  readonly prefix?: string;
  readonly waitersMax?: number;
}

/** A hint only: a lost or forged wake-up makes somebody look late, or for nothing. */
export interface Wake {
  /** Says that this request changed. Best effort, never throws. */
  publish(requestId: string): Promise<void>;
  /**
   * Resolves when the request is said to have changed, when `ms` are over, or when `signal` aborts; the caller then reads
   * again. Call it *before* reading what to wait on, or a change in between is missed.
   * @throws TooManyWaiters (as a rejection)
   */
  wait(requestId: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** Opens the subscriber now rather than at the first wait; resolves once it hears. */
  listening(ms: number): Promise<void>;
  /** How many wait now. */
  waiting(): number;
  /** Wakes everybody who waits (to answer long polls early when draining). */
  wakeAll(): void;
  /** Wakes everybody and closes the subscriber. */
  close(): Promise<void>;
}

/** Makes the wake-up of one process. */
export function createWake(options: WakeOptions): Wake {
  const channel = `${options.prefix ?? DEFAULT_PREFIX}:wake`;
  const waiters = waitingRoom(options.waitersMax ?? WAITERS_MAX);
  let subscriber: Subscriber | undefined;
  let closed = false;

  function listen(): Subscriber | undefined {
    if (subscriber === undefined && options.url !== undefined && !closed) {
      subscriber = subscribe(options.url, options.logger, channel, waiters);
    }
    return subscriber;
  }

  return {
    async publish(requestId) {
      waiters.wake(requestId);
      if (options.connection?.status !== 'ready') return;
      await options.connection.publish(channel, requestId).catch(() => undefined);
    },
    async wait(requestId, ms, signal) {
      listen();
      if (closed) return;
      await waiters.wait(requestId, ms, signal);
    },
    async listening(ms) {
      const opened = listen();
      if (opened !== undefined) await withDeadline(opened.heard, ms, 'subscribing');
    },
    waiting: waiters.count,
    wakeAll: waiters.wakeAll,
    async close() {
      closed = true;
      waiters.wakeAll();
      await subscriber?.close();
    },
  };
}

interface WaitingRoom {
  wait(requestId: string, ms: number, signal: AbortSignal | undefined): Promise<void>;
  wake(requestId: string): void;
  wakeAll(): void;
  count(): number;
}

function waitingRoom(waitersMax: number): WaitingRoom {
  const byRequest = new Map<string, Set<() => void>>();
  let count = 0;

  function enter(requestId: string, go: () => void): () => void {
    const group = byRequest.get(requestId) ?? new Set();
    byRequest.set(requestId, group.add(go));
    count += 1;
    return () => {
      if (!group.delete(go)) return;
      count -= 1;
      if (group.size === 0) byRequest.delete(requestId);
    };
  }

  function wake(requestId: string): void {
    for (const go of [...(byRequest.get(requestId) ?? [])]) go();
  }

  return {
    wait(requestId, ms, signal) {
      if (count >= waitersMax) return Promise.reject(new TooManyWaiters());
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const go = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', go);
          leave();
          resolve();
        };
        const leave = enter(requestId, go);
        const timer = setTimeout(go, Math.max(0, Math.min(ms, WAIT_MS_MAX)));
        signal?.addEventListener('abort', go, { once: true });
      });
    },
    wake,
    wakeAll: () => {
      for (const requestId of [...byRequest.keys()]) wake(requestId);
    },
    count: () => count,
  };
}

interface Subscriber {
  /** Resolves at the first successful subscription. */
  readonly heard: Promise<void>;
  close(): Promise<void>;
}

/** One connection that hears the channel, subscribes again after each loss, and is asked for a sign of life now and then. */
function subscribe(url: Secret<string>, logger: Logger, channel: string, waiters: WaitingRoom): Subscriber {
  const connection = consumerConnection({ url, logger: logger.child({ part: 'wake' }), name: 'wake' });
  connection.on('message', (_channel: string, requestId: string) => {
    if (requestId.length <= ID_CHARACTERS_MAX) waiters.wake(requestId);
  });
  let losses = 0;
  connection.on('close', () => {
    losses += 1;
  });
  connection.on('ready', () => {
    // What was said meanwhile is lost: let everybody look.
    if (losses > 0) waiters.wakeAll();
  });
  const heard = (async () => {
    await connection.subscribe(channel);
  })();
  heard.catch(() => undefined);
  // A connection that died in silence owes no answer, so nothing else would notice.
  const pulse = setInterval(() => {
    if (connection.status !== 'ready') return;
    withDeadline(connection.ping(), PING_MS, 'ping').catch(() => connection.disconnect(true));
  }, PING_EVERY_MS);
  pulse.unref();
  return {
    heard,
    async close() {
      clearInterval(pulse);
      await closeConnection(connection);
    },
  };
}
