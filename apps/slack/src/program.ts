/** Owns how the parts of the program fit together, whatever stands behind the ports: used by compose.ts and by tests alike. */
import { makeReading, type PersonId } from '@sallyport/core';
import { createLifecycle, type Lifecycle } from '@sallyport/platform';
import { makeAccounts } from './accounts.ts';
import { makeEdge } from './edge.ts';
import { type Healing, handleJob, makeHealing } from './outbound/consumer.ts';
import { type Courier, makeCourier } from './outbound/courier.ts';
import { guardedFetch } from './outbound/guarded-fetch.ts';
import { type LinkTeller, makeLinkTeller } from './outbound/link-news.ts';
import { makePass } from './outbound/pass.ts';
import { makeRoutes, type Routes } from './outbound/route.ts';
import { makePageOf, type PageOf } from './pages.ts';
import type { ProgramConfig, ProgramDeps } from './program-deps.ts';
import { makeTeams } from './teams.ts';
import { anyReady, type Workspaces } from './workspaces.ts';

export interface Program {
  readonly lifecycle: Lifecycle;
  /** The port listened on, once started. */
  port(): number;
  readonly courier: Courier;
}

const LISTENERS_MS = 8_000;
/** For Bolt and `respond()`. */
const RESPOND_MS = 2_000;

/** Builds the program, not yet started. */
export function makeProgram(config: ProgramConfig, deps: ProgramDeps): Program {
  const { logger, metrics } = deps;
  const pageOf = makePageOf(config.issuer);
  const teams = makeTeams(config, deps, {
    pageOf,
    // The outbox brings the same news; this only makes it quicker, and is all there is when nothing was written.
    redraw: (request, { force }) => void courier.notice({ request, force }),
    linkTo: (channel, ts) => routes.places.linkTo(channel, ts),
    onCome: () => healing.forget(),
  });
  const { workspaces } = teams;
  const routes = makeRoutes({ workspaces, policies: deps.policies, logger });
  const { courier, healing } = makeOutbound(deps, workspaces, routes, pageOf);
  const linkTeller = makeTeller(deps, workspaces, courier);
  metrics.beforeText(() => {
    const counts = workspaces.all().map(({ places }) => places.unusable());
    metrics.slackChannelsUnusable.set(counts.reduce((sum, one) => sum + one, 0));
  });
  metrics.beforeText(async () =>
    metrics.slackOutboxOldestSeconds.set((await deps.stores.outbox.state()).oldestMs / 1_000),
  );
  const checks = { postgres: deps.database.check, slack: teams.check, queue: deps.jobs.check };
  const edge = makeEdge({
    config,
    workspaces,
    open: teams.open,
    install: teams.install,
    fetch: guardedFetch({ apiUrl: config.apiUrl, timeoutMs: RESPOND_MS, metrics }),
    checks,
    onMisfit: deps.onMisfit,
    metrics,
    logger,
  });
  const lifecycle = createLifecycle(logger)
    .add('database', { start: deps.database.start, stop: deps.database.stop })
    .add('slack', { start: teams.start, stop: teams.stop })
    .add('courier', { stop: courier.stop })
    .add('healing', { start: healing.start, stop: healing.stop })
    .add('link_news', { start: linkTeller.start, stop: linkTeller.stop })
    .add('jobs', { start: () => deps.jobs.start((job) => handleJob(courier, job)), stop: deps.jobs.stop })
    .add('listeners', { stop: () => edge.drained(LISTENERS_MS) })
    .add('edge', { start: edge.start, stop: edge.stop });
  return { lifecycle, port: edge.port, courier };
}

function makeOutbound(
  { ledger, questions, facts, slackLinks, stores, logger, metrics, pauses }: ProgramDeps,
  workspaces: Workspaces,
  { places, deliver }: Routes,
  pageOf: PageOf,
): { readonly courier: Courier; readonly healing: Healing } {
  const { messages, wakes, nudges, digests } = stores;
  const courier = makeCourier({
    pass: makePass({
      ledger,
      questions,
      facts,
      logger,
      metrics,
      messages,
      wakes,
      nudges,
      digests,
      places,
      accounts: makeAccounts(slackLinks),
      deliver,
      teams: workspaces.allowed,
      pageOf,
    }),
    outbox: stores.outbox,
    logger,
    ready: () => anyReady(workspaces),
    onShown: (drawn) => {
      healing.seenTo(drawn.case.request.id, drawn.case.version);
      for (const { homes } of workspaces.all()) homes.changed(drawn);
    },
  });
  const healPause = pauses?.healMs === undefined ? {} : { everyMs: pauses.healMs };
  const healing = makeHealing({ courier, messages, wakes, ledger, logger, ...healPause });
  return { courier, healing };
}

/** Tells accounts of their links; whoever was just linked hears of what waits for them. */
function makeTeller(deps: ProgramDeps, workspaces: Workspaces, courier: Courier): LinkTeller {
  const { policies, logger, pauses } = deps;
  const reading = makeReading(deps);
  const bringWaiting = async (id: PersonId): Promise<void> => {
    for (const { request } of (await reading.waitingFor(id)).value)
      courier.notice({ request: request.id, force: true });
  };
  return makeLinkTeller({
    links: deps.slackLinks,
    workspaces,
    ready: () => anyReady(workspaces),
    policies,
    onTold: ({ kind, link: { account, person: id } }, { homes }) => {
      if (kind === 'relinked') return homes.recheck(account.user);
      const brought = Promise.all([homes.opened(account.user, id), bringWaiting(id)]);
      brought.catch((err: unknown) => logger.warn('slack.link_not_followed', { person: id, err }));
    },
    logger,
    ...(pauses?.newsMs === undefined ? {} : { everyMs: pauses.newsMs }),
  });
}
