/** Owns how the parts of the program fit together, whatever stands behind the ports: used by compose.ts and by tests alike. */
import {
  type Chance,
  type Facts,
  type Hashing,
  instant,
  type Ledger,
  makeCancelRequest,
  makeDeactivatePerson,
  makeLinkDesk,
  makeMoreTime,
  makeQuestionRequest,
  makeReading,
  makeRecordDecision,
  makeRevokeGrant,
  makeSubmitRequest,
  type PersonId,
  type Policies,
  type Questions,
  type SlackLinks,
} from '@sallyport/core';
import {
  type ConfigProblems,
  createLifecycle,
  type Lifecycle,
  type Logger,
  type Metrics,
  type ReadinessCheck,
} from '@sallyport/platform';
import { type Accounts, makeAccounts } from './accounts.ts';
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
import { type LinkTeller, makeLinkTeller } from './outbound/link-news.ts';
import { makePass } from './outbound/pass.ts';
import { makePlaces, type Places } from './outbound/places.ts';
import type { DeliveryStores } from './outbound/stores.ts';
import { makeTell } from './outbound/tell.ts';
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
  readonly slackLinks: SlackLinks;
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
  readonly pauses?: { readonly healMs?: number; readonly homeMs?: number; readonly newsMs?: number };
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
  const accounts = makeAccounts(deps.slackLinks);
  const reading = makeReading(deps);
  const { messages } = deps.stores;
  const homePause = deps.pauses?.homeMs === undefined ? {} : { everyMs: deps.pauses.homeMs };
  const homes = makeHomes({
    client: clients.interactive,
    reading,
    ledger: deps.ledger,
    messages,
    places,
    accounts,
    policies: deps.policies,
    logger,
    ...homePause,
  });
  const { courier, healing } = makeOutbound(deps, { clients, connection, places, homes, accounts });
  const linkTeller = makeTeller(deps, { clients, connection, places, homes, accounts, courier });
  const ask = makeAskUserFacts(clients.interactive, connection.lost);
  const identities = makeIdentities({ policies: deps.policies, accounts, teams: connection.teams, ask });
  const desk = makeDesk(deps, {
    clients,
    connection,
    places,
    homes,
    accounts,
    courier,
    identities,
    issuer: config.issuer,
  });
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
    .add('link_news', { start: linkTeller.start, stop: linkTeller.stop })
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
  readonly accounts: Accounts;
}

function makeOutbound(
  { ledger, questions, facts, stores, logger, pauses }: ProgramDeps,
  { clients, connection, places, homes, accounts }: Outside,
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
      accounts,
      deliver,
      teams: connection.teams,
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

/** Tells accounts of their links; whoever was just linked hears of what waits for them. */
function makeTeller(deps: ProgramDeps, outside: Outside & { readonly courier: Courier }): LinkTeller {
  const { policies, logger, pauses } = deps;
  const { clients, connection, places, homes, courier } = outside;
  const reading = makeReading(deps);
  const bringWaiting = async (id: PersonId): Promise<void> => {
    for (const { request } of (await reading.waitingFor(id)).value)
      courier.notice({ request: request.id, force: true });
  };
  return makeLinkTeller({
    links: deps.slackLinks,
    client: clients.background,
    places,
    policies,
    teams: connection.teams,
    ready: connection.ready,
    lost: connection.lost,
    onTold: ({ kind, link: { account, person: id } }) => {
      if (kind === 'relinked') return homes.recheck(account.user);
      const brought = Promise.all([homes.opened(account.user, id), bringWaiting(id)]);
      brought.catch((err: unknown) => logger.warn('slack.link_not_followed', { person: id, err }));
    },
    logger,
    ...(pauses?.newsMs === undefined ? {} : { everyMs: pauses.newsMs }),
  });
}

function makeDesk(
  deps: ProgramDeps,
  outside: Outside & { readonly courier: Courier; readonly identities: Identities; readonly issuer: string },
): Desk {
  const { ledger, policies, hashing, chance, logger, metrics } = deps;
  const { clients, connection, places, homes, accounts, courier, identities, issuer } = outside;
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
    reading: makeReading(deps),
    identities,
    accounts,
    linkDesk: makeLinkDesk({ ...deps, links: deps.slackLinks }),
    deactivatePerson: makeDeactivatePerson(deps),
    slackLinks: deps.slackLinks,
    issuer,
    now: () => instant(Date.now()),
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
