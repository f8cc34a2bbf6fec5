/** The broker's composition root: builds every adapter and use case, and what starts and stops in which order. */
import {
  type ExchangeDeps,
  makeCancelRequest,
  makeChance,
  makeDeviceDesk,
  makeExchangeToken,
  makeHashing,
  makeIntrospectToken,
  makeLinkDesk,
  makePaces,
  makeReading,
  makeRecordDecision,
  makeRedeemDevice,
  makeRedeemHandle,
  makeRevokeGrant,
  makeRevokeToken,
  makeStartBackchannel,
  makeStartDevice,
  makeSubmitRequest,
  type RequestId,
} from '@sallyport/core';
import {
  createLifecycle,
  createLogger,
  createMetrics,
  explainListenError,
  type Lifecycle,
  type Logger,
  opsRoutes,
  randomToken,
  secureBytes,
  sha256Hex,
} from '@sallyport/platform';
import { loadPolicy, makeDetailsChecker, parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres, type Postgres, StoreUnavailable } from '@sallyport/postgres';
import { closeConnection, createRateLimiter, createWake, producerConnection } from '@sallyport/queue/signals';
import {
  jwksDocument,
  type KeysInForce,
  makeClientAssertionVerifier,
  makeIntrospectionSigner,
  makeIssuerFetch,
  makeIssuerKeys,
  makeKeyWrapping,
  makeOwnVerifier,
  makeProofVerifier,
  makeRevocationSigner,
  makeSigner,
  makeStatusListSigner,
  makeSubjectVerifier,
} from '@sallyport/tokens';
import { makeChanges } from './changes.ts';
import type { Config } from './config.ts';
import type { BrokerDeps } from './deps.ts';
import { KEYS_IN_FORCE, keyFacts } from './keys/key-trail.ts';
import { openSigningKeys } from './keys/signing-keys.ts';
import { makeHeldPolls } from './oauth/held-polls.ts';
import { makeStatusLists } from './oauth/status-lists.ts';
import { makeRevocationReader } from './revocations/reader.ts';
import { sampledNotes } from './sampled-notes.ts';
import { buildServer } from './server.ts';
import { makeWebDeps } from './web/web-deps.ts';

export interface Program {
  readonly lifecycle: Lifecycle;
}

const CONNECTIONS_MAX = 16;
const REDIS_WAIT_MS = 2_000;

/**
 * Builds the program, not yet started.
 * @throws ConfigProblems when the signing keys cannot be read or are not fit
 */
export async function compose(config: Config): Promise<Program> {
  const logger = createLogger({ name: 'broker', level: config.logLevel });
  const metrics = createMetrics();
  const postgres = openPostgres({
    url: config.databaseUrl.reveal(),
    auditKey: config.auditKey.reveal(),
    instance: 'broker',
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: ({ event, ...facts }) => logger.error(event, { detail: JSON.stringify(facts) }),
    connectionsMax: CONNECTIONS_MAX,
  });
  const wrappingKey = config.keyEncryptionKey?.reveal();
  const keys = await openSigningKeys({
    path: config.signingKeysPath,
    wrapping: wrappingKey === undefined ? undefined : makeKeyWrapping(wrappingKey),
    production: config.production,
    logger,
    metrics,
    now: postgres.clock.now,
    note: (set) => postgres.journal.append(KEYS_IN_FORCE, { door: 'oauth', traceId: 'signing-keys' }, keyFacts(set)),
  });
  const redis = producerConnection({ url: config.redisUrl, logger, name: 'broker' });
  const wake = createWake({ logger, connection: redis, url: config.redisUrl });
  const draining = new AbortController();
  const issuerKeys = makeIssuerKeys({
    allowHttpIssuers: config.allowHttpIssuers,
    onFetched: ({ issuer, problem }) =>
      problem === undefined
        ? logger.info('issuer.keys_fetched', { issuer })
        : logger.warn('issuer.keys_failed', { issuer, code: problem }),
  });
  metrics.beforeText(() => {
    for (const { issuer, seconds } of issuerKeys.ages(postgres.policies.inForce().issuers))
      metrics.jwksAgeSeconds.set({ issuer }, seconds);
  });
  const ops = opsRoutes({ logger, metrics, checks: { postgres: postgres.ready } });
  const wakes = { wait: (id: RequestId, ms: number, signal: AbortSignal) => wake.wait(id, ms, signal) };
  const changes = makeChanges({ wakes, versions: postgres.ledger.versions, draining: draining.signal });
  const does = useCases(config, postgres, keys, issuerKeys);
  const revocationReader = makeRevocationReader({
    revocations: postgres.reserved.revocations,
    onBehind: (err) => logger.warn('feed.behind', { err }),
  });
  let hearing: { stop(): Promise<void> } | undefined;
  const deps: BrokerDeps = {
    ...does,
    heldPolls: makeHeldPolls({ ...does, changes, draining: draining.signal }),
    web: webDeps(config, postgres),
    ...tellers(config, postgres, keys),
    revocationReader,
    issuer: config.issuer,
    jwks: () => jwksDocument(keys.current()),
    limiter: createRateLimiter({ connection: redis }),
    wakes,
    changes,
    logger,
    metrics,
    ops,
    draining: draining.signal,
    isOutage: (thrown) => thrown instanceof StoreUnavailable || thrown instanceof ClocksDisagree,
  };
  const app = await buildServer(deps);
  const where = { host: config.host, port: config.port, setting: 'SALLYPORT_BROKER_PORT' };
  const lifecycle = createLifecycle(logger)
    .add('postgres', { start: postgres.start, stop: postgres.close })
    .add('policy', { start: () => firstPolicy(config, postgres, logger) })
    .add('keys', { start: keys.start, stop: keys.stop })
    .add('revocations', {
      start: async () => {
        await postgres.statuses.warm();
        hearing = postgres.listenRevocations(revocationReader.wake);
      },
      stop: async () => {
        revocationReader.close();
        await hearing?.stop();
      },
    })
    .add('redis', {
      start: async () => void (await wake.listening(REDIS_WAIT_MS).catch(() => undefined)),
      stop: async () => {
        changes.close();
        await wake.close();
        await closeConnection(redis);
      },
    })
    .add('http', {
      start: async () => {
        await app.listen({ host: where.host, port: where.port }).catch((thrown: unknown) => {
          throw explainListenError(thrown, where);
        });
        logger.info('broker.listening', { host: where.host, port: where.port });
      },
      stop: () => app.close(),
    })
    .add('drain', {
      stop: () => {
        ops.markStopping();
        draining.abort();
        wake.wakeAll();
      },
    });
  return { lifecycle };
}

function useCases(
  config: Config,
  postgres: Postgres,
  keys: KeysInForce,
  issuerKeys: ReturnType<typeof makeIssuerKeys>,
) {
  const ledger = sampledNotes(postgres.ledger, () => performance.now());
  const hashing = makeHashing(sha256Hex);
  const verifier = makeSubjectVerifier({ ownIssuer: config.issuer, keys: issuerKeys });
  const shared: ExchangeDeps & Pick<Postgres, 'devices'> = {
    ledger,
    issuances: postgres.issuances,
    handles: postgres.handles,
    devices: postgres.devices,
    paces: makePaces(postgres.clock),
    policies: postgres.policies,
    clock: postgres.clock,
    statuses: postgres.statuses,
    verifier,
    ownVerifier: makeOwnVerifier({ issuer: config.issuer, keys }),
    details: makeDetailsChecker(),
    hashing,
    signer: guardedSigner(makeSigner({ issuer: config.issuer, keys }), postgres),
    chance: makeChance({ bytes: secureBytes, token: randomToken }),
  };
  // Revoking and introspecting keep their own connections: they must answer when everything else is busy.
  const reserved = {
    ...shared,
    ...postgres.reserved,
    ledger: sampledNotes(postgres.reserved.ledger, () => performance.now()),
  };
  return {
    policies: postgres.policies,
    clock: postgres.clock,
    hashing,
    verifier,
    clientAssertions: makeClientAssertionVerifier({ issuer: config.issuer }),
    proofs: makeProofVerifier(),
    replayGuard: postgres.replayGuard,
    ledger,
    exchangeToken: makeExchangeToken(shared),
    redeemHandle: makeRedeemDevice({ ...shared, redeemHandle: makeRedeemHandle(shared) }),
    startBackchannel: makeStartBackchannel(shared),
    startDevice: makeStartDevice(shared),
    deviceDesk: makeDeviceDesk(shared),
    linkDesk: makeLinkDesk({ ...shared, links: postgres.slackLinks }),
    introspectToken: makeIntrospectToken(reserved),
    revokeToken: makeRevokeToken(reserved),
    submitRequest: makeSubmitRequest(shared),
    recordDecision: makeRecordDecision(shared),
    cancelRequest: makeCancelRequest(shared),
    revokeGrant: makeRevokeGrant(reserved),
    reading: makeReading(shared),
    facts: postgres.facts,
    questions: postgres.questions,
  };
}

function webDeps(config: Config, { sessions, clock }: Postgres) {
  const { issuer, allowHttpIssuers: allowHttp, loginClientSecret, auditKey } = config;
  const fetch = makeIssuerFetch({ allowLoopback: allowHttp });
  return makeWebDeps({ issuer, secret: auditKey.reveal(), loginClientSecret, allowHttp, fetch, sessions, clock });
}

/** What tells others about tokens that were issued: who introspects, and who only verifies. */
function tellers({ issuer }: Config, { endedBits, revocations }: Postgres, keys: KeysInForce) {
  const sign = makeStatusListSigner({ issuer, keys });
  return {
    introspectionSigner: makeIntrospectionSigner({ issuer, keys }),
    revocations,
    signRevocation: makeRevocationSigner({ issuer, keys }),
    statusLists: makeStatusLists({ endedBits, sign, monotonicMs: () => performance.now() }),
  };
}

/** An outage of ours: until somebody sets this machine's clock, or the database's. */
class ClocksDisagree extends Error {
  constructor() {
    super('this clock and the database disagree by more than two seconds: nothing is signed');
    this.name = 'ClocksDisagree';
  }
}

/** A broker whose clock disagrees with the database's by more than two seconds signs nothing. */
function guardedSigner(signer: ReturnType<typeof makeSigner>, { clock }: Postgres): ReturnType<typeof makeSigner> {
  return {
    canSign: signer.canSign,
    sign: async (facts) => {
      if (!clock.agrees()) throw new ClocksDisagree();
      return signer.sign(facts);
    },
  };
}

/** At the very first start whoever is first puts the policy in force; from then on that is the worker's work alone. */
async function firstPolicy(config: Config, postgres: Postgres, logger: Logger): Promise<void> {
  // Reading a large policy takes seconds and memory, for nothing where one is in force.
  if (config.policyPath === undefined || postgres.policies.current() !== undefined) return;
  const loaded = await loadPolicy(config.policyPath, { allowHttpIssuers: config.allowHttpIssuers });
  if (!loaded.ok) {
    logger.warn('policy.refused', { count: loaded.error.length, detail: 'the worker says what is wrong' });
    return;
  }
  const by = { door: 'worker', traceId: 'broker-start' } as const;
  await postgres.policies
    .putInForce(loaded.value.policy, by, { onlyIfNone: true })
    .catch((err: unknown) => logger.warn('policy.not_put', { err }));
}
