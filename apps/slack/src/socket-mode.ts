/** Owns the Socket Mode connection: opened again at once when Slack ends it, with pauses while it cannot be had. */
import { ConfigProblems, type Logger, type Secret } from '@sallyport/platform';
import { SocketModeReceiver } from '@slack/bolt';
import type { BoltLogger } from './bolt-logger.ts';
import type { Fetch } from './outbound/guarded-fetch.ts';
import { slackFailure } from './outbound/slack-error.ts';

export interface SocketModeOptions {
  readonly appToken: Secret<string>;
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly logger: Logger;
  readonly boltLogger: BoltLogger;
  /** The app token turned out to be none. */
  readonly onMisfit: (problems: ConfigProblems) => void;
}

export interface SocketMode {
  readonly receiver: SocketModeReceiver;
  /** Begins to connect; does not wait for it. */
  start(): void;
  stop(): Promise<void>;
  /** What /readyz says. */
  check(): Promise<true | string>;
}

/** Slack's word for a token that is good, but not for this. No waiting mends that. */
const WRONG_KIND = 'not_allowed_token_type';
const OPEN_MS = 10_000;
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 15_000;
const STOP_MS = 2_000;

function wrongKind(): ConfigProblems {
  const problem = `is another kind of token (${WRONG_KIND}): set the app-level token, it begins with xapp-`;
  return new ConfigProblems([{ name: 'SLACK_APP_TOKEN', problem }]);
}

/** Why there is no connection, for whoever reads /readyz. Slack names most of it by codes of its own. */
function because(code: string): string {
  return `Slack refuses a connection (${code}): is Socket Mode on in the app, and SLACK_APP_TOKEN its token?`;
}

/**
 * Makes the connection. The library's own reconnecting rests 5 s first and ends the program when opening fails once
 * with its retries off, so reconnecting is ours.
 */
export function makeSocketMode(options: SocketModeOptions): SocketMode {
  const { logger } = options;
  const receiver = new SocketModeReceiver({
    appToken: options.appToken.reveal(),
    logger: options.boltLogger,
    autoReconnectEnabled: false,
    // An object of its own: the library writes into it.
    installerOptions: {
      clientOptions: {
        slackApiUrl: options.apiUrl,
        fetch: options.fetch,
        timeout: OPEN_MS,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
      },
    },
  });
  let connected = false;
  let refused: string | undefined;
  let stopped = false;
  let wake: () => void = () => undefined;

  async function keepConnected(): Promise<void> {
    for (let failures = 0; !stopped; ) {
      try {
        await receiver.client.start();
        failures = 0;
        refused = undefined;
        say(true);
        await new Promise<void>((resolve) => receiver.client.once('disconnected', () => resolve()));
      } catch (err) {
        failures += 1;
        const failure = slackFailure(err);
        refused = 'code' in failure ? failure.code : undefined;
        logger.warn('slack.socket_failed', { attempt: failures, err });
        if (refused === WRONG_KIND) options.onMisfit(wrongKind());
      }
      say(false);
      if (failures > 0 && !stopped) await pause(Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(failures - 1, 10)));
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function say(now: boolean): void {
    if (now !== connected && !stopped) logger.info(now ? 'slack.socket_open' : 'slack.socket_closed');
    connected = now;
  }

  return {
    receiver,
    start: () => void keepConnected(),
    async stop() {
      stopped = true;
      wake();
      const closed = connected ? receiver.client.disconnect() : Promise.resolve();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    },
    check: async () => connected || (refused === undefined ? 'no connection to Slack' : because(refused)),
  };
}
