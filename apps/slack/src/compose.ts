/** The composition root: the only place where adapters are constructed. */
import { randomBytes } from 'node:crypto';
import { makeChance, makeHashing } from '@sallyport/core';
import {
  type ConfigProblems,
  createLogger,
  createMetrics,
  exitWithProblems,
  type Logger,
  randomToken,
  sha256Hex,
} from '@sallyport/platform';
import { parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres, type Postgres } from '@sallyport/postgres';
import { type Consumer, createConsumer } from '@sallyport/queue';
import { makeKeyWrapping, makeSealedBox } from '@sallyport/tokens/seal';
import type { Config } from './config.ts';
import type { Installing } from './install/installations.ts';
import { makeProgram, type Program } from './program.ts';
import type { JobSource } from './program-deps.ts';

export interface ComposeOptions {
  /** The installation turned out not to fit while running; the default ends the program with exit code 78. */
  readonly onMisfit?: (problems: ConfigProblems) => void;
  /** Where log lines go; stdout unless said otherwise. */
  readonly logger?: Logger;
  /** The instance's name in the trail's lanes. */
  readonly instance?: string;
}

const UNUSED = 'SLACK_MODE=http does not use it; while Socket Mode is on in the app’s settings Slack does not call us';

/** Builds the program on Postgres, Redis and Slack; nothing is started. */
export function compose(config: Config, options: ComposeOptions = {}): Program {
  const logger = options.logger ?? createLogger({ name: 'slack', level: config.logLevel });
  for (const name of config.unused) logger.warn('slack.setting_unused', { detail: `${name}: ${UNUSED}` });
  const metrics = createMetrics();
  const postgres = openPostgres({
    url: config.databaseUrl.reveal(),
    auditKey: config.auditKey.reveal(),
    instance: options.instance ?? 'slack',
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: ({ event, ...facts }) => logger.error(event, { detail: JSON.stringify(facts) }),
  });
  return makeProgram(config, {
    ledger: postgres.ledger,
    questions: postgres.questions,
    slackLinks: postgres.slackLinks,
    facts: postgres.facts,
    policies: postgres.policies,
    chance: makeChance({ bytes: randomBytes, token: randomToken }),
    hashing: makeHashing(sha256Hex),
    stores: {
      messages: postgres.slackMessages,
      outbox: postgres.outbox,
      wakes: postgres.slackWakes,
      nudges: postgres.slackNudges,
      digests: postgres.slackDigests,
    },
    ...installing(config, postgres),
    jobs: queueJobs(config, logger),
    database: { start: postgres.start, check: postgres.ready, stop: postgres.close },
    logger,
    metrics,
    onMisfit: options.onMisfit ?? ((problems) => exitWithProblems(problems)),
  });
}

/** What installing needs, where the app installs itself. */
function installing({ install, auditKey }: Config, postgres: Postgres): { readonly installing?: Installing } {
  if (install === undefined) return {};
  return {
    installing: {
      installations: postgres.slackInstallations,
      wrapping: makeKeyWrapping(install.keyEncryptionKey.reveal()),
      box: makeSealedBox({ secret: auditKey.reveal(), purpose: 'slack install' }),
      first: postgres.deliveries.first,
      now: postgres.clock.now,
    },
  };
}

const CONCURRENCY = 20;
const CLOSE_MS = 2_000;

/** Jobs of the `slack` queue. They are short: what they ask for is done behind. */
function queueJobs(config: Config, logger: Logger): JobSource {
  let consumer: Consumer | undefined;
  let ready = false;
  return {
    start(handle) {
      const started = createConsumer({
        queue: 'slack',
        url: config.redisUrl,
        logger,
        concurrency: CONCURRENCY,
        handler: async (job) => handle(job),
      });
      consumer = started;
      started.ready().then(
        () => {
          ready = true;
        },
        (err: unknown) => logger.error('queue.consumer_failed', { err }),
      );
    },
    check: async () => ready || 'not connected',
    stop: async () => {
      await consumer?.close(CLOSE_MS);
    },
  };
}
