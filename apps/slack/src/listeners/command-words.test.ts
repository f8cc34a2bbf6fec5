/** What is typed after the command, whatever it is: read without throwing, within bounds, and never as more than it says. */
import { describe, expect, test } from '@jest/globals';
import { formatDuration, parseDuration } from '@sallyport/core';
import { ALICE, aPolicy, BOB } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { typed } from '../views/limits.ts';
import { choicesOf, readWords } from './command-words.ts';

const policy = aPolicy();

test.each([
  ['orders-db', { resource: 'orders-db' }],
  ['orders-db 45m', { resource: 'orders-db' }],
  ['"orders-db" fix it', { resource: 'orders-db', reason: 'fix it' }],
  ['orders-db for 45m', { resource: 'orders-db' }],
  ['orders-db why 30x though', { resource: 'orders-db', reason: 'why 30x though' }],
  ['for payments-deploy', { forWhom: 'payments-deploy' }],
  ['', {}],
])('%s', (text, wanted) => {
  const { duration, ...rest } = Object(readWords(text));
  expect(rest).toEqual(wanted);
  expect(duration === undefined ? undefined : formatDuration(duration)).toBe(text.includes('45m') ? '45m' : undefined);
});

test('what was meant as a length and is none is said to be so', () => {
  expect(readWords('orders-db 30x')).toBe('usage');
  expect(readWords('orders-db 1.5h fix')).toBe('usage');
});

describe('as choices', () => {
  const choose = (text: string, who = ALICE) => {
    const words = readWords(text);
    return words === 'usage' ? words : choicesOf(policy, who.id, words);
  };

  test('a workload of somebody else is no subject: the words become the reason', () => {
    expect(choose('orders-db for payments-deploy')).toEqual({
      resource: 'orders-db',
      subject: 'workload:payments-deploy',
    });
    expect(choose('orders-db for payments-deploy', BOB)).toEqual({
      resource: 'orders-db',
      justification: 'for payments-deploy',
    });
  });

  test('part of a name that means several resources stays as typed, and is refused later', () => {
    expect(choose('i')).toEqual({ resource: 'i' });
  });

  test('whatever is typed is read, and nothing of it grows', () => {
    const token = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom('for', '30m', '2h', 'me', 'orders-db', '“', '1'),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
        const chosen = choose(tokens.join(' '));
        if (chosen === 'usage') return;
        expect((chosen.justification ?? '').length).toBeLessThanOrEqual(typed.justification);
        if (chosen.duration !== undefined) expect(parseDuration(formatDuration(chosen.duration))).toBe(chosen.duration);
        expect(chosen.subject ?? 'me').toMatch(/^(me|workload:payments-deploy)$/);
      }),
    );
  });
});
