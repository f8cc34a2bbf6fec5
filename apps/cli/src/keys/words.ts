/** How the command line says what was done with keys, what each is there for, and what comes next. Kids and times only. */
import { type Instant, later } from '@sallyport/core';
import type { KeyFile, KeyStep, Standing } from '@sallyport/tokens';
import type { Output } from '../output.ts';

type Tokens = typeof import('@sallyport/tokens');

const DONE = {
  published: 'published',
  promoted: 'signs from now on',
  retired: 'signs no more; only its public half stays, for what it signed',
  dropped: 'dropped: what it signed is long over',
  taken_back: 'taken back: nothing it signed is accepted any more',
  encrypted: 'encrypted',
  decrypted: 'decrypted',
} as const satisfies Record<KeyStep['did'], string>;

const LEAK = 'after a leak: revoke the grants that are live, for tokens may have been made of them (sallyport revoke)';

/** One key as machines read it. */
export interface KeyView {
  readonly kid: string;
  readonly alg: string;
  readonly standing: Standing;
  readonly encrypted: boolean;
  readonly published_at?: string;
  readonly signing_since?: string;
  readonly signed_until?: string;
  readonly may_sign_at?: string;
  readonly may_drop_at?: string;
}

/** One line per step, and what is left to do after a leak. */
export function stepLines(steps: readonly KeyStep[]): readonly string[] {
  const lines = steps.map(({ did, kid, alg }) => `${alg}  ${kid}  ${DONE[did]}`);
  return steps.some(({ did }) => did === 'taken_back') ? [...lines, LEAK] : lines;
}

/** Every key, in the order of the file. */
export function keyViews(file: KeyFile, tokens: Tokens): readonly KeyView[] {
  const { standingOf, mayPromoteAt, mayDropAt } = tokens;
  const time = (name: string, at: Instant | undefined) => (at === undefined ? {} : { [name]: tokens.timeText(at) });
  return file.keys.map((key) => {
    const standing = standingOf(file, key);
    return {
      kid: key.kid,
      alg: key.alg,
      standing,
      encrypted: key.privateHalf?.kind === 'wrapped',
      ...time('published_at', key.publishedAt),
      ...time('signing_since', key.signingSince),
      ...time('signed_until', key.signedUntil),
      ...(standing === 'next' ? time('may_sign_at', mayPromoteAt(file, key.alg)) : {}),
      ...time('may_drop_at', mayDropAt(key)),
    };
  });
}

/** One line per key. */
export function keyLines(views: readonly KeyView[], out: Pick<Output, 'good' | 'dim'>): readonly string[] {
  return views.map((key) => `${key.alg}  ${key.standing.padEnd(7)}  ${key.kid}  ${out.dim(aboutKey(key))}`);
}

function aboutKey(key: KeyView): string {
  if (key.standing === 'signs') return key.signing_since === undefined ? '' : `since ${key.signing_since}`;
  if (key.standing === 'next') return `may sign from ${key.may_sign_at}`;
  return key.may_drop_at === undefined ? 'nobody noted when it stopped' : `may go from ${key.may_drop_at}`;
}

/** When the next `keys rotate` finds something to do, and what to do until then. */
export function nextLine(file: KeyFile, now: Instant, tokens: Tokens): string {
  const { algsOf, lacksNext, mayPromoteAt, timeText } = tokens;
  if (lacksNext(file).length > 0) return 'next: sallyport keys rotate publishes the keys to follow';
  const times = algsOf(file).flatMap((alg) => mayPromoteAt(file, alg) ?? []);
  const [first, ...more] = times;
  if (first === undefined) return 'next: nothing to follow yet';
  const from = more.reduce(later, first);
  return from <= now
    ? 'next: sallyport keys rotate lets the next keys sign; once a month is enough'
    : `next: from ${timeText(from)} on, sallyport keys rotate lets the next keys sign; once a month is enough`;
}
