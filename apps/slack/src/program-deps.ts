/** Owns what the program is made of: its settings, the ports behind it, the pauses tests shorten. */
import type { Chance, Facts, Hashing, Ledger, Policies, Questions, SlackLinks } from '@sallyport/core';
import type { ConfigProblems, Logger, Metrics, ReadinessCheck } from '@sallyport/platform';
import type { Config } from './config.ts';
import type { Installing } from './install/installations.ts';
import type { JobOutcome, SlackJob } from './outbound/job.ts';
import type { DeliveryStores } from './outbound/stores.ts';

/** The queue, as this program needs it. */
export interface JobSource {
  /** Begins to hand over jobs; waits as long as the queue is away. */
  start(handle: (job: SlackJob) => JobOutcome): void;
  /** What /readyz says. */
  check: ReadinessCheck;
  stop(): Promise<void>;
}

export interface ProgramDeps {
  readonly ledger: Ledger;
  readonly questions: Questions;
  readonly slackLinks: SlackLinks;
  readonly facts: Facts;
  readonly policies: Policies;
  readonly chance: Chance;
  readonly hashing: Hashing;
  readonly stores: DeliveryStores;
  /** Where the app installs itself in workspaces; absent: it does not. */
  readonly installing?: Installing;
  readonly jobs: JobSource;
  readonly database: {
    start(): Promise<void>;
    check: ReadinessCheck;
    stop(): Promise<void>;
  };
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The installation turned out not to fit, while running. */
  readonly onMisfit: (problems: ConfigProblems) => void;
  /** Pauses in milliseconds; tests shorten them. */
  readonly pauses?: {
    readonly healMs?: number;
    readonly homeMs?: number;
    readonly newsMs?: number;
    readonly slotMs?: number;
    readonly lookMs?: number;
    readonly followMs?: number;
  };
}

export type ProgramConfig = Pick<
  Config,
  'env' | 'slack' | 'botToken' | 'install' | 'apiUrl' | 'teamIds' | 'host' | 'port' | 'issuer'
>;
