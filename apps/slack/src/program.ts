/** Owns how the parts of the program fit together, whatever stands behind the ports: used by compose.ts and by tests alike. */
import {
  type Chance,
  type Facts,
  type Hashing,
  type Ledger,
  makeCancelRequest,
  makeMoreTime,
  makeQuestionRequest,
  makeReading,
  makeRecordDecision,
  makeRevokeGrant,
  makeSubmitRequest,
  type Policies,
  type Questions,
} from '@sallyport/core';
import {
  type ConfigProblems,
  createLifecycle,
  type Lifecycle,
  type Logger,
  type Metrics,
  type ReadinessCheck,
} from '@sallyport/platform';
import { boltLogger } from './bolt-logger.ts';
import type { Config } from './config.ts';
import type { Desk } from './desk.ts';
import { makeEdge } from './edge.ts';
import { type Identities, makeIdentities } from './identity.ts';
import { makeAskUserFacts } from './outbound/ask-user-facts.ts';
import { type Clients, makeClients } from './outbound/clients.ts';
import { type Healing, handleJob, type JobOutcome, makeHealing, type SlackJob } from './outbound/consumer.ts';
import { type Courier, makeCourier } from './outbound/courier.ts';
import { makeDeliver } from './outbound/deliver.ts';
import { type Homes, makeHomes } from './outbound/homes.ts';
import { makePass } from './outbound/pass.ts';
import { makePlaces, type Places } from './outbound/places.ts';
import type { DeliveryStores } from './outbound/stores.ts';
import { makeTell } from './outbound/tell.ts';
import { makePageOf, type PageOf } from './pages.ts';
import { makeSlackConnection, type SlackConnection } from './slack-connection.ts';

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
  readonly facts: Facts;
  readonly policies: Policies;
  readonly chance: Chance;
  readonly hashing: Hashing;
  readonly stores: DeliveryStores;
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
  readonly pauses?: { readonly healMs?: number; readonly homeMs?: number };
}

export type ProgramConfig = Pick<Config, 'slack' | 'botToken' | 'apiUrl' | 'teamIds' | 'host' | 'port' | 'issuer'>;

export interface Program {
  readonly lifecycle: Lifecycle;
  /** The port listened on, once started. */
  port(): number;
  readonly courier: Courier;
}

const LISTENERS_MS = 8_000;

/** Builds the program, not yet started. */
export function makeProgram(config: ProgramConfig, deps: ProgramDeps): Program {
  const { logger, metrics } = deps;
  const clients = makeClients({
    token: config.botToken,
    apiUrl: config.apiUrl,
    metrics,
    logger: boltLogger(logger),
  });
  const { teamIds } = config;
  const connection = makeSlackConnection({ client: clients.background, teamIds, logger, onMisfit: deps.onMisfit });
  const places = makePlaces({ client: clients.background, logger, workspaceUrl: () => connection.identity()?.url });
  const reading = makeReading(deps);
  const { messages } = deps.stores;
  const homePause = deps.pauses?.homeMs === undefined ? {} : { everyMs: deps.pauses.homeMs };
  const homes = makeHomes({
    client: clients.interactive,
    reading,
    ledger: deps.ledger,
    messages,
    places,
    logger,
    ...homePause,
  });
  const pageOf = makePageOf(config.issuer);
  const { courier, healing } = makeOutbound(deps, { clients, connection, places, homes, pageOf });
  const ask = makeAskUserFacts(clients.interactive, connection.lost);
  const identities = makeIdentities({ policies: deps.policies, teams: connection.teams, ask });
  const desk = makeDesk(deps, { clients, connection, places, homes, pageOf, courier, identities });
  metrics.beforeText(async () =>
    metrics.slackOutboxOldestSeconds.set((await deps.stores.outbox.state()).oldestMs / 1_000),
  );
  const checks = { postgres: deps.database.check, slack: connection.check, queue: deps.jobs.check };
  const edge = makeEdge({ config, desk, connection, fetch: clients.fetch, checks, metrics, logger });
  const lifecycle = createLifecycle(logger)
    .add('database', { start: deps.database.start, stop: deps.database.stop })
    .add('slack', { start: connection.start, stop: connection.stop })
    .add('homes', { stop: homes.stop })
    .add('courier', { stop: courier.stop })
    .add('healing', { start: healing.start, stop: healing.stop })
    .add('jobs', { start: () => deps.jobs.start((job) => handleJob(courier, job)), stop: deps.jobs.stop })
    .add('listeners', { stop: () => edge.drained(LISTENERS_MS) })
    .add('edge', { start: edge.start, stop: edge.stop });
  return { lifecycle, port: edge.port, courier };
}

interface Outside {
  readonly clients: Clients;
  readonly connection: SlackConnection;
  readonly places: Places;
  readonly homes: Homes;
  readonly pageOf: PageOf;
}

function makeOutbound(
  { ledger, questions, facts, stores, logger, pauses }: ProgramDeps,
  { clients, connection, places, homes, pageOf }: Outside,
): { readonly courier: Courier; readonly healing: Healing } {
  const { messages, wakes, nudges, digests } = stores;
  const deliver = makeDeliver({ client: clients.background, messages, places, logger });
  const courier = makeCourier({
    pass: makePass({
      ledger,
      questions,
      facts,
      logger,
      messages,
      wakes,
      nudges,
      digests,
      places,
      deliver,
      teams: connection.teams,
      pageOf,
    }),
    outbox: stores.outbox,
    logger,
    ready: connection.ready,
    lost: connection.lost,
    onShown: (drawn) => {
      healing.seenTo(drawn.case.request.id, drawn.case.version);
      homes.changed(drawn);
    },
  });
  const healPause = pauses?.healMs === undefined ? {} : { everyMs: pauses.healMs };
  const healing = makeHealing({ courier, messages, wakes, ledger, logger, ...healPause });
  return { courier, healing };
}

function makeDesk(
  deps: ProgramDeps,
  outside: Outside & { readonly courier: Courier; readonly identities: Identities },
): Desk {
  const { ledger, policies, hashing, chance, logger, metrics } = deps;
  const { clients, connection, places, homes, pageOf, courier, identities } = outside;
  return {
    ledger,
    policies,
    hashing,
    chance,
    submitRequest: makeSubmitRequest(deps),
    recordDecision: makeRecordDecision(deps),
    moreTime: makeMoreTime(deps),
    cancelRequest: makeCancelRequest(deps),
    revokeGrant: makeRevokeGrant(deps),
    questions: deps.questions,
    facts: deps.facts,
    questionRequest: makeQuestionRequest(deps),
    linkTo: places.linkTo,
    pageOf,
    reading: makeReading(deps),
    identities,
    client: clients.interactive,
    messages: deps.stores.messages,
    nudges: deps.stores.nudges,
    homes,
    tell: makeTell({ client: clients.background, places, logger }),
    // The outbox brings the same news; this only makes it quicker, and is all there is when nothing was written.
    redraw: (request, { force }) => void courier.notice({ request, force }),
    connection,
    metrics,
    logger,
  };
}
