/** Tests that payloads are ids only and job ids are such that BullMQ takes them. */
import { describe, expect, test } from '@jest/globals';
import { jobId, payloadSchemas } from './queues.ts';

describe('queues', () => {
  test('a payload has ids and nothing else', () => {
    expect(payloadSchemas.slack.safeParse({ outboxId: '7', key: 'dm:req_1:alice@acme.test' }).success).toBe(true);
    expect(payloadSchemas.slack.safeParse({ key: 'card', text: 'hello' }).success).toBe(false);
    expect(payloadSchemas.slack.safeParse({ key: 'two words' }).success).toBe(false);
    expect(payloadSchemas.slack.safeParse({ key: 'x'.repeat(301) }).success).toBe(false);
    expect(payloadSchemas.clock.safeParse({ requestId: 'req_1', due: 'grant_end' }).success).toBe(true);
    expect(payloadSchemas.clock.safeParse({ requestId: 'req_1', due: 'now' }).success).toBe(false);
    expect(payloadSchemas.canary.safeParse({}).success).toBe(true);
  });

  test('a job id has no colon and is not all digits', () => {
    expect(jobId('outbox', '12', 3)).toBe('outbox-12-3');
    expect(() => jobId('outbox', '1:2')).toThrow(RangeError);
    expect(() => jobId('outbox', '')).toThrow(RangeError);
  });
});
