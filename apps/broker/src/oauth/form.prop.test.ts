/** Properties of the form parser: it reads what URLSearchParams writes, and never throws. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseForm } from './form.ts';

/** No NUL, no lone surrogate. */
const isSound = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);
const FORM = 'application/x-www-form-urlencoded';
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => isSound(one));
const pairs = fc.uniqueArray(
  fc.tuple(
    text,
    text.filter((value) => value !== ''),
  ),
  {
    selector: ([name]) => name,
    maxLength: 50,
  },
);

describe('parseForm', () => {
  test('reads back what an ordinary client writes', () => {
    fc.assert(
      fc.property(pairs, (sent) => {
        const body = new URLSearchParams(sent).toString();
        const form = parseForm(FORM, Buffer.from(body));
        expect(form).toEqual({ ok: true, value: new Map(sent.map(([name, value]) => [name, [value]])) });
      }),
    );
  });

  test('any bytes at all: a form or a refusal; no NUL and no lone surrogate comes through, and only two names repeat', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const form = parseForm(FORM, Buffer.from(bytes));
        if (!form.ok) return form.error.code === 'malformed';
        return [...form.value].every(
          ([name, values]) =>
            (values.length < 2 || name === 'audience' || name === 'resource') && [name, ...values].every(isSound),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('a name twice is refused, however it is spelt', () => {
    const spelt = (name: string, mask: readonly boolean[]) =>
      [...name].map((char, index) => (mask[index] ? `%${char.charCodeAt(0).toString(16)}` : char)).join('');
    const mask = fc.array(fc.boolean(), { minLength: 13, maxLength: 13 });
    fc.assert(
      fc.property(
        fc.constantFrom('scope', 'grant_type', 'subject_token', 'client_id'),
        mask,
        mask,
        (name, one, two) => {
          const body = `${spelt(name, one)}=a&x=1&${spelt(name, two)}=a`;
          expect(parseForm(FORM, Buffer.from(body)).ok).toBe(false);
        },
      ),
    );
  });
});
