/** What is stored of a policy, and what reading it back refuses. */
import { describe, expect, test } from '@jest/globals';
import { parseCompiled, serializePolicy } from './compiled.ts';
import { compiled, EXAMPLE } from './test-support/example.ts';

describe('the stored policy', () => {
  const { policy } = compiled(
    `${EXAMPLE}\nlogin: { issuer: workforce, client_id: sallyport-web }\nslack: { fallback_channel: C01FALLBACK }`,
  );

  test('survives a store that forgets the order of members', () => {
    const stored = JSON.stringify(serializePolicy(policy), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(parseCompiled(JSON.parse(stored))).toEqual(policy);
  });

  test('a changed document has another version: whoever stored it under one can tell', () => {
    const stored = JSON.stringify(serializePolicy(policy)).replace('"count":1', '"count":2');
    expect(parseCompiled(JSON.parse(stored)).version).not.toBe(policy.version);
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'x'],
    ['another format', { version: 2 }],
    ['an unknown member', { version: 1, admins: [] }],
  ])('I-25: %s is thrown at, not made do with', (_, document) => {
    expect(() => parseCompiled(document)).toThrow();
  });
});
