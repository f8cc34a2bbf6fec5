/** A Slack program in one process for tests: the real Bolt app against the local workspace, the ledger in memory, either mode. */
import {
  makeCancelRequest,
  makeRecordDecision,
  makeSubmitRequest,
  type Policy,
  type RequestId,
  sweepDue,
} from '@sallyport/core';
import { type ConfigProblems, createLogger, createMetrics, secret } from '@sallyport/platform';
import { type MemoryWorld, memoryWorld, seededChance, sha256Hashing } from '@sallyport/testkit/core';
import { type RunningWorkspace, startWorkspace, type WorkspaceDriver } from '@sallyport/testkit/slack';
import type { handleJob, SlackJob } from '../outbound/consumer.ts';
import { makeProgram, type Program, type ProgramConfig } from '../program.ts';
import { examplePolicy } from './example-policy.ts';
import { announcing, announcingQuestions, type MemorySlackStores, memorySlackStores } from './memory-slack-stores.ts';
import { type MovableClock, movableClock } from './movable-clock.ts';

export const BOT_TOKEN = 'xoxb-slack-house';
export const SIGNING_SECRET = 'slack-house-signing-secret';
const APP_TOKEN = 'xapp-slack-house';
/** The broker's address, for links. */
export const ISSUER = 'https://sallyport.acme.test';
export const CHANNEL = 'C01APPROVALS';

export interface SlackHouse {
  readonly mode: 'http' | 'socket';
  readonly workspace: RunningWorkspace;
  readonly driver: WorkspaceDriver;
  readonly world: MemoryWorld;
  readonly clock: MovableClock;
  readonly stores: MemorySlackStores;
  /** The one that runs. */
  readonly program: Program;
  /** Stops the program and starts another on what is stored. */
  restart(): Promise<void>;
  /** `http://127.0.0.1:PORT` of the door. */
  readonly url: string;
  readonly logged: readonly string[];
  /** Whether jobs are handed over at all; off: as if worker and queue were dead. */
  relay(on: boolean): void;
  /** The worker's sweep. */
  sweep(): Promise<void>;
  /** The newest request. */
  request(): RequestId;
  /** Decides by another door. */
  readonly byRest: {
    readonly decide: ReturnType<typeof makeRecordDecision>;
    readonly submit: ReturnType<typeof makeSubmitRequest>;
    readonly cancel: ReturnType<typeof makeCancelRequest>;
  };
  stop(): Promise<void>;
}

export interface HouseOptions {
  readonly mode?: 'http' | 'socket';
  readonly policy?: Policy;
  readonly teamIds?: readonly string[];
  /** Scopes the app is installed with; all it needs unless said. */
  readonly scopes?: readonly string[];
  readonly onMisfit?: (problems: ConfigProblems) => void;
}

/** Starts everything and waits until the program is ready. */
export async function startSlackHouse(options: HouseOptions = {}): Promise<SlackHouse> {
  const mode = options.mode ?? 'http';
  const workspace = await startWorkspace({
    port: 0,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    appToken: APP_TOKEN,
    mode,
  });
  if (options.scopes !== undefined) await workspace.driver.app({ scopes: [...options.scopes] });
  const clock = movableClock();
  const world = memoryWorld({ clock, policy: options.policy ?? examplePolicy() });
  const logged: string[] = [];
  const logger = createLogger({
    name: 'slack',
    level: 'debug',
    destination: { write: (line) => void logged.push(line) },
  });
  const stores = memorySlackStores(clock, () =>
    [...world.store.cases.values()].toSorted((a, b) => a.sequence - b.sequence).map((stored) => stored.case),
  );
  const relayed = relayOf(world);
  const ledger = announcing(world.ledger, relayed.pump);
  const chance = seededChance('slack-house');
  const shared = { ledger, chance, hashing: sha256Hashing };
  const config: ProgramConfig = {
    slack: mode === 'http' ? { mode, signingSecret: secret(SIGNING_SECRET) } : { mode, appToken: secret(APP_TOKEN) },
    botToken: secret(BOT_TOKEN),
    apiUrl: workspace.apiUrl,
    teamIds: options.teamIds ?? [],
    issuer: ISSUER,
    host: '127.0.0.1',
    port: 0,
  };
  const make = (): Program =>
    makeProgram(config, {
      ...shared,
      questions: announcingQuestions(world.questions, relayed.pump),
      facts: world.facts,
      policies: world.policies,
      stores,
      jobs: { start: relayed.start, check: async () => true, stop: async () => relayed.relay(false) },
      database: { start: async () => undefined, check: async () => true, stop: async () => undefined },
      logger,
      metrics: createMetrics({ processMetrics: false }),
      onMisfit: options.onMisfit ?? (() => undefined),
      pauses: { healMs: 300, homeMs: 50 },
    });
  let program = make();
  const urlNow = (): string => `http://127.0.0.1:${program.port()}`;
  const answers = async (): Promise<void> => {
    await workspace.driver.app({ request_url: `${urlNow()}/slack/events` });
    await workspace.driver.until(async () => (await fetch(`${urlNow()}/readyz`)).status === 200);
  };
  await program.lifecycle.start().catch(async (thrown: unknown) => {
    await workspace.close();
    throw thrown;
  });
  await answers();
  return {
    mode,
    workspace,
    driver: workspace.driver,
    world,
    clock,
    stores,
    get program() {
      return program;
    },
    get url() {
      return urlNow();
    },
    async restart() {
      await program.lifecycle.stop();
      program = make();
      await program.lifecycle.start();
      await answers();
    },
    logged,
    relay: relayed.relay,
    sweep: async () => void (await sweepDue(ledger)),
    request: () => newestOf(world),
    byRest: {
      decide: makeRecordDecision(shared),
      submit: makeSubmitRequest(shared),
      cancel: makeCancelRequest(shared),
    },
    async stop() {
      await program.lifecycle.stop();
      await workspace.close();
    },
  };
}

/** Hands every outbox row over as a job, once, right after the write that made it. */
function relayOf(world: MemoryWorld) {
  let handle: ((job: SlackJob) => ReturnType<typeof handleJob>) | undefined;
  let handed = 0;
  let on = true;
  const pump = (): void => {
    if (!on || handle === undefined) return;
    for (; handed < world.store.outbox.length; handed += 1) {
      const row = world.store.outbox[handed];
      if (row !== undefined) handle({ outboxId: String(handed + 1), key: row.requestId });
    }
  };
  return {
    pump,
    start: (given: (job: SlackJob) => ReturnType<typeof handleJob>) => {
      handle = given;
      pump();
    },
    relay: (now: boolean) => {
      on = now;
      pump();
    },
  };
}

function newestOf(world: MemoryWorld): RequestId {
  const newest = [...world.store.cases.values()].toSorted((a, b) => b.sequence - a.sequence)[0];
  if (newest === undefined) throw new Error('nobody has asked for anything');
  return newest.case.request.id;
}
