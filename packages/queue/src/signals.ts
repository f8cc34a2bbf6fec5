/** Owns the door for programs that take no jobs: wake-ups and counters on Redis, without loading BullMQ. */
export {
  type ConnectionOptions,
  closeConnection,
  consumerConnection,
  producerConnection,
  type RedisConnection,
  redisReady,
  whenConnected,
} from './connection.ts';
export { type Allowance, createRateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limit.ts';
export { createWake, TooManyWaiters, type Wake, type WakeOptions } from './wake.ts';
