/** The key file: what is written is read again, what is strange is refused without being quoted, and nobody else may touch it. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { instant } from '@sallyport/core';
import * as fc from 'fast-check';
import { generateEntry } from './generate-key.ts';
import { exposureOf, readKeyText } from './key-access.ts';
import { KEY_FILE_BYTES_MAX, type KeyEntry, type KeyFile, parseKeyFile, spellKeyFile } from './key-file.ts';
import { parseKeySet } from './key-set.ts';
import { makeKeyWrapping } from './key-wrapping.ts';

jest.setTimeout(60_000);
const START = instant(Date.parse('2030-01-01T00:00:00Z'));
let plain: KeyEntry;
let wrapped: KeyEntry;
beforeAll(async () => {
  plain = await generateEntry('ES256', START);
  wrapped = await generateEntry('ES256', START, makeKeyWrapping(new Uint8Array(32).fill(7)));
});

const time = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => instant(seconds * 1_000));
const notes = fc.record({ publishedAt: time, signingSince: time, signedUntil: time }, { requiredKeys: [] });
const jsonOf = (file: KeyFile) => JSON.parse(spellKeyFile(file));

describe('a key file', () => {
  test('what is written is what is read', () => {
    fc.assert(
      fc.property(notes, notes, fc.array(time, { maxLength: 4 }), (one, two, times) => {
        const { publishedAt: _, ...bare } = plain;
        const file: KeyFile = {
          keys: [
            { ...bare, ...one },
            { ...wrapped, ...two },
          ],
          revoked: times.map((at, index) => ({ kid: `gone-${index}`, at })),
        };
        const read = parseKeyFile(spellKeyFile(file));
        expect(read.ok && jsonOf(read.value)).toEqual(jsonOf(file));
      }),
    );
  });

  test('members of others are kept, those of a private half never beside a public one', () => {
    const [key] = jsonOf({ keys: [plain], revoked: [] }).keys;
    const read = parseKeyFile(JSON.stringify({ keys: [{ ...key, key_ops: ['sign'] }] }));
    if (!read.ok) throw new Error(read.error.join());
    expect(jsonOf(read.value).keys[0]).toMatchObject({ key_ops: ['sign'], d: key.d });
    const { privateHalf: _, ...half } = read.value.keys[0] ?? plain;
    expect(Object.keys(jsonOf({ keys: [half], revoked: [] }).keys[0]).sort()).toEqual(
      ['alg', 'crv', 'kid', 'kty', 'sallyport', 'use', 'x', 'y'].sort(),
    );
  });

  test('whatever stands in it, reading ends in keys or in problems that do not quote it', async () => {
    const [key] = jsonOf({ keys: [plain], revoked: [] }).keys;
    const canary = 'canary-canary';
    const odd = fc.oneof(
      fc.constantFrom(canary, '', '2030-02-30T00:00:00Z', '2030-01-01', null, true, {}, [canary]),
      fc.jsonValue(),
    );
    const members = fc.constantFrom('kty', 'crv', 'x', 'y', 'd', 'alg', 'use', 'kid', 'sallyport');
    const ours = fc.dictionary(
      fc.constantFrom('published_at', 'signed_until', 'signing_since', 'wrapped', 'more'),
      odd,
    );
    await fc.assert(
      fc.asyncProperty(members, odd, fc.option(ours), fc.option(odd), async (name, value, sallyport, set) => {
        const changed = { ...key, ...(sallyport === null ? {} : { sallyport }), [name]: value };
        const text = JSON.stringify({ keys: [changed], ...(set === null ? {} : { sallyport: set }) });
        const read = await parseKeySet(text);
        if (!read.ok) expect(read.error.join().replace(`${name}`, '')).not.toContain(canary);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a time that is none', { published_at: '2030-13-45T99:00:00Z' }, /sallyport.published_at/],
    ['a member we do not write', { surprise: 1 }, /sallyport/],
    ['two private halves', { wrapped: 'x' }, /there twice/],
  ])('refused: %s', (_, sallyport, words) => {
    const [key] = jsonOf({ keys: [plain], revoked: [] }).keys;
    const read = parseKeyFile(JSON.stringify({ keys: [{ ...key, sallyport }] }));
    expect(read.ok ? '' : read.error.join()).toMatch(words);
  });

  test.each([
    ['the first key has stopped signing', () => [{ ...plain, signedUntil: START }], /^the first ES256 key has stopped/],
    ['a key that was taken back is there again', () => [plain], /^keys\[0\]: was taken back/],
  ])('refused: %s', async (_, keys, words) => {
    const read = await parseKeySet(spellKeyFile({ keys: keys(), revoked: [{ kid: plain.kid, at: START }] }));
    expect(read.ok ? '' : read.error.join()).toMatch(words);
  });

  test('K1: what is noted in the file is not published', async () => {
    const read = await parseKeySet(spellKeyFile({ keys: [plain], revoked: [] }));
    expect(read.ok && Object.keys(read.value.published[0]?.jwk ?? {}).sort()).toEqual(
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'].sort(),
    );
  });
});

describe('on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'key-file-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('no more is read than a key file may hold', async () => {
    const file = join(folder, 'huge.json');
    await writeFile(file, ' '.repeat(KEY_FILE_BYTES_MAX * 4));
    const { text } = await readKeyText(file);
    expect([text.length, parseKeyFile(text).ok]).toEqual([KEY_FILE_BYTES_MAX + 1, false]);
  });

  test('who else may read or write it is seen', async () => {
    const file = join(folder, 'keys.json');
    await writeFile(file, spellKeyFile({ keys: [plain], revoked: [] }));
    for (const mode of [0o600, 0o640, 0o644]) {
      await chmod(file, mode);
      expect((await readKeyText(file)).mode).toBe(mode);
    }
  });

  test.each([
    [0o600, false, false],
    [0o400, false, false],
    [0o440, false, false],
    [0o640, false, false],
    [0o644, true, false],
    [0o604, true, false],
    [0o660, true, true],
    [0o666, true, true],
    [0o602, true, true],
  ])('%o: refused in the clear %p, encrypted %p', (mode, inTheClear, encrypted) => {
    expect(exposureOf(mode, { keys: [plain], revoked: [] }) !== undefined).toBe(inTheClear);
    expect(exposureOf(mode, { keys: [wrapped], revoked: [] }) !== undefined).toBe(encrypted);
  });
});
