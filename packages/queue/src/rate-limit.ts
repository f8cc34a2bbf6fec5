/** Owns counting how often somebody knocks: one count for all processes in Redis, one per process while Redis is away. */
import { createHash } from 'node:crypto';
import { withDeadline } from '@sallyport/platform';
import type { RedisConnection } from './connection.ts';
import { DEFAULT_PREFIX } from './queues.ts';

const REDIS_MS = 100;
const AWAY_MS = 1_000;
const KEYS_MAX = 10_000;

/**
 * Counts one hit. KEYS[1] the counter; ARGV[1] the window in milliseconds.
 * Returns {hits in this window, milliseconds until it ends}. A counter without an end (somebody persisted it) gets one.
 */
const COUNT_HIT = `
local hits = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {hits, left}`;

export interface RateLimiterOptions {
  /** From `producerConnection`; stays the caller's. Without it this process counts alone. */
  readonly connection?: RedisConnection;
  readonly prefix?: string;
  /** `keysMax`: how many keys this process counts by itself at most; the oldest is forgotten. 10,000 unless said. */
  readonly limits?: {
    readonly keysMax?: number;
    /** Milliseconds to wait for Redis; 100 unless said. */
    readonly redisMs?: number;
  };
}

export interface Allowance {
  readonly allowed: boolean;
  /** Whole seconds until the window ends, at least 1; 0 when allowed. */
  readonly retryAfterSeconds: number;
}

export interface RateLimiter {
  /**
   * Counts a hit of `key` in its window (which begins at its first hit) and says whether it is within the limit.
   * Never throws, and waits at most `redisMs` for Redis, then for a second not at all. Keys are hashed: what they name does not reach Redis.
   */
  hit(key: string, limitPerWindow: number, windowMs: number): Promise<Allowance>;
}

interface Count {
  readonly hits: number;
  readonly leftMs: number;
}

/** Makes a limiter. It protects against load, never access: nothing that must hold depends on its count. */
export function createRateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  const { connection, prefix = DEFAULT_PREFIX } = options;
  const local = localCounter(options.limits?.keysMax ?? KEYS_MAX);
  const redisMs = options.limits?.redisMs ?? REDIS_MS;
  let awayUntil = 0;

  async function shared(key: string, windowMs: number): Promise<Count | undefined> {
    if (connection?.status !== 'ready' || performance.now() < awayUntil) return undefined;
    const name = `${prefix}:limit:${windowMs}:${createHash('sha256').update(key).digest('base64url').slice(0, 27)}`;
    try {
      return toCount(await withDeadline(connection.eval(COUNT_HIT, 1, name, windowMs), redisMs, 'rate limit'));
    } catch {
      awayUntil = performance.now() + AWAY_MS;
      return undefined;
    }
  }

  return {
    async hit(key, limitPerWindow, windowMs) {
      // Counted here too, so that the count does not start anew when Redis goes.
      const own = local(`${windowMs}:${key}`, windowMs);
      const { hits, leftMs } = (await shared(key, windowMs)) ?? own;
      if (hits <= limitPerWindow) return { allowed: true, retryAfterSeconds: 0 };
      return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1_000)) };
    },
  };
}

function toCount(answer: unknown): Count | undefined {
  if (!Array.isArray(answer)) return undefined;
  const [hits, leftMs] = answer.map(Number);
  return hits === undefined || leftMs === undefined || Number.isNaN(hits + leftMs) ? undefined : { hits, leftMs };
}

function localCounter(keysMax: number): (key: string, windowMs: number) => Count {
  const windows = new Map<string, { hits: number; readonly endsAt: number }>();
  return (key, windowMs) => {
    const now = performance.now();
    let window = windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      windows.delete(key);
      if (windows.size >= keysMax) forgetOldest(windows);
      window = { hits: 0, endsAt: now + windowMs };
      windows.set(key, window);
    }
    window.hits += 1;
    return { hits: window.hits, leftMs: window.endsAt - now };
  };
}

/** A Map keeps the order of insertion, so its first key is the oldest window. */
function forgetOldest(windows: Map<string, unknown>): void {
  for (const key of windows.keys()) {
    windows.delete(key);
    return;
  }
}
