/** A broker in one process for tests: the real server, real signatures and issuers, the ledger in memory, a clock that is set by hand. */
import {
  type ExchangeDeps,
  instant,
  makeBarTokens,
  makeCancelRequest,
  makeDeviceDesk,
  makeExchangeToken,
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
  type Policy,
  type RequestId,
} from '@sallyport/core';
import { createLogger, createMetrics, opsRoutes } from '@sallyport/platform';
import { compilePolicy, makeDetailsChecker } from '@sallyport/policy';
import { createRateLimiter } from '@sallyport/queue/signals';
import { fixedClock, type MemoryWorld, memoryWorld, seededChance, sha256Hashing } from '@sallyport/testkit/core';
import { type IssuerServer, type IssuerSetup, startIssuer } from '@sallyport/testkit/issuer';
import {
  fixedKeys,
  generateSigningKey,
  jwksDocument,
  makeClientAssertionVerifier,
  makeIntrospectionSigner,
  makeIssuerFetch,
  makeIssuerKeys,
  makeOwnVerifier,
  makeProofVerifier,
  makeRevocationSigner,
  makeSigner,
  makeStatusListSigner,
  makeSubjectVerifier,
  type ProofNonces,
  parseKeySet,
} from '@sallyport/tokens';
import type { FastifyInstance } from 'fastify';
import { makeChanges } from '../changes.ts';
import { makeHeldPolls } from '../oauth/held-polls.ts';
import { makeStatusLists } from '../oauth/status-lists.ts';
import { makeRevocationReader, type RevocationReader } from '../revocations/reader.ts';
import { buildServer } from '../server.ts';
import { makeWebDeps } from '../web/web-deps.ts';
import { SECRET_SHA256 } from './callers.ts';
import { policyText } from './policy-text.ts';

export const ISSUER = 'https://sallyport.acme.test';

const ISSUERS: readonly IssuerSetup[] = [
  { name: 'workforce', clients: [{ id: 'sallyport-web', redirectUris: [`${ISSUER}/login/callback`] }] },
  { name: 'ci', algorithm: 'RS256' },
  { name: 'other' },
];
/** An RSA key takes a while: made once for all houses of a test file. */
const kept = new Map<string, Pick<IssuerSetup, 'keys'>>();

/** What a store that does not answer makes the real adapters throw. */
class Outage extends Error {}

export interface BrokerHouse {
  readonly app: FastifyInstance;
  readonly world: MemoryWorld;
  readonly issuers: IssuerServer;
  /** What was logged, line by line. */
  readonly logged: readonly string[];
  /** Every operation of the store so far (`ledger.note`, `handles.find`, …), in the order they began. */
  readonly worked: readonly string[];
  /** The example policy with one text in it replaced. */
  policyWith(from: string, to: string): string;
  /** Compiles a policy text and puts it in force. */
  putPolicy(text: string): void;
  /** Moves the broker's and the issuers' clock. */
  advance(seconds: number): void;
  /** From now on this operation of the store (`ledger.transact`, `issuances.record`, …) finds no database; without a name all work again. */
  fail(operation?: string): void;
  /** From now on this operation of the store waits until it is let go: the list of those that wait, in the order they came. */
  hold(operation: string): readonly (() => void)[];
  /** No operation waits from now on. */
  holdNothing(): void;
  /** How many held reads wait for a change at this moment. */
  heldNow(): number;
  /** How many read the feed of revocations at this moment. */
  followers(): number;
  /** Lets the broker look for revocations now. */
  look(): Promise<void>;
  /** What the worker does after a change of the policy. */
  barTokens(): Promise<number>;
  /** Begins to drain: held polls answer early. */
  drain(): void;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Every proof must carry one of these. */
  readonly nonces?: ProofNonces;
  /** Without an RS256 key nothing is signed that must be RS256. */
  readonly withFederationKey?: boolean;
}

/** Starts a house with the example policy. */
export async function startBrokerHouse({ nonces, withFederationKey = true }: HouseOptions = {}): Promise<BrokerHouse> {
  const issuers = await startIssuer({ issuers: ISSUERS.map((setup) => ({ ...setup, ...kept.get(setup.name) })) });
  for (const { name } of ISSUERS) kept.set(name, { keys: issuers.issuer(name).exportKeys() });
  const clock = fixedClock(instant(Date.now()));
  let heldNow = 0;
  let failing: string | undefined;
  let holding: { readonly operation: string; readonly waiting: (() => void)[] } | undefined;
  const draining = new AbortController();
  const worked: string[] = [];
  const world = memoryWorld({
    clock,
    policy: compiled(policyText(issuers.origin, SECRET_SHA256)),
    turn: async (operation) => {
      worked.push(operation);
      if (operation === failing) throw new Outage(operation);
      if (operation === holding?.operation) await new Promise<void>((go) => holding?.waiting.push(go));
    },
  });
  const keys = await signingKeys(withFederationKey);
  const logged: string[] = [];
  const logger = createLogger({
    name: 'broker',
    level: 'debug',
    destination: { write: (line: string) => void logged.push(line) },
  });
  const metrics = createMetrics({ processMetrics: false });
  const verifier = makeSubjectVerifier({
    ownIssuer: ISSUER,
    keys: makeIssuerKeys({ allowHttpIssuers: true }),
  });
  const shared: ExchangeDeps & Pick<MemoryWorld, 'devices'> = {
    ...world,
    verifier,
    ownVerifier: makeOwnVerifier({ issuer: ISSUER, keys }),
    details: makeDetailsChecker(),
    paces: makePaces(clock),
    signer: makeSigner({ issuer: ISSUER, keys }),
    chance: seededChance('broker-house'),
    hashing: sha256Hashing,
  };
  const redeemHandle = makeRedeemDevice({ ...shared, redeemHandle: makeRedeemHandle(shared) });
  const wakes = {
    wait: async (_id: RequestId, ms: number, signal: AbortSignal) => {
      heldNow += 1;
      await pause(Math.min(ms, 20), signal);
      heldNow -= 1;
    },
  };
  const changes = makeChanges({ wakes, versions: world.ledger.versions, draining: draining.signal });
  let followers = 0;
  const feed = makeRevocationReader({ revocations: world.revocations, onBehind: () => undefined });
  const revocationReader: RevocationReader = {
    ...feed,
    join: async (hear) => {
      const { from, leave } = await feed.join(hear);
      followers += 1;
      let isIn = true;
      return {
        from,
        leave: () => {
          followers -= isIn ? 1 : 0;
          isIn = false;
          leave();
        },
      };
    },
  };
  world.store.listeners.add(revocationReader.wake);
  const app = await buildServer({
    issuer: ISSUER,
    policies: world.policies,
    clock,
    hashing: sha256Hashing,
    verifier,
    ledger: world.ledger,
    exchangeToken: makeExchangeToken(shared),
    redeemHandle,
    heldPolls: makeHeldPolls({ redeemHandle, hashing: sha256Hashing, changes, clock, draining: draining.signal }),
    startBackchannel: makeStartBackchannel(shared),
    startDevice: makeStartDevice(shared),
    deviceDesk: makeDeviceDesk(shared),
    linkDesk: makeLinkDesk({ ...shared, links: world.slackLinks }),
    clientAssertions: makeClientAssertionVerifier({ issuer: ISSUER }),
    proofs: makeProofVerifier(),
    replayGuard: world.replayGuard,
    ...(nonces === undefined ? {} : { nonces }),
    introspectToken: makeIntrospectToken(shared),
    introspectionSigner: makeIntrospectionSigner({ issuer: ISSUER, keys }),
    revocations: world.revocations,
    revocationReader,
    signRevocation: makeRevocationSigner({ issuer: ISSUER, keys }),
    statusLists: makeStatusLists({
      endedBits: world.endedBits,
      sign: makeStatusListSigner({ issuer: ISSUER, keys }),
      monotonicMs: clock.now,
    }),
    revokeToken: makeRevokeToken(shared),
    submitRequest: makeSubmitRequest(shared),
    recordDecision: makeRecordDecision(shared),
    cancelRequest: makeCancelRequest(shared),
    revokeGrant: makeRevokeGrant(shared),
    reading: makeReading(shared),
    facts: world.facts,
    questions: world.questions,
    web: makeWebDeps({
      issuer: ISSUER,
      secret: new Uint8Array(32).fill(9),
      loginClientSecret: undefined,
      allowHttp: true,
      fetch: makeIssuerFetch({ allowLoopback: true }),
      sessions: world.sessions,
      clock,
    }),
    jwks: () => jwksDocument(keys.current()),
    wakes,
    changes,
    logger,
    metrics,
    ops: opsRoutes({ logger, metrics, checks: {} }),
    draining: draining.signal,
    limiter: createRateLimiter(),
    isOutage: (thrown) => thrown instanceof Outage,
  });
  return {
    app,
    world,
    issuers,
    logged,
    worked,
    policyWith: (from, to) => {
      const text = policyText(issuers.origin, SECRET_SHA256);
      if (!text.includes(from)) throw new Error(`the policy has no ${from}`);
      return text.replace(from, to);
    },
    putPolicy: (text) => world.policies.put(compiled(text)),
    advance(seconds) {
      clock.set(instant(clock.now() + seconds * 1_000));
      for (const { name } of ISSUERS) issuers.issuer(name).skew((clock.now() - Date.now()) / 1_000);
    },
    fail: (operation) => {
      failing = operation;
    },
    hold: (operation) => {
      const waiting: (() => void)[] = [];
      holding = { operation, waiting };
      return waiting;
    },
    holdNothing: () => {
      holding = undefined;
    },
    heldNow: () => heldNow,
    followers: () => followers,
    look: revocationReader.look,
    barTokens: () => makeBarTokens(world)({ door: 'worker', traceId: 'test' }),
    drain: () => draining.abort(),
    async close() {
      changes.close();
      revocationReader.close();
      await app.close();
      await issuers.close();
    },
  };
}

/** Compiles a policy text; throws with every issue if it has errors. */
export function compiled(text: string): Policy {
  const result = compilePolicy([{ file: 'policy.yaml', text }], { allowHttpIssuers: true });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.policy;
}

let federation: ReturnType<typeof generateSigningKey> | undefined;

/** Made once, like the issuers' keys. */
function federationKey(): ReturnType<typeof generateSigningKey> {
  federation ??= generateSigningKey('RS256');
  return federation;
}

async function signingKeys(withFederationKey: boolean) {
  const more = withFederationKey ? [await federationKey()] : [];
  const parsed = await parseKeySet(JSON.stringify({ keys: [await generateSigningKey(), ...more] }));
  if (!parsed.ok) throw new Error(parsed.error.join('; '));
  return fixedKeys(parsed.value);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
