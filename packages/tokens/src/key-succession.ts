/** What a running broker makes of a changed key file, so that every live token verifies all its life (I-24). Pure. */
import { after, earlier, err, type Instant, ok, type Result } from '@sallyport/core';
import { KEYS_PER_ALG_MAX, type KeyAlg } from './key-file.ts';
import type { KeySet, PublishedKey, SigningKey, SigningKeys } from './key-set.ts';
import { KEPT_AFTER, MAY_VERIFY, PUBLISHED_AHEAD } from './key-times.ts';

/** What this broker knows of a key by its own publishing and signing. The file's word counts for the first set alone. */
interface Known {
  readonly thumbprint: string;
  readonly publishedSince: Instant;
  /** When it may have signed last, here or on a broker that saw an earlier file; absent: never. */
  readonly maySignUntil?: Instant;
  /** It has stopped signing here. */
  readonly retired: boolean;
}

/** A key the file puts first, and from when on it was published long enough to sign. */
export interface WaitingKey {
  readonly kid: string;
  readonly signsFrom: Instant;
}

/** A key that is gone from the file although tokens it signed may be alive: it stays published from memory. */
export interface MissingKey {
  readonly kid: string;
  readonly neededUntil: Instant;
}

export interface Reign {
  /** The keys in force. */
  readonly set: KeySet;
  readonly known: ReadonlyMap<string, Known>;
  readonly waiting: readonly WaitingKey[];
  readonly missing: readonly MissingKey[];
}

/** The first set of a process is taken as it is: the first key of an algorithm signs, whatever its age. */
export function beginReign(first: KeySet, now: Instant): Reign {
  const known = first.published.map((key) => [key.kid, foundAtStart(key, signs(first, key.kid), now)] as const);
  return { set: first, known: new Map(known), waiting: [], missing: [] };
}

/**
 * Takes over the set a file now asks for, as far as that is safe at this moment; to be asked again as time goes on.
 *
 * - What it publishes is published at once.
 * - A key it puts first signs once it was published here for an hour; until then the one before goes on. At once if
 *   that one was taken back, or if there was none.
 * - A key it leaves out stays published until nothing that it may have signed is alive, unless it was taken back.
 *
 * Refused, with every problem: another key under a known kid; a key that signs again after it stopped; one that comes
 * again after it was taken back; too many keys together with those that have to stay.
 */
export function succeed(reign: Reign, wanted: KeySet, now: Instant): Result<Reign, readonly string[]> {
  const known = withSigners(reign, now);
  const left = leftOut(reign, wanted, known, now);
  const published = [...wanted.published, ...left];
  const problems = [
    ...wanted.published.flatMap((key) => comesWrongly(key, known.get(key.kid), reign, wanted)),
    ...tooMany(published),
  ];
  if (problems.length > 0) return err(problems);
  const signing = signersOf(reign, wanted, known, now);
  const set = { signing, published, revoked: [...new Set([...reign.set.revoked, ...wanted.revoked])] };
  const next = new Map(
    published.map((key) => [key.kid, carried(key, known.get(key.kid), { before: reign.set, set, wanted }, now)]),
  );
  return ok({ set, known: next, waiting: waitingIn(wanted, set, next), missing: missingIn(left, next, now) });
}

/** Whether two sets publish and sign alike. A kid stands for one key. */
export function sameKeys(a: KeySet, b: KeySet): boolean {
  const told = ({ signing, published }: KeySet): string =>
    JSON.stringify([signing.ES256.kid, signing.RS256?.kid, published.map((key) => key.kid)]);
  return told(a) === told(b);
}

function signs({ signing }: KeySet, kid: string): boolean {
  return signing.ES256.kid === kid || signing.RS256?.kid === kid;
}

/** A key that came before us: unless the file says that it was never due to sign, it may have, until now. */
function foundAtStart(key: PublishedKey, isSigner: boolean, now: Instant): Known {
  const { thumbprint, publishedAt, signingSince, signedUntil } = key;
  const publishedSince = earlier(publishedAt ?? now, now);
  const noted = publishedAt !== undefined && signingSince === undefined && signedUntil === undefined;
  const neverSigned = noted && !isSigner && !isOldEnough(publishedSince, now);
  return {
    thumbprint,
    publishedSince,
    retired: signedUntil !== undefined,
    ...(neverSigned ? {} : { maySignUntil: signedUntil ?? now }),
  };
}

function isOldEnough(publishedSince: Instant, now: Instant): boolean {
  return after(publishedSince, PUBLISHED_AHEAD) <= now;
}

function withSigners({ known, set }: Reign, now: Instant): ReadonlyMap<string, Known> {
  const at = (kid: string, of: Known) => (signs(set, kid) ? { ...of, maySignUntil: now } : of);
  return new Map([...known].map(([kid, of]) => [kid, at(kid, of)]));
}

/** What the file no longer has and somebody may still need. */
function leftOut(reign: Reign, wanted: KeySet, known: ReadonlyMap<string, Known>, now: Instant) {
  const handled = new Set([...wanted.published.map((key) => key.kid), ...wanted.revoked]);
  return reign.set.published.filter(({ kid }) => {
    const until = known.get(kid)?.maySignUntil;
    return !handled.has(kid) && until !== undefined && after(until, KEPT_AFTER) > now;
  });
}

/** Worth an alarm: a broker that starts now would not have them. An hour less than we keep them, as others may look late. */
function missingIn(
  left: readonly PublishedKey[],
  known: ReadonlyMap<string, Known>,
  now: Instant,
): readonly MissingKey[] {
  return left.flatMap(({ kid }) => {
    const until = known.get(kid)?.maySignUntil;
    const neededUntil = until === undefined ? now : after(until, MAY_VERIFY);
    return neededUntil > now ? [{ kid, neededUntil }] : [];
  });
}

function comesWrongly(key: PublishedKey, known: Known | undefined, reign: Reign, wanted: KeySet): readonly string[] {
  if (reign.set.revoked.includes(key.kid)) return [`${key.kid} was taken back, and does not come again`];
  if (known === undefined) return [];
  if (known.thumbprint !== key.thumbprint) return [`${key.kid} is another key than before under the same kid`];
  return known.retired && signs(wanted, key.kid) ? [`${key.kid} has stopped signing, and does not sign again`] : [];
}

function tooMany(published: readonly PublishedKey[]): readonly string[] {
  const algs = [...new Set(published.map((key) => key.alg))];
  const over = algs.filter((alg) => published.filter((key) => key.alg === alg).length > KEYS_PER_ALG_MAX);
  return over.map((alg) => `more than ${KEYS_PER_ALG_MAX} keys for ${alg}, with those that are gone too soon`);
}

function signersOf(reign: Reign, wanted: KeySet, known: ReadonlyMap<string, Known>, now: Instant): SigningKeys {
  const due = <A extends KeyAlg>(before: SigningKey<A> | undefined, next: SigningKey<A>): SigningKey<A> => {
    if (before === undefined || before.kid === next.kid || wanted.revoked.includes(before.kid)) return next;
    return isOldEnough(known.get(next.kid)?.publishedSince ?? now, now) ? next : before;
  };
  const before = reign.set.signing;
  const { ES256, RS256 } = wanted.signing;
  return {
    ES256: due(before.ES256, ES256),
    ...(RS256 === undefined ? {} : { RS256: due(before.RS256, RS256) }),
  };
}

interface Change {
  readonly before: KeySet;
  readonly set: KeySet;
  readonly wanted: KeySet;
}

/** What is known of a key of the next set. */
function carried(key: PublishedKey, known: Known | undefined, change: Change, now: Instant): Known {
  const { thumbprint, signedUntil } = key;
  const retired = signedUntil !== undefined;
  const of = known ?? { thumbprint, publishedSince: now, retired, ...(retired ? { maySignUntil: signedUntil } : {}) };
  if (signs(change.set, key.kid)) return { ...of, maySignUntil: now };
  if (signs(change.before, key.kid)) return { ...of, retired: true };
  return othersMaySign(key, of, change.wanted, now) ? { ...of, maySignUntil: now } : of;
}

/** A key that is ready may sign elsewhere, by a file that was there between two looks of ours. */
function othersMaySign(key: PublishedKey, known: Known, { published }: KeySet, now: Instant): boolean {
  const isThere = published.some(({ kid }) => kid === key.kid);
  return (
    isThere && key.canSign && !known.retired && key.signedUntil === undefined && isOldEnough(known.publishedSince, now)
  );
}

/** Which keys of the file wait for their hour. */
function waitingIn(wanted: KeySet, set: KeySet, known: ReadonlyMap<string, Known>): readonly WaitingKey[] {
  return [wanted.signing.ES256, wanted.signing.RS256].flatMap((key) => {
    const since = key === undefined ? undefined : known.get(key.kid)?.publishedSince;
    if (key === undefined || since === undefined || signs(set, key.kid)) return [];
    return [{ kid: key.kid, signsFrom: after(since, PUBLISHED_AHEAD) }];
  });
}
