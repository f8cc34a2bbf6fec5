/** User codes: how they are made, typed and read; and which resource scopes alone mean. */
import { describe, expect, test } from '@jest/globals';
import { aPolicy } from '@sallyport/testkit/core';
import fc from 'fast-check';
import type { ResourceId, Scope } from './access.ts';
import { parseUserCode, resourceWithScopes, spellUserCode, userCodeText } from './device.ts';

const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 });

describe('P24: a user code', () => {
  test('is eight letters that make no words, and comes back from however it is typed', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom('', '-', ' ', '–', ' - '), fc.boolean(), (random, between, lower) => {
        const code = spellUserCode(random);
        expect(userCodeText(code)).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
        const typed = ` ${userCodeText(code).replace('-', between)} `;
        expect(parseUserCode(lower ? typed.toLowerCase() : typed)).toBe(code);
      }),
    );
  });

  test('has at least 34 bits: every code can come, no bit of chance is lost to the others', () => {
    expect(Math.log2(20 ** 8)).toBeGreaterThan(34);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 20n ** 8n - 1n }), (wanted) => {
        const hex = wanted.toString(16).padStart(16, '0');
        const code = spellUserCode(Uint8Array.from(Buffer.from(hex, 'hex')));
        const back = [...code]
          .reverse()
          .reduce((sum, letter) => sum * 20n + BigInt('BCDFGHJKLMNPQRSTVWXZ'.indexOf(letter)), 0n);
        expect(back).toBe(wanted);
      }),
    );
    expect(() => spellUserCode(new Uint8Array(4))).toThrow('8 random bytes');
  });

  test('anything else typed is none', () => {
    for (const typed of [
      '',
      'WDJB-MJH',
      'WDJB-MJHTT',
      'WDJA-MJHT',
      'WDJB_MJHT',
      '12345678',
      'ſDJB-MJHT',
      'W'.repeat(1_000),
    ])
      expect(parseUserCode(typed)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (typed) => void parseUserCode(typed)));
  });
});

describe('P24: scopes without a target', () => {
  const scopes = (...names: readonly string[]) => names as readonly string[] as readonly Scope[];
  const policy = aPolicy();

  test('mean the one enabled resource that has all of them', () => {
    expect(resourceWithScopes(policy, scopes('orders:read', 'orders:write'))?.id).toBe('orders-db');
  });

  test('mean nothing where no resource has them, or two do', () => {
    expect(resourceWithScopes(policy, scopes('orders:read', 'nothing:read'))).toBeUndefined();
    expect(resourceWithScopes(policy, scopes())).toBeUndefined();
    const [orders] = policy.resources.filter((one) => one.id === 'orders-db');
    if (orders === undefined) throw new Error('the example has an orders database');
    const twin = { ...orders, id: 'twin' as ResourceId };
    expect(
      resourceWithScopes({ ...policy, resources: [...policy.resources, twin] }, scopes('orders:read')),
    ).toBeUndefined();
    const off = { ...twin, enabled: false };
    expect(resourceWithScopes({ ...policy, resources: [...policy.resources, off] }, scopes('orders:read'))?.id).toBe(
      'orders-db',
    );
  });
});
