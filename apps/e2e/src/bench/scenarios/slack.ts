/** Slack: a crowd asks within a minute, all into one channel that takes one message a second. */
import { cardsArrive, crowdAsks, crowdJoins, crowdPolicy } from '../../crowd/crowd.ts';
import { startHouse } from '../../house/house.ts';
import type { BenchOptions } from '../options.ts';
import { spreadOf } from '../statistics.ts';

const CARD_MS = 2_000;
const CARDS_MS_MIN = 60_000;
/** What Slack waits, less the way there and back. */
const ACK_MS_MAX = 2_500;

export interface AskedInSlack {
  readonly requests: number;
  /** Deliveries: commands, choices, forms sent and closed. */
  readonly acks: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly over2500Ms: number;
  /** What people were told went wrong. */
  readonly failed: number;
  /** Requests in the ledger that are not there though they were asked. */
  readonly lost: number;
  /** From the first command until every request had its card. */
  readonly cardsAfterMs: number;
  /** Answers 429 of the workspace. */
  readonly rateLimited: number;
}

/** A house of its own, with its own database and its own half of Redis: the Slack program is in no other scenario. */
export async function askInSlack({ crowd }: BenchOptions, redisUrl: string): Promise<AskedInSlack> {
  const house = await startHouse({
    policyFiles: { '90-crowd.yaml': crowdPolicy(crowd.people) },
    logLevel: 'warn',
    redisUrl: otherDatabase(redisUrl),
  });
  try {
    const slack = house.workspace.driver;
    await crowdJoins(slack, crowd.people);
    const startedMs = performance.now();
    const asked = await crowdAsks(slack, crowd);
    await cardsArrive(slack, crowd.requests, CARDS_MS_MIN + crowd.requests * CARD_MS);
    const cardsAfterMs = Math.round(performance.now() - startedMs);
    const rows = await house.database.sql('select id from requests');
    const metrics = await (await fetch(`${house.slack.url}/metrics`)).text();
    const { p50: p50Ms, p95: p95Ms, p99: p99Ms, max: maxMs } = spreadOf(asked.acksMs);
    return {
      requests: crowd.requests,
      acks: asked.acksMs.length,
      p50Ms,
      p95Ms,
      p99Ms,
      maxMs,
      over2500Ms: asked.acksMs.filter((one) => one > ACK_MS_MAX).length,
      failed: asked.failures.length,
      lost: crowd.requests - rows.length,
      cardsAfterMs,
      rateLimited: Number(/sallyport_slack_rate_limited_total (\d+)/.exec(metrics)?.[1] ?? 0),
    };
  } finally {
    await house.stop();
  }
}

function otherDatabase(redisUrl: string): string {
  const url = new URL(redisUrl);
  url.pathname = '/1';
  return url.href;
}
