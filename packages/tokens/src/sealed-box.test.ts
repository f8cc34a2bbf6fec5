/** What a sealed text gives away and what opens it. */
import { describe, expect, test } from '@jest/globals';
import { after, instant, minutes } from '@sallyport/core';
import fc from 'fast-check';
import { makeSealedBox } from './sealed-box.ts';

const secret = new Uint8Array(32).fill(7);
const now = instant(Date.UTC(2026, 0, 1));
const until = after(now, minutes(30));
const box = makeSealedBox({ secret, purpose: 'test' });

describe('a sealed text', () => {
  test('comes back as it was, also to another process with the same secret', async () => {
    const text = await box.seal({ sub: 'alice', n: 1 }, until);
    expect(await makeSealedBox({ secret, purpose: 'test' }).open(text, now)).toEqual({ sub: 'alice', n: 1 });
  });

  test('shows nothing of what is in it, and never looks the same twice', async () => {
    const value = { sub: 'alice-the-canary' };
    const [one, two] = [await box.seal(value, until), await box.seal(value, until)];
    const readable = one.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(readable.join()).not.toContain('canary');
    expect(one).not.toBe(two);
  });

  test('is over at its end, by the clock that is handed in', async () => {
    const text = await box.seal({ sub: 'alice' }, until);
    expect(await box.open(text, instant(until - 1_000))).toEqual({ sub: 'alice' });
    expect(await box.open(text, until)).toBeUndefined();
  });

  test('opens for one purpose and with one secret only', async () => {
    const text = await box.seal({ sub: 'alice' }, until);
    expect(await makeSealedBox({ secret, purpose: 'other' }).open(text, now)).toBeUndefined();
    expect(
      await makeSealedBox({ secret: new Uint8Array(32).fill(8), purpose: 'test' }).open(text, now),
    ).toBeUndefined();
  });

  test('with any one character changed opens no more', async () => {
    const text = await box.seal({ sub: 'alice' }, until);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.constantFrom('A', 'z', '.', '='), async (at, letter) => {
        fc.pre(text[at] !== letter);
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        // The last character of a part may carry bits that mean nothing: those texts are other spellings of the same bytes.
        const spelled = (one: string) => one.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
        fc.pre(spelled(changed).join() !== spelled(text).join());
        expect(await box.open(changed, now)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('whatever text is brought, it is a value or nothing, never a throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 6_000 }), async (text) => {
        expect(await box.open(text, now)).toBeUndefined();
      }),
    );
  });

  test('a secret that is too short is a bug of ours', () => {
    expect(() => makeSealedBox({ secret: new Uint8Array(16), purpose: 'x' })).toThrow(RangeError);
  });
});
