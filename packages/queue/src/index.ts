/** Owns the face of the package: jobs, wake-ups and counters on Redis, all of which may be lost at any moment. */
export { type Consumer, type ConsumerOptions, createConsumer, type JobFacts, type Outcome } from './consumer.ts';
export { createProducer, type Producer, type ProducerOptions, QueueUnavailable } from './producer.ts';
export { DEFAULT_PREFIX, jobId, type Payload, payloadSchemas, type QueueName } from './queues.ts';
export * from './signals.ts';
