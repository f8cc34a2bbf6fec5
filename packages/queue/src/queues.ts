/** Owns the queues: their names, what a job carries (ids and a hint, nothing else), how long finished jobs are kept. */
import { z } from 'zod';

/** BullMQ's key prefix, unless a program chooses another. */
export const DEFAULT_PREFIX = 'sallyport';

/** An id or key: something printable without spaces. What it names is read again from the ledger. */
const id = z.string().regex(/^[^\s\p{C}]{1,300}$/u);

/**
 * What a job carries, by queue. Redis is not trusted: a forged payload can only make a consumer look at a row.
 *
 * - `slack`: the message (a card, a direct message) named by `key` may have to be delivered
 * - `clock`: something of this request is due
 * - `canary`: nothing; that it arrives is the news
 */
export const payloadSchemas = {
  slack: z.strictObject({ outboxId: id.optional(), key: id }),
  clock: z.strictObject({ requestId: id, due: z.enum(['request_end', 'grant_end', 'grant_start']) }),
  canary: z.strictObject({}),
} as const;

export type QueueName = keyof typeof payloadSchemas;
export type Payload<Q extends QueueName> = z.output<(typeof payloadSchemas)[Q]>;

/** Finished jobs are kept for a day, at most 1,000: an id that is still there swallows its repetition. Age in seconds. */
export const retention = {
  removeOnComplete: { age: 86_400, count: 1_000 },
  removeOnFail: { age: 86_400, count: 1_000 },
} as const;

/** The queue's events are read by nobody; a short stream is enough. */
export const streams = { events: { maxLen: 100 } } as const;

/** Bytes of one payload. */
export const PAYLOAD_BYTES_MAX = 2_048;

const part = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Joins parts to a job id. BullMQ takes neither `:` nor an id of digits only.
 * @throws RangeError for a part that is not letters, digits, `_`, `-`, or longer than 128
 */
export function jobId(kind: string, ...parts: readonly (string | number)[]): string {
  const texts = parts.map(String);
  const bad = texts.find((text) => !part.test(text));
  if (bad !== undefined) throw new RangeError(`not fit for the id of a ${kind} job`);
  return [kind, ...texts].join('-');
}
