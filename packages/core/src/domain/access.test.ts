/** Tests of access: scopes are exact strings, sets are sorted, narrowing never widens. */
import { describe, expect, test } from '@jest/globals';
import { scopes } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { type Access, coversScopes, isScope, narrowScopes, type Scope, scopeSet, scopeText } from './access.ts';

const scope = (...texts: string[]): Scope[] => texts as string[] as Scope[];

describe('isScope', () => {
  test.each(['orders:read', 'a', '!', '~', 'https://x/y', "o'reilly"])('%j is one', (text) => {
    expect(isScope(text)).toBe(true);
  });
  test.each(['', ' ', 'a b', 'a"b', 'a\\b', 'a\tb', 'a\n', 'é', '\u0000', 'a'.repeat(129)])('%j is none', (text) => {
    expect(isScope(text)).toBe(false);
  });
});

test('equal sets are equal lists', () => {
  fc.assert(
    fc.property(scopes, (some) => {
      expect(scopeSet([...some].reverse().concat(some))).toEqual(some);
    }),
  );
});

test('I-1: scopes are compared as exact strings, not as prefixes or in any case', () => {
  const held = scope('orders:read');
  for (const wanted of ['orders', 'orders:', 'orders:read:all', 'Orders:read', 'orders:rea', 'orders:read ']) {
    expect(coversScopes(held, scope(wanted))).toBe(false);
  }
  expect(coversScopes(held, scope('orders:read', 'orders:read'))).toBe(true);
});

test('I-1: an empty wish is covered by nothing', () => {
  expect(coversScopes(scope('a'), [])).toBe(false);
  expect(coversScopes([], [])).toBe(false);
});

test('I-1: covering is the subset relation', () => {
  fc.assert(
    fc.property(scopes, scopes, (held, wanted) => {
      expect(coversScopes(held, wanted)).toBe(wanted.every((one) => held.includes(one)));
    }),
  );
});

test('I-1: narrowing keeps resource, role and audience, gives exactly the scopes said, and throws rather than widen', () => {
  fc.assert(
    fc.property(scopes, scopes, (held, wanted) => {
      const access: Access = {
        resource: 'r' as Access['resource'],
        role: 'admin' as Access['role'],
        audience: 'https://r',
        scopes: held,
      };
      if (!coversScopes(held, wanted)) expect(() => narrowScopes(access, wanted)).toThrow();
      else expect(narrowScopes(access, wanted)).toEqual({ ...access, scopes: wanted });
    }),
  );
});

test('RFC 6749 section 3.3: scopes on the wire are separated by one space', () => {
  expect(scopeText(scope('a', 'b'))).toBe('a b');
});
