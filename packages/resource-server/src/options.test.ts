/** What a resource server may be told, and that every mistake is said at once. */
import { describe, expect, test } from '@jest/globals';
import { metadataUrlOf, type ResourceServerOptions, settingsFrom } from './options.ts';
import { comparableUrl } from './public-url.ts';
import { createResourceServer } from './resource-server.ts';

const GOOD: ResourceServerOptions = {
  issuer: 'https://sallyport.acme.test',
  audience: 'https://api.acme.test',
  publicUrl: 'https://api.acme.test',
};
const CLIENT = { clientId: 'orders-api', clientSecret: 'secret' };

test('without a client only keys are used; with one, the feed, and introspection in doubt', () => {
  expect(settingsFrom(GOOD)).toMatchObject({ revocations: 'none', introspection: 'never', whenInDoubt: 'closed' });
  expect(settingsFrom({ ...GOOD, ...CLIENT })).toMatchObject({ revocations: 'feed', introspection: 'on-doubt' });
});

describe('refused', () => {
  const CASES: readonly Partial<ResourceServerOptions>[] = [
    { issuer: 'http://sallyport.acme.test' },
    { issuer: 'https://user@sallyport.acme.test' },
    { issuer: 'sallyport' },
    { audience: '' },
    { audience: 'a"b' },
    { publicUrl: 'api.acme.test' },
    { publicUrl: 'ftp://api.acme.test' },
    { publicUrl: 'https://api.acme.test/?a=b' },
    { metadataUrl: 'not a url' },
    { clientId: 'orders-api' },
    { clientSecret: 'secret' },
    { introspection: 'always' },
    { revocations: 'feed' },
    { ...CLIENT, introspection: 'on-doubt', revocations: 'none' },
    { maxFeedAgeSeconds: 19 },
    { maxProofAgeSeconds: 301 },
    { clockToleranceSeconds: 61 },
    { clockToleranceSeconds: Number.NaN },
    { maxKeyAgeSeconds: 86_401 },
    { introspectionTimeoutMs: 0 },
  ];
  test.each(CASES)('%j', (wrong) => {
    expect(() => createResourceServer({ ...GOOD, ...wrong })).toThrow(TypeError);
  });

  test('all problems at once, and no secret among them', () => {
    const wrong = { issuer: 'x', audience: '', clientSecret: 'very-secret' };
    const problem = (() => {
      try {
        settingsFrom({ ...GOOD, ...wrong });
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    expect(problem).toMatch(/issuer.*audience.*clientId and clientSecret/);
    expect(problem).not.toContain('very-secret');
  });
});

test('loopback may be http, and nothing else that looks like it', () => {
  for (const issuer of ['http://localhost:8080', 'http://127.0.0.1:1', 'http://[::1]:1'])
    expect(() => settingsFrom({ ...GOOD, issuer })).not.toThrow();
  for (const issuer of ['http://localhost.evil.test', 'http://127.0.0.1.evil.test', 'http://0.0.0.0'])
    expect(() => settingsFrom({ ...GOOD, issuer })).toThrow(TypeError);
});

test('RFC 9728 section 3.1: the metadata is between the host and the path of the resource, if callers are there', () => {
  const at = (audience: string, publicUrl = 'https://api.acme.test') => metadataUrlOf(audience, publicUrl);
  expect(at('https://api.acme.test')).toBe('https://api.acme.test/.well-known/oauth-protected-resource');
  expect(at('https://api.acme.test/v1')).toBe('https://api.acme.test/.well-known/oauth-protected-resource/v1');
  expect(at('https://orders-db.acme.test')).toBeUndefined();
  expect(at('urn:orders')).toBeUndefined();
  expect(metadataUrlOf('https://api.acme.test', () => 'https://api.acme.test/x')).toBeUndefined();
});

test('RFC 9449 section 4.3: what is no web address is comparable to nothing', () => {
  for (const text of ['', 'x', 'data:,x', 'https://a:b@api.acme.test/']) expect(comparableUrl(text)).toBeUndefined();
  expect(comparableUrl('http://API.acme.test:80/a%2fb%7e')).toBe('http://api.acme.test/a%2Fb~');
});
