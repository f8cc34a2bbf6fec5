/** What a running broker makes of a changed key file, rule by rule. The histories are in key-rotation.prop.test.ts. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { after, type Duration, duration, hours, type Instant, instant, minutes } from '@sallyport/core';
import { generateEntry } from './generate-key.ts';
import { type KeyEntry, type RevokedKey, spellKeyFile } from './key-file.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import { KEPT_AFTER, MAY_VERIFY, PUBLISHED_AHEAD } from './key-times.ts';
import { type LiveKeys, makeLiveKeys } from './live-keys.ts';
import { keyPool } from './test-support/key-world.ts';

const START = instant(Date.parse('2030-01-01T00:00:00Z'));
let a: KeyEntry;
let b: KeyEntry;
let c: KeyEntry;
let rsa: KeyEntry;
let live: LiveKeys;
let now: Instant;

beforeAll(async () => {
  const bare = (key: KeyEntry | undefined): KeyEntry => {
    if (key === undefined) throw new Error('a key is missing');
    const { publishedAt: _, ...rest } = key;
    return rest;
  };
  const [one, two, three] = await keyPool(3);
  [a, b, c, rsa] = [bare(one), bare(two), bare(three), bare(await generateEntry('RS256', START))];
});
beforeEach(async () => {
  now = START;
  live = makeLiveKeys(await set(a), now);
});

async function set(...keys: readonly KeyEntry[]): Promise<KeySet> {
  return revoking([], ...keys);
}
async function revoking(kids: readonly string[], ...keys: readonly KeyEntry[]): Promise<KeySet> {
  const revoked: readonly RevokedKey[] = kids.map((kid) => ({ kid, at: now }));
  const parsed = await parseKeySet(spellKeyFile({ keys, revoked }));
  if (!parsed.ok) throw new Error(parsed.error.join());
  return parsed.value;
}
const half = ({ privateHalf: _, ...key }: KeyEntry): KeyEntry => key;
const pass = (length: Duration): void => {
  now = after(now, length);
};
/** Follows a set; what then signs and is published, by the names of this test. */
async function follow(wanted: KeySet | Promise<KeySet>) {
  const followed = live.follow(await wanted, now);
  if (!followed.ok) return { refused: followed.error.join() };
  const name = (kid: string | undefined) => ({ [a.kid]: 'a', [b.kid]: 'b', [c.kid]: 'c', [rsa.kid]: 'rsa' })[kid ?? ''];
  const { signing, published } = live.current();
  return {
    signs: name(signing.ES256.kid),
    rs256: name(signing.RS256?.kid),
    published: published.map((key) => name(key.kid)).join(''),
    missing: followed.value.missing.map((key) => name(key.kid)).join(''),
    waiting: followed.value.waiting.map((key) => name(key.kid)).join(''),
  };
}

describe('a key put first', () => {
  test('signs once this broker has published it for an hour, and not before', async () => {
    expect(await follow(set(a, b))).toMatchObject({ signs: 'a', published: 'ab' });
    pass(duration(PUBLISHED_AHEAD - 1));
    expect(await follow(set(b, a))).toMatchObject({ signs: 'a', published: 'ba', waiting: 'b' });
    pass(duration(1));
    expect(await follow(set(b, a))).toMatchObject({ signs: 'b', waiting: '' });
  });

  test('never seen before: published at once, signs an hour later, though the file keeps only the public half of the one before', async () => {
    expect(await follow(set(b, half(a)))).toMatchObject({ signs: 'a', published: 'ba', waiting: 'b' });
    pass(PUBLISHED_AHEAD);
    expect(await follow(set(b, half(a)))).toMatchObject({ signs: 'b', published: 'ba' });
  });

  test('signs at once in place of one that was taken back', async () => {
    expect(await follow(revoking([a.kid], b))).toMatchObject({ signs: 'b', published: 'b', missing: '' });
  });

  test('signs at once as the first of its algorithm: nobody waits for it with an older set', async () => {
    expect(await follow(set(a, rsa))).toMatchObject({ signs: 'a', rs256: 'rsa' });
  });

  test('by the word of the file, of the first set alone: what it says of a key that came later is not believed', async () => {
    const old = { ...b, publishedAt: instant(START - hours(3)) };
    expect(await follow(set(old, a))).toMatchObject({ signs: 'a', waiting: 'b' });
    live = makeLiveKeys(await set(a, old), now);
    expect(await follow(set(old, a))).toMatchObject({ signs: 'b' });
  });

  test('K3: does not sign again after it has stopped', async () => {
    await follow(set(a, b));
    pass(PUBLISHED_AHEAD);
    expect(await follow(set(b, a))).toMatchObject({ signs: 'b' });
    pass(hours(5));
    expect(await follow(set(a, b))).toEqual({ refused: expect.stringContaining('does not sign again') });
    expect(live.current().signing.ES256.kid).toBe(b.kid);
  });

  test('K3: nor after the file said so before we came', async () => {
    live = makeLiveKeys(await set(a, { ...b, signedUntil: START }), now);
    expect(await follow(set(b, a))).toEqual({ refused: expect.stringContaining('does not sign again') });
  });
});

describe('a key left out', () => {
  beforeEach(async () => {
    await follow(set(a, b));
    pass(PUBLISHED_AHEAD);
    await follow(set(b, a));
  });

  test('stays published as long as what it signed may live, and an hour longer; with an alarm while it is needed', async () => {
    expect(await follow(set(b))).toMatchObject({ signs: 'b', published: 'ba', missing: 'a' });
    pass(MAY_VERIFY);
    expect(await follow(set(b))).toMatchObject({ published: 'ba', missing: '' });
    pass(duration(KEPT_AFTER - MAY_VERIFY));
    expect(await follow(set(b))).toMatchObject({ published: 'b', missing: '' });
  });

  test('goes at once when it was taken back, and does not come again', async () => {
    expect(await follow(revoking([a.kid], b))).toMatchObject({ published: 'b', missing: '' });
    expect(await follow(set(b, a))).toEqual({ refused: expect.stringContaining('does not come again') });
  });

  test('that signs: it stays, and signs until another may', async () => {
    expect(await follow(set(c))).toMatchObject({ signs: 'b', published: 'cba', missing: 'ba', waiting: 'c' });
    pass(PUBLISHED_AHEAD);
    expect(await follow(set(c))).toMatchObject({ signs: 'c', published: 'cba', missing: 'ba' });
    pass(KEPT_AFTER);
    expect(await follow(set(c))).toMatchObject({ signs: 'c', published: 'c' });
  });

  test('that was next for less than an hour goes at once; later others may have begun to sign with it', async () => {
    await follow(set(b, a, c));
    pass(minutes(59));
    expect(await follow(set(b, a))).toMatchObject({ published: 'ba', missing: '' });
    await follow(set(b, a, c));
    pass(PUBLISHED_AHEAD);
    await follow(set(b, a, c));
    expect(await follow(set(b, a))).toMatchObject({ published: 'bac', missing: 'c' });
  });

  test('that was there before us, with no word of whether it signed, may have', async () => {
    live = makeLiveKeys(await set(b, half(a)), now);
    expect(await follow(set(b))).toMatchObject({ published: 'ba', missing: 'a' });
  });

  test('the RS256 key gone from the file: nothing is signed with it any more, it stays published', async () => {
    await follow(set(b, a, rsa));
    expect(await follow(set(b, a))).toMatchObject({ rs256: undefined, missing: 'rsa' });
  });
});

test('another key under a known kid is refused: verifiers hold the old one by that name', async () => {
  const wanted = await set({ ...b, kid: a.kid });
  expect(live.follow(wanted, now)).toEqual({
    ok: false,
    error: [`${a.kid} is another key than before under the same kid`],
  });
});

test('what is refused changes nothing', async () => {
  const before = live.current();
  const other = await set({ ...b, kid: a.kid });
  expect(live.follow(other, now).ok).toBe(false);
  expect(live.current()).toBe(before);
});
