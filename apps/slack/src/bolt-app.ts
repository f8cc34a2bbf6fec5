/** Owns the Bolt app: one receiver by mode, one set of listeners, every delivery counted, timed, and checked for its shape. */
import type { RequestListener } from 'node:http';
import { type Logger, type Metrics, type Secret, withDeadline } from '@sallyport/platform';
import { App, HTTPReceiver, type Receiver, type ReceiverEvent } from '@slack/bolt';
import { type BoltLogger, boltLogger } from './bolt-logger.ts';
import { isDelivery } from './delivery.ts';
import { register } from './listeners/index.ts';
import { EVENTS_PATH } from './manifest-facts.ts';
import type { Fetch } from './outbound/guarded-fetch.ts';
import type { Workspace } from './workspace.ts';
import type { Workspaces } from './workspaces.ts';

export interface BoltAppOptions {
  readonly receiver: Receiver;
  readonly workspaces: Workspaces;
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly metrics: Pick<Metrics, 'slackAckSeconds'>;
  readonly logger: Logger;
}

export interface BoltApp {
  /** Waits for running listeners, but no longer than `ms`. */
  drained(ms: number): Promise<void>;
}

/** The receiver of HTTP mode. Its signature check repeats the door's. */
export function httpReceiver(
  signingSecret: Secret<string>,
  logger: BoltLogger,
): { readonly receiver: HTTPReceiver; readonly listener: RequestListener } {
  const receiver = new HTTPReceiver({ signingSecret: signingSecret.reveal(), endpoints: EVENTS_PATH, logger });
  return { receiver, listener: receiver.requestListener };
}

/** Makes the app and registers the listeners; they use our clients, never Bolt's. */
export function makeBoltApp(options: BoltAppOptions): BoltApp {
  const { logger, workspaces } = options;
  const app = new App({
    receiver: options.receiver,
    logger: boltLogger(logger),
    convoStore: false,
    // Who may act is settled by our own listeners; this only says whose token Bolt would use, if it used one.
    authorize: async ({ teamId }) => {
      const workspace = answering(workspaces, teamId);
      const known = workspace?.connection.identity();
      if (workspace === undefined || known === undefined) throw new Error('Slack has not answered yet');
      const { botUserId, botId } = known;
      return {
        ...(teamId === undefined ? {} : { teamId }),
        botToken: workspace.token.reveal(),
        ...(botUserId === undefined ? {} : { botUserId }),
        ...(botId === undefined ? {} : { botId }),
      };
    },
    clientOptions: {
      slackApiUrl: options.apiUrl,
      fetch: options.fetch,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    },
  });
  app.error(async (err) => logger.error('slack.bolt_failed', { err }));
  register(app, {
    forPeople: (team) => answering(workspaces, team)?.desk,
    forEvents: (team) => workspaces.of(team)?.desk,
  });
  const running = counted(app, options);
  return {
    async drained(ms) {
      await withDeadline(Promise.allSettled([...running]), ms, 'running listeners').catch((err: unknown) =>
        logger.warn('slack.listeners_cut', { count: running.size, err }),
      );
    },
  };
}

/** The workspace a delivery is of; for what comes from elsewhere one that can say no. */
function answering(workspaces: Workspaces, team: string | undefined): Workspace | undefined {
  return (team === undefined ? undefined : workspaces.of(team)) ?? workspaces.all()[0];
}

/** Every delivery of either receiver comes through `processEvent`: here it is counted and its acknowledgement timed. */
function counted(app: App, { metrics, logger }: BoltAppOptions): ReadonlySet<Promise<void>> {
  const running = new Set<Promise<void>>();
  const process = app.processEvent.bind(app);
  app.processEvent = (event) => {
    if (!isDelivery(event.body)) {
      logger.warn('slack.delivery_unreadable');
      return event.ack();
    }
    const work = process(timed(event, metrics)).finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  return running;
}

function timed(event: ReceiverEvent, metrics: Pick<Metrics, 'slackAckSeconds'>): ReceiverEvent {
  const startedMs = performance.now();
  const ack: ReceiverEvent['ack'] = async (response) => {
    metrics.slackAckSeconds.observe((performance.now() - startedMs) / 1_000);
    await event.ack(response);
  };
  return { ...event, ack };
}
