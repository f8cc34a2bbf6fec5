/** Keys at rest: what is wrapped opens under its own key-encryption key, unchanged, as the key it is; and under nothing else. */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { instant } from '@sallyport/core';
import * as fc from 'fast-check';
import { decodeProtectedHeader } from 'jose';
import { generateEntry } from './generate-key.ts';
import { type KeyEntry, spellKeyFile } from './key-file.ts';
import { parseKeySet } from './key-set.ts';
import { type KeyWrapping, makeKeyWrapping } from './key-wrapping.ts';

jest.setTimeout(60_000);
const wrapping = makeKeyWrapping(new Uint8Array(32).fill(1));
const other = makeKeyWrapping(new Uint8Array(32).fill(2));
const START = instant(0);
let first: KeyEntry;
let second: KeyEntry;
beforeAll(async () => {
  [first, second] = await Promise.all([
    generateEntry('ES256', START, wrapping),
    generateEntry('ES256', START, wrapping),
  ]);
});

const problems = async (key: KeyEntry, by?: KeyWrapping) => {
  const read = await parseKeySet(spellKeyFile({ keys: [key], revoked: [] }), by);
  return read.ok ? [] : read.error;
};
const textOf = (key: KeyEntry): string => (key.privateHalf?.kind === 'wrapped' ? key.privateHalf.text : '');

describe('wrapping', () => {
  test('what was wrapped comes back, each time under another text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (plain) => {
        const [one, two] = [await wrapping.wrap(plain), await wrapping.wrap(plain)];
        expect(one).not.toBe(two);
        expect([...((await wrapping.unwrap(one)) ?? [])]).toEqual([...plain]);
      }),
      { numRuns: 30 },
    );
  });

  test('under another key, changed or cut, it does not open', async () => {
    const text = await wrapping.wrap(new Uint8Array(100).fill(9));
    expect(await other.unwrap(text)).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom('A', 'b', '.', '-', ''), async (at, by) => {
        const changed = text.slice(0, at) + by + text.slice(at + 1);
        const opened = await wrapping.unwrap(changed);
        // Spare bits of base64url may differ without a difference in what they spell.
        if (changed !== text && opened !== undefined) expect([...opened]).toEqual(Array(100).fill(9));
      }),
    );
    for (const no of ['', 'x', 'a.b.c.d.e', '{}']) expect(await wrapping.unwrap(no)).toBeUndefined();
  });

  test('what is about one opens about no other, and no such text passes for a signing key', async () => {
    const plain = new TextEncoder().encode('xoxb-secret');
    const text = await wrapping.wrap(plain, 'slack T01TEST');
    expect(await wrapping.unwrap(text, 'slack T01TEST')).toEqual(plain);
    for (const about of ['slack T02OTHER', '', undefined]) expect(await wrapping.unwrap(text, about)).toBeUndefined();
    expect(await wrapping.unwrap(await wrapping.wrap(plain), 'slack T01TEST')).toBeUndefined();
    // The name is authenticated: written over, it opens nothing.
    const [head = '', ...rest] = text.split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...header, about: 'slack T02OTHER' })).toString('base64url');
    expect(await wrapping.unwrap([forged, ...rest].join('.'), 'slack T02OTHER')).toBeUndefined();
  });

  test('the header names the key without telling of it, and how it was done', async () => {
    const header = decodeProtectedHeader(textOf(first));
    expect(header).toMatchObject({ alg: 'A256GCMKW', enc: 'A256GCM', cty: 'jwk+json', kid: wrapping.id });
    expect([wrapping.id, other.id]).toEqual([
      expect.stringMatching(/^k[0-9a-f]{12}$/),
      expect.not.stringMatching(wrapping.id),
    ]);
  });

  test('anything but 32 bytes is no key', () => {
    for (const length of [0, 16, 31, 33, 64]) expect(() => makeKeyWrapping(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe('a key with a wrapped half', () => {
  test('opens with its key-encryption key, and says what is missing without it', async () => {
    expect(await problems(first, wrapping)).toEqual([]);
    expect(await problems(first)).toEqual(['keys[0]: encrypted, and SALLYPORT_KEY_ENCRYPTION_KEY is not set']);
    expect(await problems(first, other)).toEqual([
      'keys[0]: encrypted under another SALLYPORT_KEY_ENCRYPTION_KEY, or damaged',
    ]);
  });

  test('does not pass for another key: halves cannot be exchanged', async () => {
    const exchanged = { ...first, privateHalf: { kind: 'wrapped' as const, text: textOf(second) } };
    expect(await problems(exchanged, wrapping)).toEqual(['keys[0]: its encrypted half is of another key']);
    expect(await problems({ ...first, kid: 'renamed' }, wrapping)).toHaveLength(1);
  });

  test('that is no key at all is refused', async () => {
    for (const plain of ['null', '[]', 'x', '{}']) {
      const text = await wrapping.wrap(Buffer.from(plain));
      expect(await problems({ ...first, privateHalf: { kind: 'wrapped', text } }, wrapping)).toHaveLength(1);
    }
  });

  test('a service that is away is an outage, not a bad file', async () => {
    const away: KeyWrapping = { ...wrapping, unwrap: () => Promise.reject(new Error('away')) };
    await expect(problems(first, away)).rejects.toThrow('away');
  });
});
