/** Owns the one fetch of this program: only to Slack, never through a redirect, never without a deadline. */
import type { Metrics } from '@sallyport/platform';

export type Fetch = typeof globalThis.fetch;

export interface GuardedFetchOptions {
  /** The Web API's base; its host is allowed as it is. */
  readonly apiUrl: string;
  /** Milliseconds of one call; a caller's own signal may end it sooner. */
  readonly timeoutMs: number;
  readonly metrics: Pick<Metrics, 'slackRateLimitedTotal'>;
  readonly fetch?: Fetch;
}

/** Thrown for an address that is not Slack's. The address is not repeated: it may carry a secret. */
export class ForeignHost extends Error {
  readonly code = 'foreign_host';

  constructor() {
    super('refused to call a host that is not Slack');
    this.name = 'ForeignHost';
  }
}

const SLACK_HOSTS = ['slack.com', 'hooks.slack.com'];
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Wraps fetch. Rate-limit answers are counted; everything else is the caller's. */
export function guardedFetch({ apiUrl, timeoutMs, metrics, fetch = globalThis.fetch }: GuardedFetchOptions): Fetch {
  const api = new URL(apiUrl);
  return async (input, init) => {
    const target = new URL(input instanceof Request ? input.url : String(input));
    if (!isAllowed(target, api)) throw new ForeignHost();
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const answer = await fetch(input, { ...init, redirect: 'error', signal });
    if (answer.status === 429) metrics.slackRateLimitedTotal.inc();
    return answer;
  };
}

/** Slack's hosts over https; the API's own host by its own protocol. A local API may name itself by any loopback name. */
function isAllowed(target: URL, api: URL): boolean {
  if (target.protocol === 'https:' && target.port === '' && SLACK_HOSTS.includes(target.hostname)) return true;
  if (target.protocol !== api.protocol || target.port !== api.port) return false;
  return target.hostname === api.hostname || (LOOPBACK.has(api.hostname) && LOOPBACK.has(target.hostname));
}
