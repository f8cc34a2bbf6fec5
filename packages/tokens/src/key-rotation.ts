/** What `sallyport keys` does with a key file, as pure functions: append, promote, retire, drop, take back. */
import { after, type Instant } from '@sallyport/core';
import { algsOf, KEYS_PER_ALG_MAX, type KeyAlg, type KeyEntry, type KeyFile, REVOKED_MAX } from './key-file.ts';
import { KEPT_AFTER, PUBLISHED_AHEAD } from './key-times.ts';

/** What a key is there for: to sign, to sign next, or only to verify what it signed. */
export type Standing = 'signs' | 'next' | 'retired';

/** One thing that was done to a key. */
export interface KeyStep {
  readonly did: 'published' | 'promoted' | 'retired' | 'dropped' | 'taken_back' | 'encrypted' | 'decrypted';
  readonly kid: string;
  readonly alg: KeyAlg;
}

export interface Changed {
  readonly file: KeyFile;
  readonly steps: readonly KeyStep[];
}

/**
 * What a key is there for. The first of its algorithm signs. Others are next only if we published them as such: of a
 * key that somebody else put there nobody knows whether it has signed, and what has signed never signs again.
 */
export function standingOf(file: KeyFile, key: KeyEntry): Standing {
  if (signerOf(file, key.alg) === key) return 'signs';
  const isNext = key.publishedAt !== undefined && key.signingSince === undefined && key.signedUntil === undefined;
  return isNext && key.privateHalf !== undefined ? 'next' : 'retired';
}

/** When the next key of an algorithm may sign; undefined without one. */
export function mayPromoteAt(file: KeyFile, alg: KeyAlg): Instant | undefined {
  const published = nextOf(file, alg)?.publishedAt;
  return published === undefined ? undefined : after(published, PUBLISHED_AHEAD);
}

/** When a retired key may go; undefined for one that is not, or of which nobody noted when it stopped. */
export function mayDropAt(key: KeyEntry): Instant | undefined {
  return key.signedUntil === undefined ? undefined : after(key.signedUntil, KEPT_AFTER);
}

/** Algorithms that sign and have no key to follow. */
export function lacksNext(file: KeyFile): readonly KeyAlg[] {
  return algsOf(file).filter((alg) => nextOf(file, alg) === undefined && of(file, alg).length < KEYS_PER_ALG_MAX);
}

/** Appends a new key: the next of its algorithm, or the one that signs if it is the first. */
export function publish(file: KeyFile, key: KeyEntry, now: Instant): Changed {
  const first = signerOf(file, key.alg) === undefined;
  const entry = { ...key, publishedAt: now, ...(first ? { signingSince: now } : {}) };
  return { file: { ...file, keys: [...file.keys, entry] }, steps: [step('published', entry)] };
}

/** Drops retired keys whose tokens are long dead; of one that nobody noted the end of, it is now, and its private half goes. */
export function dropPast(file: KeyFile, now: Instant): Changed {
  const retired = file.keys.filter((key) => standingOf(file, key) === 'retired');
  const past = retired.filter((key) => (mayDropAt(key) ?? now + 1) <= now);
  const unmarked = retired.filter((key) => key.signedUntil === undefined);
  const keys = file.keys
    .filter((key) => !past.includes(key))
    .map((key) => (unmarked.includes(key) ? retire(key, now) : key));
  const steps = [...past.map((key) => step('dropped', key)), ...unmarked.map((key) => step('retired', key))];
  return { file: { ...file, keys }, steps };
}

/** Lets every next key that was published for an hour sign, and retires the one before, if there is room for one more to follow. */
export function promoteDue(file: KeyFile, now: Instant): Changed {
  const due = algsOf(file).filter((alg) => {
    const from = mayPromoteAt(file, alg);
    return from !== undefined && from <= now && of(file, alg).length < KEYS_PER_ALG_MAX;
  });
  return inTurn(file, due, (seen, alg) => promote(seen, alg, now));
}

/**
 * Takes a key back by name: whoever has it drops it at once. If it signed, the next one signs, however young.
 * @returns undefined if no key is left to sign in its place: append one first
 */
export function takeBack(file: KeyFile, kid: string, now: Instant): Changed | undefined {
  const key = file.keys.find((one) => one.kid === kid);
  if (key === undefined) return { file, steps: [] };
  const mustFollow = standingOf(file, key) === 'signs';
  if (mustFollow && nextOf(file, key.alg) === undefined) return undefined;
  const promoted = mustFollow ? promote(file, key.alg, now) : { file, steps: [] };
  const keys = promoted.file.keys.filter((one) => one.kid !== kid);
  const revoked = [...file.revoked, { kid, at: now }].slice(-REVOKED_MAX);
  const steps = promoted.steps.filter((one) => one.did === 'promoted');
  return { file: { keys, revoked }, steps: [step('taken_back', key), ...steps] };
}

/** Everything private is lost to somebody: these new keys alone are left and sign at once, all others are taken back. */
export function startOver(file: KeyFile, fresh: readonly KeyEntry[], now: Instant): Changed {
  const keys = fresh.map((key) => ({ ...key, publishedAt: now, signingSince: now }));
  const gone = file.keys.map(({ kid }) => ({ kid, at: now }));
  const steps = [...file.keys.map((key) => step('taken_back', key)), ...keys.map((key) => step('promoted', key))];
  return { file: { keys, revoked: [...file.revoked, ...gone].slice(-REVOKED_MAX) }, steps };
}

/** Does one change after the other, each on what the one before left. */
export function inTurn<T>(file: KeyFile, on: readonly T[], change: (file: KeyFile, on: T) => Changed): Changed {
  return on.reduce<Changed>(
    (so, one) => {
      const next = change(so.file, one);
      return { file: next.file, steps: [...so.steps, ...next.steps] };
    },
    { file, steps: [] },
  );
}

function promote(file: KeyFile, alg: KeyAlg, now: Instant): Changed {
  const [before, next] = [signerOf(file, alg), nextOf(file, alg)];
  if (before === undefined || next === undefined) return { file, steps: [] };
  const rest = file.keys.filter((key) => key !== next).map((key) => (key === before ? retire(key, now) : key));
  const keys = [{ ...next, signingSince: now }, ...rest];
  return { file: { ...file, keys }, steps: [step('promoted', next), step('retired', before)] };
}

/** Only its public half stays: a retired key signs nothing. */
function retire({ privateHalf: _, ...key }: KeyEntry, now: Instant): KeyEntry {
  return { ...key, signedUntil: now };
}

function signerOf(file: KeyFile, alg: KeyAlg): KeyEntry | undefined {
  return file.keys.find((key) => key.alg === alg);
}

function nextOf(file: KeyFile, alg: KeyAlg): KeyEntry | undefined {
  return of(file, alg).find((key) => standingOf(file, key) === 'next');
}

function of(file: KeyFile, alg: KeyAlg): readonly KeyEntry[] {
  return file.keys.filter((key) => key.alg === alg);
}

function step(did: KeyStep['did'], { kid, alg }: KeyEntry): KeyStep {
  return { did, kid, alg };
}
