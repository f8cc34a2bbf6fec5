/** Owns the metrics: those of the public contract, section 8, and few more: names, labels, types, buckets. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'sallyport_';
const READERS_MAX = 50;

const exchangeBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const introspectionBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
/** Slack waits 3 s; our own bound is 2.5 s. */
const ackBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3];

/** The registry of one program, with one typed member per metric. */
export type Metrics = ReturnType<typeof createMetrics>;

export interface MetricsOptions {
  /** Also memory, CPU and event loop lag of the process (prom-client's own names); true unless said otherwise. */
  readonly processMetrics?: boolean;
}

/**
 * Makes a registry with every metric. A gauge nobody has set gives no sample rather than a misleading 0;
 * counters without labels start at 0. Label values are codes and ids of the policy, never data about people.
 */
export function createMetrics(options: MetricsOptions = {}) {
  const registry = new Registry();
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry });
  const readers: (() => void | Promise<void>)[] = [];
  const make = makers(registry);
  return {
    exchangesTotal: make.counter('exchanges_total', 'Token requests, by result', ['result']),
    exchangeSeconds: make.histogram('exchange_seconds', 'Time to answer a token request', exchangeBuckets),
    introspectionsTotal: make.counter('introspections_total', 'Introspections, by whether the token was active', [
      'active',
    ]),
    introspectionSeconds: make.histogram(
      'introspection_seconds',
      'Time to answer an introspection',
      introspectionBuckets,
    ),
    revocationsTotal: make.counter('revocations_total', 'Grants, tokens and handles revoked', []),
    decisionsTotal: make.counter('decisions_total', 'Decisions, by verdict and what came of them', [
      'verdict',
      'result',
    ]),
    requestsPending: make.gauge('requests_pending', 'Access requests that wait for a decision', []),
    requestOldestPendingSeconds: make.gauge(
      'request_oldest_pending_seconds',
      'Age of the oldest pending access request',
      [],
    ),
    slackAckSeconds: make.histogram('slack_ack_seconds', 'Time until a Slack delivery was acknowledged', ackBuckets),
    slackOutboxOldestSeconds: make.gauge(
      'slack_outbox_oldest_seconds',
      'Age of the oldest message Slack has not got',
      [],
    ),
    slackCardsReroutedTotal: make.counter(
      'slack_cards_rerouted_total',
      'Cards their channel did not take, by where they went instead',
      ['to'],
    ),
    slackChannelsUnusable: make.gauge(
      'slack_channels_unusable',
      'Channels that refused a card within five minutes',
      [],
    ),
    slackWorkspaces: make.gauge('slack_workspaces', 'Allowed Slack workspaces, by whether they can be spoken to', [
      'state',
    ]),
    slackRateLimitedTotal: make.counter('slack_rate_limited_total', 'Answers 429 from Slack', []),
    outboxOldestSeconds: make.gauge('outbox_oldest_seconds', 'Age of the oldest outbox row that is not done', []),
    sweepLagSeconds: make.gauge('sweep_lag_seconds', 'Time since the last complete sweep', []),
    expiryLatenessSeconds: make.gauge('expiry_lateness_seconds', 'Worst lateness of an expiry in the last sweep', []),
    workerCanaryAgeSeconds: make.gauge('worker_canary_age_seconds', 'Time since the worker last did a canary job', []),
    auditUnsealedSeconds: make.gauge('audit_unsealed_seconds', 'Age of the oldest audit row that is not sealed', []),
    jwksAgeSeconds: make.gauge('jwks_age_seconds', "Age of an issuer's keys in memory", ['issuer']),
    policyReloadFailuresTotal: make.counter('policy_reload_failures_total', 'Policy changes that were refused', []),
    signingKeysReloadFailuresTotal: make.counter(
      'signing_keys_reload_failures_total',
      'Changes of the signing key file that were refused',
      [],
    ),
    signingKeysBehindSeconds: make.gauge(
      'signing_keys_behind_seconds',
      'Since when the signing key file cannot be followed; 0 while it is',
      [],
    ),

    /** Registers a function that sets gauges just before they are read (ages grow while nobody sets them). */
    beforeText(read: () => void | Promise<void>): void {
      if (readers.length >= READERS_MAX) throw new RangeError('too many metric readers');
      readers.push(read);
    },
    /** The Prometheus text of all metrics. A reader that fails leaves its gauges as they were. */
    async text(): Promise<string> {
      await Promise.allSettled(readers.map(async (read) => read()));
      return registry.metrics();
    },
    /** The media type of `text()`. */
    contentType: registry.contentType,
  };
}

function makers(registry: Registry) {
  const common = <L extends string>(name: string, help: string, labelNames: readonly L[]) => ({
    name: `${PREFIX}${name}`,
    help,
    labelNames: [...labelNames],
    registers: [registry],
  });
  return {
    counter: <L extends string>(name: string, help: string, labels: readonly L[]) =>
      new Counter<L>(common(name, help, labels)),
    gauge: <L extends string>(name: string, help: string, labels: readonly L[]) => {
      const made = new Gauge<L>(common(name, help, labels));
      if (labels.length === 0) made.remove();
      return made;
    },
    histogram: (name: string, help: string, buckets: number[]) =>
      new Histogram<never>({ ...common<never>(name, help, []), buckets }),
  };
}
