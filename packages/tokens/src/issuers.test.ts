/** The keys of issuers: where they are fetched from, how often, and how long they are believed. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Issuer } from '@sallyport/core';
import { aPolicy } from '@sallyport/testkit/core';
import { type IssuerServer, startIssuer, type TestIssuer } from '@sallyport/testkit/issuer';
import { decodeProtectedHeader } from 'jose';
import type { Resolve } from './fetch-json.ts';
import { type IssuerKeysDeps, type KeysFetched, makeIssuerKeys } from './issuers.ts';

const JWKS = '/ci/jwks';
const DISCOVERY = '/ci/.well-known/openid-configuration';
const MINUTE_MS = 60_000;

let server: IssuerServer;
let ci: TestIssuer;
let clock: number;
let fetched: KeysFetched[];

beforeEach(async () => {
  server = await startIssuer({ issuers: [{ name: 'ci' }] });
  ci = server.issuer('ci');
  clock = 1_000_000;
  fetched = [];
});
afterEach(() => server.close());

function issuer(change: Partial<Issuer> = {}): Issuer {
  const [base] = aPolicy().issuers;
  if (base === undefined) throw new Error('the example has issuers');
  return { ...base, issuer: ci.url, jwksUri: ci.jwksUri, ...change };
}

function discovered(change: Partial<Issuer> = {}): Issuer {
  const { jwksUri: _, ...rest } = issuer(change);
  return rest;
}

const keysOf = (deps: Partial<IssuerKeysDeps> = {}) =>
  makeIssuerKeys({
    allowHttpIssuers: true,
    monotonicMs: () => clock,
    onFetched: (one) => void fetched.push(one),
    timeoutMs: 500,
    ...deps,
  });

async function present(): Promise<{ kid: string; alg: string }> {
  const { kid = '' } = decodeProtectedHeader(await ci.idToken({ sub: 'x', audience: 'x' }));
  return { kid, alg: 'ES256' };
}

describe('where from', () => {
  test('the configured jwks_uri, without discovery', async () => {
    expect(await keysOf().keyFor(issuer(), await present())).toBeDefined();
    expect(server.requests.paths()).toEqual([JWKS]);
  });

  test('discovery, if none is configured', async () => {
    expect(await keysOf().keyFor(discovered(), await present())).toBeDefined();
    expect(server.requests.paths()).toEqual([DISCOVERY, JWKS]);
  });

  test('a discovery document about another issuer is not believed', async () => {
    expect(await keysOf().keyFor(discovered({ issuer: `${ci.url}/` }), await present())).toBeUndefined();
    expect(fetched.map((one) => one.problem)).toEqual(['discovery']);
    expect(server.requests.count(JWKS)).toBe(0);
  });

  test('X2: http and loopback only when allowed', async () => {
    expect(await keysOf({ allowHttpIssuers: false }).keyFor(issuer(), await present())).toBeUndefined();
    const https = issuer({ jwksUri: ci.jwksUri.replace('http:', 'https:') });
    expect(await keysOf({ allowHttpIssuers: false }).keyFor(https, await present())).toBeUndefined();
    expect(fetched.map((one) => one.problem)).toEqual(['insecure_url', 'address']);
    expect(server.requests.count()).toBe(0);
  });

  test.each([['10.0.0.7'], ['169.254.169.254'], ['fd00::1'], ['::ffff:10.0.0.7'], ['127.0.0.1']])(
    'X2: a public name that resolves to %s is refused before any connection',
    async (address) => {
      const resolve: Resolve = async () => ['93.184.216.34', address];
      const reached: string[] = [];
      const spy: typeof fetch = async (input) => {
        reached.push(String(input));
        return new Response('{"keys":[]}');
      };
      const keys = keysOf({ allowHttpIssuers: false, resolve, fetch: spy });
      expect(await keys.keyFor(issuer({ jwksUri: 'https://keys.acme.test/jwks' }), await present())).toBeUndefined();
      expect([fetched[0]?.problem, reached]).toEqual(['address', []]);
    },
  );

  test('X2: http goes to loopback only, also in development', async () => {
    const keys = keysOf({ resolve: async () => ['93.184.216.34'] });
    expect(await keys.keyFor(issuer({ jwksUri: 'http://keys.acme.test/jwks' }), await present())).toBeUndefined();
    expect(fetched[0]?.problem).toBe('address');
  });

  test('X2: a redirect is not followed', async () => {
    ci.failJwks('redirect');
    expect(await keysOf().keyFor(issuer(), await present())).toBeUndefined();
    expect(server.requests.paths()).toEqual([JWKS]);
  });
});

describe('how often', () => {
  test('many at once fetch once', async () => {
    const keys = keysOf();
    const wanted = await present();
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.keyFor(issuer(), wanted)));
    expect(new Set(found).size).toBe(1);
    expect(server.requests.count()).toBe(1);
  });

  test('S15: any number of unknown kids fetch once in 30 s', async () => {
    const keys = keysOf();
    await keys.keyFor(issuer(), await present());
    for (let n = 0; n < 100; n++) {
      clock += 290;
      expect(await keys.keyFor(issuer(), { kid: `made-up-${n}`, alg: 'ES256' })).toBeUndefined();
    }
    expect(server.requests.count()).toBe(1);
    clock += 30_000;
    await keys.keyFor(issuer(), { kid: 'made-up', alg: 'ES256' });
    expect(server.requests.count()).toBe(2);
  });

  test('J2: a new key is found at its first use', async () => {
    const keys = keysOf();
    await keys.keyFor(issuer(), await present());
    await ci.rotate();
    clock += 30_000;
    expect(await keys.keyFor(issuer(), await present())).toBeDefined();
    expect(server.requests.count()).toBe(2);
  });

  test('J2: a removed key is refused within ten minutes, also after a quiet hour', async () => {
    const keys = keysOf();
    const old = await present();
    await keys.keyFor(issuer(), old);
    await ci.rotate();
    ci.dropOldKeys();
    clock += 60 * MINUTE_MS;
    expect(await keys.keyFor(issuer(), old)).toBeUndefined();
  });

  test('a policy that moves the keys starts anew', async () => {
    const keys = keysOf();
    const wanted = await present();
    await keys.keyFor(issuer(), wanted);
    expect(await keys.keyFor(issuer({ jwksUri: `${ci.url}/nowhere` }), wanted)).toBeUndefined();
  });
});

describe('how long', () => {
  test('J1: with the issuer down the last good keys serve for a day, at two fetches a minute', async () => {
    const keys = keysOf();
    const wanted = await present();
    await keys.keyFor(issuer(), wanted);
    ci.failJwks('error_500');
    server.requests.reset();
    for (let passed = 0; passed < 20 * MINUTE_MS; passed += 10_000) {
      clock += 10_000;
      expect(await keys.keyFor(issuer(), wanted)).toBeDefined();
      await keys.keyFor(issuer(), { kid: 'unknown', alg: 'ES256' });
    }
    expect(server.requests.count()).toBeLessThanOrEqual(41);
    clock += 24 * 60 * MINUTE_MS;
    expect(await keys.keyFor(issuer(), wanted)).toBeUndefined();
    ci.failJwks();
    clock += 30_000;
    expect(await keys.keyFor(issuer(), wanted)).toBeDefined();
  });

  test('J1: nobody waits for an issuer that was down a moment ago', async () => {
    const keys = keysOf({ timeoutMs: 300 });
    const wanted = await present();
    await keys.keyFor(issuer(), wanted);
    ci.failJwks('silent');
    clock += 11 * MINUTE_MS;
    expect(await keys.keyFor(issuer(), wanted)).toBeDefined(); // waits for the first attempt
    clock += MINUTE_MS;
    const before = performance.now();
    expect(await keys.keyFor(issuer(), wanted)).toBeDefined();
    expect(performance.now() - before).toBeLessThan(200);
  });

  test.each(['error_500', 'html', 'huge', 'silent', 'cut', 'redirect'] as const)(
    'J3: %s is ignored, the last good keys stay',
    async (fault) => {
      const keys = keysOf();
      const wanted = await present();
      await keys.keyFor(issuer(), wanted);
      ci.failJwks(fault);
      clock += 11 * MINUTE_MS;
      expect(await keys.keyFor(issuer(), wanted)).toBeDefined();
      expect(fetched).toHaveLength(2);
      expect(fetched[1]?.problem).toBeDefined();
    },
  );

  test('the age of the keys, for the issuers of the policy', async () => {
    const keys = keysOf();
    expect(keys.ages([issuer()])).toEqual([]);
    await keys.keyFor(issuer(), await present());
    clock += 90_000;
    expect(keys.ages([issuer()])).toEqual([{ issuer: issuer().name, seconds: 90 }]);
    expect(keys.ages([])).toEqual([]);
  });
});

describe('which keys', () => {
  const publish = (document: unknown) => {
    const answer: typeof fetch = async () => new Response(JSON.stringify(document));
    return keysOf({ allowHttpIssuers: false, fetch: answer, resolve: async () => ['93.184.216.34'] });
  };
  const at = () => issuer({ jwksUri: 'https://keys.acme.test/jwks' });

  async function published() {
    const { keys } = (await (await fetch(ci.jwksUri)).json()) as { keys: [Record<string, unknown>] };
    return keys[0];
  }

  test('the one that is published plainly', async () => {
    const { use: __, alg: ___, ...plain } = await published();
    expect(await publish({ keys: [plain] }).keyFor(at(), await present())).toBeDefined();
  });

  test.each([
    ['for encryption', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['not for verifying', { key_ops: ['sign'] }],
    ['with its private half', { d: 'AAAA' }],
    ['of another kind', { kty: 'RSA' }],
    ['on another curve', { crv: 'P-384' }],
    ['without a name', { kid: undefined }],
    ['with a numeric name', { kid: 7 }],
    ['that is broken', { x: 'AAAA' }],
  ])('S21: a key %s is as if absent', async (_why, change) => {
    const wanted = await present();
    expect(await publish({ keys: [{ ...(await published()), ...change }] }).keyFor(at(), wanted)).toBeUndefined();
  });

  test('two keys of one name are none', async () => {
    const key = await published();
    expect(await publish({ keys: [key, key] }).keyFor(at(), await present())).toBeUndefined();
  });

  test('junk beside it does no harm', async () => {
    const junk = [null, 7, 'x', {}, { kty: 'oct', k: 'AAAA', kid: 'x' }];
    expect(await publish({ keys: [...junk, await published()] }).keyFor(at(), await present())).toBeDefined();
  });

  test.each([[null], [[]], [{}], [{ keys: {} }], ['x'], [{ keys: Array(201).fill(0) }]])(
    'what is no key set: %#',
    async (document) => {
      expect(await publish(document).keyFor(at(), await present())).toBeUndefined();
      expect(fetched[0]?.problem).toBe('not_a_key_set');
    },
  );
});
