/** The keys of trusted issuers, kept in memory: fetched when wanted, rarely, and good for a day when fetching fails. */
import type { Issuer, IssuerName } from '@sallyport/core';
import { type CryptoKey, importJWK } from 'jose';
import { type FetchKeysDeps, fetchKeys, type KeysProblem, type PublishedJwk } from './issuer-documents.ts';
import { fitsAlgorithm, publicMembers } from './key-fit.ts';
import { type Resolve, resolveBySystem } from './pinned-request.ts';

export interface WantedKey {
  readonly kid: string;
  readonly alg: string;
}

/** Every fetch, for log and metrics. */
export interface KeysFetched {
  readonly issuer: IssuerName;
  readonly problem?: KeysProblem;
}

export interface IssuerKeys {
  /** The one key of this issuer with this name that fits the algorithm; undefined if there is none, or two. */
  keyFor(issuer: Issuer, wanted: WantedKey): Promise<CryptoKey | undefined>;
  /** How old the kept keys of these issuers are; an issuer whose keys were never had is left out. */
  ages(issuers: readonly Issuer[]): readonly { readonly issuer: IssuerName; readonly seconds: number }[];
}

export interface IssuerKeysDeps {
  /** SALLYPORT_ALLOW_HTTP_ISSUERS: http and loopback addresses are fine (development). */
  readonly allowHttpIssuers: boolean;
  readonly onFetched?: (fetched: KeysFetched) => void;
  readonly resolve?: Resolve;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs?: () => number;
  readonly timeoutMs?: number;
}

const FETCH_TIMEOUT_MS = 5_000;
/**
 * Between two fetches from one issuer. A key it did not have at the last good one may be looked for at once, for it may
 * just have rotated; but only once, or made-up names of keys would be a way to flood it.
 */
const FETCH_SPACING_MS = 30_000;
/** Older keys are fetched again in the background, */
const FRESH_MS = 5 * 60_000;
/** and older ones before they are used: a key an issuer removed is refused within this. */
const STALE_MS = 10 * 60_000;
/** Fetching has failed for so long: trust ends. */
const KEPT_MS = 24 * 60 * 60_000;
const ISSUERS_MAX = 500;

interface Kept {
  readonly keys: readonly PublishedJwk[];
  readonly at: number;
  /** By algorithm and name. */
  readonly imported: Map<string, Promise<CryptoKey | undefined>>;
}

type Cause = 'age' | 'unknown_key';

interface Entry {
  kept?: Kept;
  tried?: { readonly at: number; readonly cause: Cause };
  failing: boolean;
  underWay?: Promise<void>;
}

/** Only the issuer it is asked about is ever fetched from, and only at its configured or discovered address. */
export function makeIssuerKeys(deps: IssuerKeysDeps): IssuerKeys {
  const now = deps.monotonicMs ?? (() => performance.now());
  const entries = new Map<string, Entry>();
  const fetching: FetchKeysDeps = {
    resolve: deps.resolve ?? resolveBySystem,
    allowLoopback: deps.allowHttpIssuers,
    timeoutMs: deps.timeoutMs ?? FETCH_TIMEOUT_MS,
  };

  async function keyFor(issuer: Issuer, wanted: WantedKey): Promise<CryptoKey | undefined> {
    const entry = entryOf(entries, issuer);
    const justFetched = await renew(entry, issuer);
    const found = pick(entry, wanted);
    if (found !== undefined || justFetched) return found;
    await refresh(entry, issuer, 'unknown_key');
    return pick(entry, wanted);
  }

  /** Fetches again what has grown old. Whether it was waited for. */
  async function renew(entry: Entry, issuer: Issuer): Promise<boolean> {
    const age = ageOf(entry);
    if (age <= FRESH_MS) return false;
    const refreshed = refresh(entry, issuer, 'age');
    // Waiting for an issuer that was down a moment ago would only make everybody slow.
    if (age <= STALE_MS || entry.failing) return false;
    await refreshed;
    return true;
  }

  function ageOf(entry: Entry): number {
    return entry.kept === undefined ? Number.POSITIVE_INFINITY : now() - entry.kept.at;
  }

  /** One fetch at a time, and not too soon after the last. Never rejects. */
  function refresh(entry: Entry, issuer: Issuer, cause: Cause): Promise<void> {
    if (entry.underWay !== undefined) return entry.underWay;
    if (!mayFetch(entry, cause)) return Promise.resolve();
    entry.tried = { at: now(), cause };
    entry.underWay = fetchInto(entry, issuer).finally(() => {
      delete entry.underWay;
    });
    return entry.underWay;
  }

  function mayFetch({ tried, failing }: Entry, cause: Cause): boolean {
    if (tried === undefined || now() - tried.at >= FETCH_SPACING_MS) return true;
    return cause === 'unknown_key' && tried.cause === 'age' && !failing;
  }

  async function fetchInto(entry: Entry, issuer: Issuer): Promise<void> {
    const fetched = await fetchKeys(issuer, fetching);
    entry.failing = !fetched.ok;
    if (fetched.ok) entry.kept = { keys: fetched.value, at: now(), imported: new Map() };
    deps.onFetched?.({ issuer: issuer.name, ...(fetched.ok ? {} : { problem: fetched.error }) });
  }

  function pick(entry: Entry, wanted: WantedKey): Promise<CryptoKey | undefined> | undefined {
    if (entry.kept === undefined || ageOf(entry) > KEPT_MS) return undefined;
    return pickKey(entry.kept, wanted);
  }

  return {
    keyFor,
    ages: (issuers) =>
      issuers.flatMap((issuer) => {
        const entry = entries.get(nameOfEntry(issuer));
        return entry?.kept === undefined ? [] : [{ issuer: issuer.name, seconds: ageOf(entry) / 1_000 }];
      }),
  };
}

/** Where its keys may come from is part of its name: a policy that moves them starts anew. */
function nameOfEntry({ issuer, jwksUri, allowPrivateAddress }: Issuer): string {
  return `${issuer} ${jwksUri ?? ''} ${allowPrivateAddress ?? false}`;
}

function entryOf(entries: Map<string, Entry>, issuer: Issuer): Entry {
  const name = nameOfEntry(issuer);
  const known = entries.get(name);
  if (known !== undefined) return known;
  const [oldest] = entries.keys();
  if (entries.size >= ISSUERS_MAX && oldest !== undefined) entries.delete(oldest);
  const entry: Entry = { failing: false };
  entries.set(name, entry);
  return entry;
}

/** Imported once. Two that fit are none: which of them was meant is not for the token to say. */
function pickKey(kept: Kept, { kid, alg }: WantedKey): Promise<CryptoKey | undefined> | undefined {
  const [fitting, ...others] = kept.keys.filter((key) => key.kid === kid && fitsAlgorithm(key, alg));
  if (fitting === undefined || others.length > 0) return undefined;
  const name = `${alg} ${kid}`;
  const known = kept.imported.get(name);
  if (known !== undefined) return known;
  const imported = importPublic(fitting, alg);
  kept.imported.set(name, imported);
  return imported;
}

async function importPublic(jwk: PublishedJwk, alg: string): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(publicMembers(jwk), alg);
    return key instanceof Uint8Array ? undefined : key;
  } catch {
    return undefined;
  }
}
