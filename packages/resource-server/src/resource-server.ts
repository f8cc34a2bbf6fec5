/** Puts a resource server together from its parts, and owns its beginning and end. */
import { makeOpenAccessToken, TOKEN_LIFE_SECONDS_MAX } from './access-token.ts';
import { basicAuthorization } from './basic.ts';
import { makeDeny } from './challenge.ts';
import type { IncomingCall } from './credentials.ts';
import { makeProofCheck } from './dpop-proof.ts';
import { type Introspect, makeIntrospect } from './introspection.ts';
import { type IssuerKeys, type KeysHealth, makeIssuerKeys } from './issuer-keys.ts';
import type { Need } from './need.ts';
import { type ResourceServerOptions, type Settings, settingsFrom } from './options.ts';
import { makeBackoff, pause } from './pause.ts';
import { makeReplayMemory } from './replay-memory.ts';
import { type ProtectedResourceMetadata, protectedResourceMetadata } from './resource-metadata.ts';
import { makeFeed } from './revocations/feed.ts';
import { makeFeedClient } from './revocations/feed-client.ts';
import { noRevocations, type RevocationHealth, type RevocationSource } from './revocations/revocation-source.ts';
import { makeRevoked } from './revocations/revoked.ts';
import { makeReadEvent } from './revocations/security-event.ts';
import { makeStatusLists } from './revocations/status-lists.ts';
import type { Denied, Verified } from './verdict.ts';
import { makeVerify } from './verify.ts';

export interface Health {
  readonly keys: KeysHealth;
  readonly revocations: RevocationHealth;
}

export interface ResourceServer {
  /** Judges a call; throws for nothing that a caller can send. Without a need, looking at the scopes is yours. */
  verify(call: IncomingCall, need?: Need): Promise<Verified | Denied>;
  /**
   * Resolves when a good token would pass: keys are here, and the feed has caught up.
   * @throws Error when that takes longer (default 10 s), or it is closed meanwhile. It goes on trying all the same
   */
  ready(timeoutMs?: number): Promise<void>;
  health(): Health;
  /** The document of RFC 9728 about this resource, to be served at its well-known address. */
  protectedResourceMetadata(more?: Readonly<Record<string, unknown>>): ProtectedResourceMetadata;
  /** Ends the connection to the issuer. */
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 10_000;
const [RETRY_FIRST_MS, RETRY_LAST_MS] = [250, 8_000];
/** Beyond so many, older proofs are refused by their age. */
const PROOFS_REMEMBERED_MAX = 100_000;
/** A clock set back by this opens no second use of a proof. */
const CLOCK_JUMP_MS = 60_000;
const REVOKED_REMEMBERED_MAX = 100_000;
/** The issuer gives a sign of life every 15 s. */
const FEED_SILENCE_MS_MAX = 20_000;

/**
 * A resource server for one issuer and one audience. Listens to the feed from the first `ready` or `verify` on.
 * @throws TypeError that lists everything wrong with the options
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const settings = settingsFrom(options);
  const { issuer, audience, clock } = settings;
  const closing = new AbortController();
  const keys = makeIssuerKeys({
    issuer,
    fetch: settings.fetch,
    clock,
    keptMs: settings.keyAgeMsMax,
    closing: closing.signal,
  });
  const revocations = revocationSource(settings, keys);
  const verify = makeVerify({
    settings,
    openAccessToken: makeOpenAccessToken({ ...settings, keys }),
    proofs: proofCheck(settings),
    revocations,
    introspect: introspection(settings, keys),
    deny: makeDeny(settings),
  });

  async function loadKeys(): Promise<void> {
    const backoff = makeBackoff(RETRY_FIRST_MS, RETRY_LAST_MS);
    while (!closing.signal.aborted && !(await isLoaded(keys))) await pause(backoff.nextMs(), closing.signal);
  }

  return {
    verify(call, need) {
      revocations.start();
      return verify(call, need);
    },
    async ready(timeoutMs = READY_TIMEOUT_MS) {
      revocations.start();
      await inTime(Promise.all([loadKeys(), revocations.caughtUp()]), timeoutMs, closing.signal);
    },
    health: () => ({ keys: keys.health(), revocations: revocations.health() }),
    protectedResourceMetadata: (more) => protectedResourceMetadata({ issuer, audience, dpop: settings.dpop }, more),
    async close() {
      closing.abort();
      await revocations.close();
    },
  };
}

function revocationSource(settings: Settings, keys: IssuerKeys): RevocationSource {
  const { issuer, audience, fetch, clock, client } = settings;
  if (settings.revocations === 'status-list') return makeStatusLists({ issuer, keys, fetch, clock });
  if (settings.revocations === 'none' || client === undefined) return noRevocations;
  const authorization = basicAuthorization(client.id, client.secret);
  return makeFeed({
    client: makeFeedClient({ issuer, authorization, fetch, silenceMsMax: FEED_SILENCE_MS_MAX }),
    readEvent: makeReadEvent({ issuer, audience, keys }),
    revoked: makeRevoked(REVOKED_REMEMBERED_MAX, TOKEN_LIFE_SECONDS_MAX * 1_000),
    clock,
    backoff: makeBackoff(RETRY_FIRST_MS, RETRY_LAST_MS),
    ageMsMax: settings.feedAgeMsMax,
  });
}

function introspection(settings: Settings, keys: IssuerKeys): Introspect | undefined {
  const { issuer, audience, fetch, client, introspectionTimeoutMs: timeoutMs } = settings;
  if (settings.introspection === 'never' || client === undefined) return undefined;
  return makeIntrospect({
    issuer,
    audience,
    keys,
    fetch,
    timeoutMs,
    authorization: basicAuthorization(client.id, client.secret),
  });
}

function proofCheck({ proofAgeSecondsMax, clockToleranceSeconds, clock }: Settings) {
  const usableMs = (proofAgeSecondsMax + clockToleranceSeconds) * 1_000 + CLOCK_JUMP_MS;
  const replay = makeReplayMemory(usableMs, PROOFS_REMEMBERED_MAX);
  return makeProofCheck({ maxAgeSeconds: proofAgeSecondsMax, clockToleranceSeconds, replay, clock });
}

async function isLoaded(keys: IssuerKeys): Promise<boolean> {
  try {
    await keys.load();
    return true;
  } catch {
    return false;
  }
}

/** Settles with the work, unless that takes too long or is over. */
async function inTime(work: Promise<unknown>, timeoutMs: number, closing: AbortSignal): Promise<void> {
  const timeout = AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]);
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => reject(new Error(closing.aborted ? 'closed' : `not ready within ${timeoutMs} ms`));
    if (timeout.aborted) return giveUp();
    timeout.addEventListener('abort', giveUp, { once: true });
    work.then(() => resolve(), reject);
  });
}
