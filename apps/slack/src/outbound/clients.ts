/** Owns the two Web API clients: one for clicks, one for messages. Neither retries, so neither can hold up the other. */
import type { Metrics, Secret } from '@sallyport/platform';
import { webApi } from '@slack/bolt';
import type { BoltLogger } from '../bolt-logger.ts';
import { guardedFetch } from './guarded-fetch.ts';

export type WebClient = webApi.WebClient;

export interface ClientsOptions {
  readonly token: Secret<string>;
  readonly apiUrl: string;
  readonly metrics: Pick<Metrics, 'slackRateLimitedTotal'>;
  readonly logger: BoltLogger;
}

export interface Clients {
  /** `views.*`, and `users.info` at a click: 2 s. Called by listeners. */
  readonly interactive: WebClient;
  /** `chat.*`, `conversations.*`, `auth.test`: 10 s. Called by the outbox, which does the retrying; never by a listener. */
  readonly background: WebClient;
}

const INTERACTIVE_MS = 2_000;
const BACKGROUND_MS = 10_000;

/** Makes the clients. */
export function makeClients({ token, apiUrl, metrics, logger }: ClientsOptions): Clients {
  const make = (timeoutMs: number) =>
    new webApi.WebClient(token.reveal(), {
      slackApiUrl: apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: timeoutMs,
      allowAbsoluteUrls: false,
      fetch: guardedFetch({ apiUrl, timeoutMs, metrics }),
      logger,
    });
  return { interactive: make(INTERACTIVE_MS), background: make(BACKGROUND_MS) };
}
