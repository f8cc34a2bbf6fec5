/** The issuer's keys, kept in memory: fetched when wanted, rarely, and good for a while when fetching fails. */
import type { CryptoKey, JWSHeaderParameters } from 'jose';
import type { Clock } from './clock.ts';
import { describe } from './http.ts';
import { fetchIssuerDocuments, type IssuerDocuments } from './issuer-documents.ts';
import { Outage } from './outage.ts';

export interface KeysHealth {
  /** Since the last fetch that succeeded; undefined when none ever did. */
  readonly ageSeconds: number | undefined;
  /** Why the last fetch failed; undefined when it did not. */
  readonly problem: string | undefined;
}

export interface IssuerKeys {
  /**
   * The one key with this header's `kid` that fits its `alg`; undefined when there is none, or two.
   * @throws Outage when there are no keys, or they have not been confirmed for too long
   */
  find(header: JWSHeaderParameters): Promise<CryptoKey | undefined>;
  /**
   * The same for what came from the issuer itself and must not be lost: a new key is looked for almost at once.
   * @throws Outage also when the key is unknown and the issuer's keys cannot be had: it may be good
   */
  findForIssuer(header: JWSHeaderParameters): Promise<CryptoKey | undefined>;
  /** @throws Outage when the issuer's documents cannot be had */
  introspectionEndpoint(): Promise<string | undefined>;
  /** Fetches unless there are keys already. @throws Outage */
  load(): Promise<void>;
  health(): KeysHealth;
}

export interface IssuerKeysDeps {
  readonly issuer: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** How long keys are believed while no fetch succeeds. */
  readonly keptMs: number;
  /** Nothing is fetched any more. */
  readonly closing: AbortSignal;
}

/** Between two fetches for a `kid` nobody knows: whoever makes up names does not make us a nuisance. */
const UNKNOWN_KID_SPACING_MS = 30_000;
/** Between two fetches when we cannot go on without. */
const URGENT_SPACING_MS = 1_000;
/** Older keys are fetched again in the background, */
const FRESH_MS = 5 * 60_000;
/** and older ones before they are used: a key the issuer dropped is refused within this. */
const STALE_MS = 10 * 60_000;
const KID_LENGTH_MAX = 255;

interface Kept {
  readonly documents: IssuerDocuments;
  readonly at: number;
}

/** Only the configured issuer is ever asked, and what it names on its own origin. */
export function makeIssuerKeys({ issuer, fetch: fetchLike, clock, keptMs, closing }: IssuerKeysDeps): IssuerKeys {
  let kept: Kept | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let problem: string | undefined;
  let underWay: Promise<void> | undefined;

  const ageMs = (): number => (kept === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - kept.at);

  /** One fetch at a time, and none within `spacingMs` of the last. Never rejects. */
  function refresh(spacingMs: number): Promise<void> {
    if (underWay !== undefined) return underWay;
    if (clock.monotonicMs() - triedAt < spacingMs) return Promise.resolve();
    triedAt = clock.monotonicMs();
    underWay = fetchIssuerDocuments(issuer, fetchLike, closing)
      .then(
        (documents) => {
          kept = { documents, at: clock.monotonicMs() };
          problem = undefined;
        },
        (failure: unknown) => {
          problem = describe(failure);
        },
      )
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  }

  /** What is known, made fresh first if need be. */
  async function current(): Promise<IssuerDocuments> {
    const age = ageMs();
    if (age > keptMs) await refresh(URGENT_SPACING_MS);
    else if (age > FRESH_MS) {
      const refreshed = refresh(UNKNOWN_KID_SPACING_MS);
      // Waiting for an issuer that was down a moment ago would only make everybody slow.
      if (age > STALE_MS && problem === undefined) await refreshed;
    }
    if (kept === undefined || ageMs() > keptMs) throw new Outage('keys_unavailable');
    return kept.documents;
  }

  /** Looks once more after a fetch, if one is due. */
  async function lookUp(header: JWSHeaderParameters, spacingMs: number): Promise<CryptoKey | undefined> {
    const { kid } = header;
    if (typeof kid !== 'string' || kid === '' || kid.length > KID_LENGTH_MAX) return undefined;
    const found = await pick(await current(), header);
    if (found !== undefined) return found;
    await refresh(spacingMs);
    return pick(await current(), header);
  }

  return {
    find: (header) => lookUp(header, UNKNOWN_KID_SPACING_MS),
    async findForIssuer(header) {
      const found = await lookUp(header, URGENT_SPACING_MS);
      if (found === undefined && problem !== undefined) throw new Outage('keys_unavailable');
      return found;
    },
    introspectionEndpoint: async () => (await current()).introspectionEndpoint,
    load: async () => {
      await current();
    },
    health: () => ({ ageSeconds: kept === undefined ? undefined : Math.floor(ageMs() / 1_000), problem }),
  };
}

/** A name that fits no key, or several, is no key (jose throws for both, and for keys it cannot import). */
async function pick({ keys }: IssuerDocuments, header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
  try {
    return await keys(header);
  } catch {
    return undefined;
  }
}
