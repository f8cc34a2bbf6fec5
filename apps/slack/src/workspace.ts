/** Owns everything that speaks to one Slack workspace: its clients, its connection, its places, and the desk of its listeners. */
import {
  instant,
  makeCancelRequest,
  makeDeactivatePerson,
  makeLinkDesk,
  makeMoreTime,
  makeQuestionRequest,
  makeReading,
  makeRecordDecision,
  makeRevokeGrant,
  makeSubmitRequest,
} from '@sallyport/core';
import type { ConfigProblems, Secret } from '@sallyport/platform';
import { type Accounts, makeAccounts } from './accounts.ts';
import { boltLogger } from './bolt-logger.ts';
import type { Desk } from './desk.ts';
import { makeIdentities } from './identity.ts';
import type { RemovedWhy } from './install/installations.ts';
import { makeAskUserFacts } from './outbound/ask-user-facts.ts';
import { type Clients, makeClients } from './outbound/clients.ts';
import { type Deliver, makeDeliver } from './outbound/deliver.ts';
import { type Homes, makeHomes } from './outbound/homes.ts';
import { makePlaces, type Places } from './outbound/places.ts';
import { makeTell } from './outbound/tell.ts';
import type { PageOf } from './pages.ts';
import type { ProgramDeps } from './program-deps.ts';
import { makeSlackConnection, type SlackConnection } from './slack-connection.ts';

/** One workspace the app is installed in. */
export interface Workspace {
  /** Undefined until Slack has said whose the token is. */
  team(): string | undefined;
  readonly token: Secret<string>;
  readonly connection: SlackConnection;
  readonly clients: Clients;
  readonly places: Places;
  readonly homes: Homes;
  /** Brings one message there. */
  readonly deliver: Deliver;
  /** What its listeners work with. */
  readonly desk: Desk;
  stop(): Promise<void>;
}

export interface WorkspaceOptions {
  readonly token: Secret<string>;
  readonly apiUrl: string;
  /** Whose the token is, where that is known beforehand. */
  readonly team?: string;
  /** Teams the token may be of; empty: whichever it is. */
  readonly teamIds: readonly string[];
  /** Teams whose members may act; what the connection says unless given. */
  readonly allowed?: () => ReadonlySet<string>;
  /** The installation turned out not to fit, while running. */
  readonly onMisfit: (problems: ConfigProblems) => void;
  readonly redraw: Desk['redraw'];
  readonly pageOf: PageOf;
  /** The broker's address, for links. */
  readonly issuer: string;
  /** The address of a message of ours, in whichever workspace it is. */
  readonly linkTo: Places['linkTo'];
  /** The app was taken out of this workspace, or its token taken back. */
  readonly removed: (workspace: Workspace, why: RemovedWhy) => Promise<void>;
}

/** Makes it; nothing is asked of Slack yet. */
export function makeWorkspace(deps: ProgramDeps, options: WorkspaceOptions): Workspace {
  const { logger, metrics, ledger, pauses } = deps;
  const { token, apiUrl, teamIds } = options;
  const clients = makeClients({ token, apiUrl, metrics, logger: boltLogger(logger) });
  const connection = makeSlackConnection({
    client: clients.background,
    teamIds,
    logger,
    onMisfit: options.onMisfit,
    ...(pauses?.lookMs === undefined ? {} : { everyMs: pauses.lookMs }),
  });
  const known = makePlaces({ client: clients.background, logger, workspaceUrl: () => connection.identity()?.url });
  // While Slack refuses us nothing is asked of it but whether it still does.
  const isShared = async (channel: string): Promise<boolean> => connection.ready() && known.isShared(channel);
  const places = { ...known, isShared };
  const anywhere = { ...places, linkTo: options.linkTo };
  const { messages } = deps.stores;
  const accounts = makeAccounts(deps.slackLinks);
  const homes = makeHomes({
    client: clients.interactive,
    reading: makeReading(deps),
    ledger,
    messages,
    places: anywhere,
    accounts,
    policies: deps.policies,
    logger,
    ...(pauses?.homeMs === undefined ? {} : { everyMs: pauses.homeMs }),
  });
  const workspace: Workspace = {
    team: () => connection.identity()?.team ?? options.team,
    token,
    connection,
    clients,
    places,
    homes,
    deliver: makeDeliver({
      client: clients.background,
      messages,
      places: anywhere,
      logger,
      ...(pauses?.slotMs === undefined ? {} : { slotMs: pauses.slotMs }),
    }),
    desk: makeDesk(deps, {
      ...options,
      clients,
      connection,
      places,
      homes,
      accounts,
      removed: (why) => options.removed(workspace, why),
    }),
    async stop() {
      connection.stop();
      await homes.stop();
    },
  };
  return workspace;
}

interface Inside extends Pick<Workspace, 'clients' | 'connection' | 'places' | 'homes'> {
  readonly accounts: Accounts;
  readonly allowed?: () => ReadonlySet<string>;
  readonly redraw: Desk['redraw'];
  readonly pageOf: PageOf;
  readonly issuer: string;
  readonly removed: Desk['removed'];
}

function makeDesk(deps: ProgramDeps, inside: Inside): Desk {
  const { ledger, policies, hashing, chance, logger, metrics } = deps;
  const { clients, connection, places, homes, accounts, issuer, redraw, pageOf, removed } = inside;
  const ask = makeAskUserFacts(clients.interactive, connection.lost);
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
    identities: makeIdentities({ policies, accounts, teams: inside.allowed ?? connection.teams, ask }),
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
    redraw,
    removed,
    metrics,
    logger,
  };
}
