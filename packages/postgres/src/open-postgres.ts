/** Owns the bundle a program opens: pools, clock, policy, and every port over them. */
import type {
  Devices,
  EndedBits,
  Facts,
  Handles,
  Issuances,
  Ledger,
  LiveTokens,
  Questions,
  ReplayGuard,
  Revocations,
  Sessions,
  SlackLinks,
} from '@sallyport/core';
import type { RaiseAlarm } from './alarms.ts';
import { makeReadCaseText } from './case-cache.ts';
import { type DatabaseClock, makeClock } from './clock.ts';
import { makeDevices } from './devices.ts';
import { makeFacts } from './facts.ts';
import { StoreUnavailable } from './faults.ts';
import { type Figures, makeFigures } from './figures.ts';
import { makeHandles } from './handles.ts';
import { makeIssuances } from './issuances.ts';
import { type Journal, makeJournal } from './journal.ts';
import { makeLanes } from './lanes.ts';
import { makeLedger } from './ledger.ts';
import { type Listening, listenOutbox, listenRevocations } from './listen.ts';
import { missingMigrations } from './migrate.ts';
import { type Deliveries, makeDeliveries } from './once-keys.ts';
import { makeOutbox, type Outbox } from './outbox.ts';
import { makePolicies, type PolicyCodec, type PolicyStore } from './policies.ts';
import { makePool, type Patience, type Pool } from './pool.ts';
import { prunePast } from './prune.ts';
import { makeQuestions } from './questions.ts';
import { makeReplayGuard } from './replay-guard.ts';
import { makeRevocations } from './revocations/feed.ts';
import { makeLiveTokens } from './revocations/live-tokens.ts';
import { makeEndedBits, makeStatusBits, type WarmStatusBits } from './revocations/status-bits.ts';
import { makeRowMac } from './row-mac.ts';
import { makeSessions } from './sessions.ts';
import { makeSlackDigests, type SlackDigests } from './slack-digests.ts';
import { makeSlackInstallations, type SlackInstallations } from './slack-installations.ts';
import { makeSlackLinks } from './slack-links.ts';
import { makeSlackMessages, type SlackMessages } from './slack-messages.ts';
import { makeSlackNudges, makeSlackWakes, type SlackNudges, type SlackWakes } from './slack-wakes.ts';
import { statement } from './statement.ts';
import { reading } from './transaction.ts';

export interface PostgresOptions {
  readonly url: string;
  /** The bytes of SALLYPORT_AUDIT_KEY: 32 or more. Held only as keys derived from it. */
  readonly auditKey: Uint8Array;
  /** This program: `broker`, `slack`, `worker`, or one of several; part of the name of its lanes. */
  readonly instance: string;
  readonly policyCodec: PolicyCodec;
  readonly alarm: RaiseAlarm;
  /** Connections at most; 10 unless said otherwise. */
  readonly connectionsMax?: number;
  /** Connections kept for revoke and introspect; 2 unless said otherwise. */
  readonly reservedMax?: number;
  /** See makePool. */
  readonly patience?: Patience;
  /** Called with every statement sent: one call, one round trip. */
  readonly onSend?: (text: string) => void;
}

/** The ports that must answer when everything else is busy: for revoke, introspect, and who tells of revocations. */
export interface Reserved {
  readonly ledger: Ledger;
  readonly issuances: Issuances;
  readonly handles: Handles;
  readonly revocations: Revocations;
}

export interface Postgres {
  readonly ledger: Ledger;
  readonly issuances: Issuances;
  readonly handles: Handles;
  readonly replayGuard: ReplayGuard;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly questions: Questions;
  readonly facts: Facts;
  readonly statuses: WarmStatusBits;
  readonly endedBits: EndedBits;
  readonly revocations: Revocations;
  readonly liveTokens: LiveTokens;
  readonly policies: PolicyStore;
  readonly clock: DatabaseClock;
  readonly outbox: Outbox;
  readonly slackLinks: SlackLinks;
  readonly slackMessages: SlackMessages;
  readonly slackWakes: SlackWakes;
  readonly slackNudges: SlackNudges;
  readonly slackDigests: SlackDigests;
  readonly slackInstallations: SlackInstallations;
  readonly deliveries: Deliveries;
  readonly journal: Journal;
  readonly figures: Figures;
  readonly reserved: Reserved;
  /** Hears of committed outbox rows; see listenOutbox. */
  listenOutbox(onWake: () => void): Listening;
  /** Hears of what ended tokens before their time; see listenRevocations. */
  listenRevocations(onWake: () => void): Listening;
  /** Clears away what is past its lifetime; see prunePast. */
  prunePast(limitMax: number): Promise<number>;
  /** Follows policy and clock. A store that is away now is not fatal: `ready` says so. */
  start(): Promise<void>;
  /** `true`, or in a few words what is missing: for /readyz. */
  ready(): Promise<true | string>;
  /** Stops following and closes the connections, once what runs on them is done. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 10;
const RESERVED_MAX = 2;

/** Opens the store; connects when first used. */
export function openPostgres(options: PostgresOptions): Postgres {
  const { url, alarm, instance } = options;
  const mac = makeRowMac(options.auditKey, alarm);
  const shared = {
    url,
    instance,
    alarm,
    lanes: makeLanes(instance),
    onSend: options.onSend,
    patience: options.patience,
  };
  const pool = makePool({ ...shared, max: options.connectionsMax ?? CONNECTIONS_MAX });
  const reservedPool = makePool({ ...shared, max: options.reservedMax ?? RESERVED_MAX });
  const policies = makePolicies({ pool, mac, policyCodec: options.policyCodec });
  const clock = makeClock(pool);
  const store = { pool, mac, policies, clock, readCaseText: makeReadCaseText(mac) };
  const reserved = { ...store, pool: reservedPool };
  return {
    ledger: makeLedger(store),
    issuances: makeIssuances(store),
    handles: makeHandles(store),
    replayGuard: makeReplayGuard(store),
    sessions: makeSessions(store),
    devices: makeDevices(store),
    questions: makeQuestions(store),
    facts: makeFacts(store),
    statuses: makeStatusBits(store),
    endedBits: makeEndedBits(store),
    revocations: makeRevocations(store),
    liveTokens: makeLiveTokens(store),
    policies,
    clock,
    outbox: makeOutbox(store),
    slackLinks: makeSlackLinks(store),
    slackMessages: makeSlackMessages(store),
    slackWakes: makeSlackWakes(store),
    slackNudges: makeSlackNudges(store),
    slackDigests: makeSlackDigests(store),
    slackInstallations: makeSlackInstallations(store),
    deliveries: makeDeliveries(store),
    journal: makeJournal(store),
    figures: makeFigures(store),
    reserved: {
      ledger: makeLedger(reserved),
      issuances: makeIssuances(reserved),
      handles: makeHandles(reserved),
      revocations: makeRevocations(reserved),
    },
    listenOutbox: (onWake) => listenOutbox(url, onWake),
    listenRevocations: (onWake) => listenRevocations(url, onWake),
    prunePast: (limitMax) => prunePast(store, limitMax),
    start: async () => {
      await Promise.all([policies.start(), clock.start()]);
    },
    ready: () => ready(reservedPool, policies, clock),
    close: async () => {
      clock.stop();
      await policies.stop();
      await Promise.all([pool.close(), reservedPool.close()]);
    },
  };
}

/** Asked on the reserved connections: a program that is busy is still ready. */
async function hasPolicy(pool: Pool): Promise<boolean> {
  const rows = await reading(pool, (connection) => connection.rows(statement('select from policy_in_force')));
  return rows.length > 0;
}

/** A primary that answers, with the schema this program needs, a policy in force, and a clock that agrees. */
async function ready(pool: Pool, policies: PolicyStore, clock: DatabaseClock): Promise<true | string> {
  try {
    const missing = await reading(pool, (connection) =>
      missingMigrations((text) => connection.rows(statement<{ version: string }>(text))),
    );
    if (missing.length > 0) return `migrations missing: ${missing.join(', ')}`;
    if (!(await hasPolicy(pool))) return 'no policy in force';
    if (policies.current() === undefined) await policies.refresh();
    return clock.agrees() ? true : 'clock more than 2 s off';
  } catch (error) {
    return error instanceof StoreUnavailable ? error.trouble : 'failing';
  }
}
