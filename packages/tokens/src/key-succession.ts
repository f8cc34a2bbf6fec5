/** What a running broker makes of a changed key file, so that every live token verifies all its life (I-24). Pure. */
import { after, earlier, err, type Instant, ok, type Result } from '@sallyport/core';
import { type KeyAlg, timeText } from './key-file.ts';
import type { KeySet, PublishedKey, SigningKey, SigningKeys } from './key-set.ts';
import { MAY_VERIFY, PUBLISHED_AHEAD } from './key-times.ts';

/** What this broker knows of a key by its own publishing and signing. The file's word counts for the first set alone. */
interface Known {
  readonly thumbprint: string;
  readonly publishedSince: Instant;
  /** When it may have signed last; absent: never. Of a key that signs: the last look. */
  readonly signedUntil?: Instant;
  /** It has stopped signing. */
  readonly retired: boolean;
}

/** A key the file puts first, and since when it has been published long enough to sign. */
export interface WaitingKey {
  readonly kid: string;
  readonly signsFrom: Instant;
}

export interface Reign {
  /** The keys in force. */
  readonly set: KeySet;
  readonly known: ReadonlyMap<string, Known>;
  readonly waiting: readonly WaitingKey[];
}

/** The first set of a process is taken as it is: the first key of an algorithm signs, whatever its age. */
export function beginReign(first: KeySet, now: Instant): Reign {
  const known = first.published.map((key) => [key.kid, foundAtStart(key, signs(first, key.kid), now)] as const);
  return { set: first, known: new Map(known), waiting: [] };
}

/**
 * Judges the set a file now asks for. What it publishes is published at once; a key it puts first signs once it was
 * published for an hour, and until then the one before goes on; only if that one was taken back, at once.
 * Refused, with every problem: keys dropped that may still verify live tokens (unless taken back by name), another key
 * under a known kid, a key that signs again after it had stopped, one that comes again after it was taken back.
 */
export function succeed(reign: Reign, wanted: KeySet, now: Instant): Result<Reign, readonly string[]> {
  const known = withSigners(reign, now);
  const problems = [
    ...droppedTooSoon(known, wanted, now),
    ...wanted.published.flatMap((key) => comesWrongly(key, known.get(key.kid), reign, wanted)),
  ];
  if (problems.length > 0) return err(problems);
  const due = <A extends KeyAlg>(before: SigningKey<A> | undefined, next: SigningKey<A>): SigningKey<A> =>
    isDue(before, next, known, wanted, now) ? next : (before ?? next);
  const { ES256, RS256 } = wanted.signing;
  const before = reign.set.signing;
  const signing: SigningKeys = {
    ES256: due(before.ES256, ES256),
    ...(RS256 === undefined ? {} : { RS256: due(before.RS256, RS256) }),
  };
  const revoked = [...new Set([...reign.set.revoked, ...wanted.revoked])];
  const set = { signing, published: wanted.published, revoked };
  const next = new Map(set.published.map((key) => [key.kid, carried(key, known.get(key.kid), reign.set, set, now)]));
  return ok({ set, known: next, waiting: waitingIn(wanted, set, next) });
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

/** A key that came before us: unless the file says that it never signed, it may have, until now. */
function foundAtStart(key: PublishedKey, isSigner: boolean, now: Instant): Known {
  const { thumbprint, publishedAt, signingSince, signedUntil } = key;
  const neverSigned = !isSigner && publishedAt !== undefined && signingSince === undefined && signedUntil === undefined;
  return {
    thumbprint,
    publishedSince: earlier(publishedAt ?? now, now),
    retired: signedUntil !== undefined,
    ...(neverSigned ? {} : { signedUntil: signedUntil ?? now }),
  };
}

function withSigners({ known, set }: Reign, now: Instant): ReadonlyMap<string, Known> {
  const at = (kid: string, of: Known) => (signs(set, kid) ? { ...of, signedUntil: now } : of);
  return new Map([...known].map(([kid, of]) => [kid, at(kid, of)]));
}

function droppedTooSoon(known: ReadonlyMap<string, Known>, wanted: KeySet, now: Instant): readonly string[] {
  const stays = new Set([...wanted.published.map((key) => key.kid), ...wanted.revoked]);
  return [...known].flatMap(([kid, { signedUntil }]) => {
    const until = signedUntil === undefined ? now : after(signedUntil, MAY_VERIFY);
    return stays.has(kid) || until <= now
      ? []
      : [`${kid} is gone, but may verify live tokens until ${timeText(until)}`];
  });
}

function comesWrongly(key: PublishedKey, known: Known | undefined, reign: Reign, wanted: KeySet): readonly string[] {
  if (reign.set.revoked.includes(key.kid)) return [`${key.kid} was taken back, and does not come again`];
  if (known === undefined) return [];
  if (known.thumbprint !== key.thumbprint) return [`${key.kid} is another key than before under the same kid`];
  return known.retired && signs(wanted, key.kid) ? [`${key.kid} has stopped signing, and does not sign again`] : [];
}

function isDue(
  before: SigningKey | undefined,
  next: SigningKey,
  known: ReadonlyMap<string, Known>,
  wanted: KeySet,
  now: Instant,
): boolean {
  if (before === undefined || before.kid === next.kid || wanted.revoked.includes(before.kid)) return true;
  const since = known.get(next.kid)?.publishedSince;
  return since !== undefined && after(since, PUBLISHED_AHEAD) <= now;
}

/** What is known of a key of the next set. */
function carried(key: PublishedKey, known: Known | undefined, before: KeySet, set: KeySet, now: Instant): Known {
  const { thumbprint, signedUntil } = key;
  const retired = signedUntil !== undefined;
  const of = known ?? { thumbprint, publishedSince: now, retired, ...(retired ? { signedUntil } : {}) };
  if (signs(set, key.kid)) return { ...of, signedUntil: now };
  return signs(before, key.kid) ? { ...of, retired: true } : of;
}

/** Which keys of the file wait for their hour. */
function waitingIn(wanted: KeySet, set: KeySet, known: ReadonlyMap<string, Known>): readonly WaitingKey[] {
  return [wanted.signing.ES256, wanted.signing.RS256].flatMap((key) => {
    const since = key === undefined ? undefined : known.get(key.kid)?.publishedSince;
    if (key === undefined || since === undefined || signs(set, key.kid)) return [];
    return [{ kid: key.kid, signsFrom: after(since, PUBLISHED_AHEAD) }];
  });
}
