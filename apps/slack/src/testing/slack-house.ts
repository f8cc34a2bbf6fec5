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
import { makeKeyWrapping, makeSealedBox } from '@sallyport/tokens/seal';
import type { handleJob } from '../outbound/consumer.ts';
import type { SlackJob } from '../outbound/job.ts';
import { makeProgram, type Program } from '../program.ts';
import type { JobSource, ProgramConfig } from '../program-deps.ts';
import { examplePolicy } from './example-policy.ts';
import { type MemoryInstallations, memoryInstallations, onlyOnce } from './memory-installations.ts';
import {
  announcing,
  announcingQuestions,
  type MemorySlackStores,
  memorySlackStores,
  SLOT_MS,
} from './memory-slack-stores.ts';
import { type MovableClock, movableClock } from './movable-clock.ts';
import { watchReadable } from './readable.ts';

export const BOT_TOKEN = 'xoxb-slack-house';
export const SIGNING_SECRET = 'slack-house-signing-secret';
const APP_TOKEN = 'xapp-slack-house';
export const CLIENT_ID = '111111.222222';
export const CLIENT_SECRET = 'slack-house-client-secret';
export const KEY_ENCRYPTION_KEY = new Uint8Array(32).fill(5);
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
  readonly installations: MemoryInstallations;
  /** The one that runs, and gets what Slack delivers. */
  readonly program: Program;
  /** Starts one more program on what is stored: from now on each gets every job, as far as they race. */
  second(): Promise<Program>;
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
  /** What was drawn so far that cannot be read by everybody. */
  unreadable(): readonly string[];
  /** Ends everything. Throws when something was drawn that not everybody can read. */
  stop(): Promise<void>;
}

export interface HouseOptions {
  readonly mode?: 'http' | 'socket';
  readonly policy?: Policy;
  readonly teamIds?: readonly string[];
  /** Scopes the app is installed with; all it needs unless said. */
  readonly scopes?: readonly string[];
  readonly onMisfit?: (problems: ConfigProblems) => void;
  /** How often the program asks whose its token is, in ms; as in the real house unless said. */
  readonly lookMs?: number;
  /** The app installs itself; the bot token is there only where this says `beside`. */
  readonly installs?: 'alone' | 'beside';
  /** Before the program starts, when the workspace is there. */
  readonly before?: (driver: WorkspaceDriver) => Promise<void>;
  /** Whether to wait until the program is ready; yes unless said. */
  readonly ready?: boolean;
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
    credentials: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
  });
  await options.before?.(workspace.driver);
  if (options.scopes !== undefined) await workspace.driver.app({ scopes: [...options.scopes] });
  const unreadable = watchReadable(workspace.engine);
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
  const installations = memoryInstallations();
  const relayed = relayOf(world);
  const ledger = announcing(world.ledger, relayed.pump);
  const chance = seededChance('slack-house');
  const shared = { ledger, chance, hashing: sha256Hashing };
  const config: ProgramConfig = {
    env: 'development',
    install:
      options.installs === undefined
        ? undefined
        : {
            clientId: secret(CLIENT_ID),
            clientSecret: secret(CLIENT_SECRET),
            keyEncryptionKey: secret(KEY_ENCRYPTION_KEY),
          },
    slack: mode === 'http' ? { mode, signingSecret: secret(SIGNING_SECRET) } : { mode, appToken: secret(APP_TOKEN) },
    botToken: options.installs === 'alone' ? undefined : secret(BOT_TOKEN),
    apiUrl: workspace.apiUrl,
    teamIds: options.teamIds ?? [],
    issuer: ISSUER,
    host: '127.0.0.1',
    port: 0,
  };
  const make = (): Program =>
    makeProgram(config, {
      ...shared,
      slackLinks: world.slackLinks,
      questions: announcingQuestions(world.questions, relayed.pump),
      facts: world.facts,
      policies: world.policies,
      stores,
      installing: {
        installations,
        wrapping: makeKeyWrapping(KEY_ENCRYPTION_KEY),
        box: makeSealedBox({ secret: KEY_ENCRYPTION_KEY, purpose: 'slack install' }),
        first: onlyOnce(),
        now: clock.now,
      },
      jobs: relayed.jobs(),
      database: { start: async () => undefined, check: async () => true, stop: async () => undefined },
      logger,
      metrics: createMetrics({ processMetrics: false }),
      onMisfit: options.onMisfit ?? (() => undefined),
      pauses: {
        followMs: 300,
        healMs: 300,
        homeMs: 50,
        newsMs: 50,
        slotMs: SLOT_MS,
        ...(options.lookMs === undefined ? {} : { lookMs: options.lookMs }),
      },
    });
  let program = make();
  const others: Program[] = [];
  const urlNow = (): string => `http://127.0.0.1:${program.port()}`;
  const answers = async (ready: boolean): Promise<void> => {
    await workspace.driver.app({ request_url: `${urlNow()}/slack/events` });
    if (!ready) return;
    await workspace.driver.until(async () => (await fetch(`${urlNow()}/readyz`)).status === 200);
  };
  await program.lifecycle.start().catch(async (thrown: unknown) => {
    await workspace.close();
    throw thrown;
  });
  await answers(options.ready ?? true);
  return {
    mode,
    workspace,
    driver: workspace.driver,
    world,
    clock,
    stores,
    installations,
    get program() {
      return program;
    },
    get url() {
      return urlNow();
    },
    async second() {
      const other = make();
      others.push(other);
      await other.lifecycle.start();
      await workspace.driver.until(async () => (await fetch(`http://127.0.0.1:${other.port()}/readyz`)).status === 200);
      return other;
    },
    async restart() {
      await program.lifecycle.stop();
      program = make();
      await program.lifecycle.start();
      await answers(true);
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
    unreadable,
    async stop() {
      await Promise.all([program, ...others].map((one) => one.lifecycle.stop()));
      await workspace.close();
      const problems = unreadable();
      if (problems.length > 0) throw new Error(`not everybody can read what was drawn:\n${problems.join('\n')}`);
    },
  };
}

type Handle = (job: SlackJob) => ReturnType<typeof handleJob>;

/** Hands every outbox row over as a job, once to each program, right after the write that made it. */
function relayOf(world: MemoryWorld) {
  const handles = new Set<Handle>();
  let handed = 0;
  let on = true;
  const pump = (): void => {
    if (!on || handles.size === 0) return;
    for (; handed < world.store.outbox.length; handed += 1) {
      const row = world.store.outbox[handed];
      if (row === undefined) continue;
      for (const handle of handles) handle({ outboxId: String(handed + 1), key: row.requestId });
    }
  };
  return {
    pump,
    /** The jobs of one program. */
    jobs(): JobSource {
      let mine: Handle | undefined;
      return {
        start(given) {
          mine = given;
          handles.add(given);
          pump();
        },
        check: async () => true,
        stop: async () => {
          if (mine !== undefined) handles.delete(mine);
        },
      };
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
