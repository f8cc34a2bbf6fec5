/** The keys of issuers: where they are fetched from, how often, and how long they are believed. */
import { generateKeyPairSync } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Issuer } from '@sallyport/core';
import { aPolicy } from '@sallyport/testkit/core';
import { type IssuerServer, startIssuer, type TestIssuer } from '@sallyport/testkit/issuer';
import { decodeProtectedHeader } from 'jose';
import { type IssuerKeysDeps, type KeysFetched, makeIssuerKeys } from './issuers.ts';
import type { Resolve } from './pinned-request.ts';

const JWKS = '/ci/jwks';
const DISCOVERY = '/ci/.well-known/openid-configuration';
const MINUTE_MS = 60_000;

let server: IssuerServer;
let ci: TestIssuer;
let clock: number;
let fetched: KeysFetched[];

beforeEach(async () => {
  server = await startIssuer({ issuers: [{ name: 'ci' }, { name: 'other' }] });
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
    timeoutMs: 2_000,
    ...deps,
  });

async function present(): Promise<{ kid: string; alg: string }> {
  const { kid = '' } = decodeProtectedHeader(await ci.idToken({ sub: 'x', audience: 'x' }));
  return { kid, alg: 'ES256' };
}

/** A listener that counts who connects, and hangs up. */
async function connections() {
  let count = 0;
  const listener = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    count: () => count,
    close: () => new Promise((resolve) => listener.close(resolve)),
  };
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

  test.each([['10.0.0.7'], ['169.254.169.254'], ['fd00::1'], ['::ffff:10.0.0.7'], ['64:ff9b::a00:7'], ['127.0.0.1']])(
    'X2: a public name that also resolves to %s is refused before any connection',
    async (address) => {
      const trap = await connections();
      const jwksUri = `https://keys.acme.test:${trap.port}/jwks`;
      const resolve: Resolve = async () => [address, '93.184.216.34'];
      try {
        const keys = keysOf({ allowHttpIssuers: false, resolve });
        expect(await keys.keyFor(issuer({ jwksUri }), await present())).toBeUndefined();
        expect([fetched[0]?.problem, trap.count()]).toEqual(['address', 0]);
      } finally {
        await trap.close();
      }
    },
  );

  test('X2: the name is looked up once, and the address that was checked is the one connected to', async () => {
    const asked: string[] = [];
    // A hostile name server: fine when it is checked, inside the network when it is asked again. The system knows no such name.
    const resolve: Resolve = async (name) => {
      asked.push(name);
      return [asked.length === 1 ? '127.0.0.1' : '10.0.0.7'];
    };
    const jwksUri = ci.jwksUri.replace('127.0.0.1', 'rebinding.acme.test');
    expect(await keysOf({ resolve }).keyFor(issuer({ jwksUri }), await present())).toBeDefined();
    expect(asked).toEqual(['rebinding.acme.test']);
    expect(server.requests.paths()).toEqual([JWKS]);
  });

  test('X2: every fetch checks anew: a name that moves inside the network gives no keys from there', async () => {
    let address = '127.0.0.1';
    const jwksUri = ci.jwksUri.replace('127.0.0.1', 'moving.acme.test');
    const keys = keysOf({ resolve: async () => [address] });
    await keys.keyFor(issuer({ jwksUri }), await present());
    address = '10.0.0.7';
    await ci.rotate();
    clock += 30_000;
    expect(await keys.keyFor(issuer({ jwksUri }), await present())).toBeUndefined();
    expect(fetched.map((one) => one.problem)).toEqual([undefined, 'address']);
  });

  test('X2: what discovery names is held to the same rules', async () => {
    const resolve: Resolve = async (name) => [name === 'inside.acme.test' ? '10.0.0.7' : '127.0.0.1'];
    for (const [jwksUri, problem] of [
      ['https://inside.acme.test/jwks', 'address'],
      ['http://user:secret@127.0.0.1/jwks', 'insecure_url'],
      ['file:///etc/passwd', 'insecure_url'],
      ['/jwks', 'insecure_url'],
    ]) {
      fetched = [];
      ci.publishDiscovery(JSON.stringify({ issuer: ci.url, jwks_uri: jwksUri }));
      expect(await keysOf({ resolve }).keyFor(discovered(), await present())).toBeUndefined();
      expect(fetched.map((one) => one.problem)).toEqual([problem]);
    }
    expect(server.requests.count(JWKS)).toBe(0);
  });

  test('X2: an address inside the network is tried only for an issuer that is allowed it', async () => {
    const resolve: Resolve = async () => ['fd12:3456:789a::1'];
    const jwksUri = 'https://keys.acme.test:9/jwks';
    const keys = keysOf({ allowHttpIssuers: false, resolve, timeoutMs: 200 });
    await keys.keyFor(issuer({ jwksUri }), await present());
    await keys.keyFor(issuer({ jwksUri, allowPrivateAddress: true }), await present());
    expect(fetched.map((one) => one.problem)).toEqual(['address', 'unreachable']);
  });

  test('X2: an https issuer must prove its name: a listener without a certificate gets nothing but a hello', async () => {
    const trap = await connections();
    const jwksUri = `https://keys.acme.test:${trap.port}/jwks`;
    try {
      const keys = keysOf({ resolve: async () => ['127.0.0.1'] });
      expect(await keys.keyFor(issuer({ jwksUri }), await present())).toBeUndefined();
      expect([fetched[0]?.problem, trap.count()]).toEqual(['unreachable', 1]);
    } finally {
      await trap.close();
    }
  });

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
    server.requests.reset();
    for (let n = 0; n < 100; n++) {
      clock += 290;
      expect(await keys.keyFor(issuer(), { kid: `made-up-${n}`, alg: 'ES256' })).toBeUndefined();
    }
    expect(server.requests.count()).toBe(1);
    clock += 30_000;
    await keys.keyFor(issuer(), { kid: 'made-up', alg: 'ES256' });
    expect(server.requests.count()).toBe(2);
  });

  test('DS-4: a flood of unknown kids is two fetches a minute and the ones that were due', async () => {
    const keys = keysOf();
    const minutes = 10;
    for (let n = 0; n < minutes * 1_000; n++) {
      clock += 60;
      await keys.keyFor(issuer(), { kid: `made-up-${n}`, alg: 'ES256' });
    }
    expect(server.requests.count()).toBeLessThanOrEqual(2 * minutes + 2);
  });

  test('fault J2: a new key is found at its first use, also right after a fetch', async () => {
    const keys = keysOf();
    await keys.keyFor(issuer(), await present());
    await ci.rotate();
    expect(await keys.keyFor(issuer(), await present())).toBeDefined();
    expect(server.requests.count()).toBe(2);
    await ci.rotate();
    clock += 30_000;
    expect(await keys.keyFor(issuer(), await present())).toBeDefined();
    expect(server.requests.count()).toBe(3);
  });

  test('fault J2: a removed key is refused within ten minutes while its tokens keep coming', async () => {
    const keys = keysOf();
    const old = await present();
    await keys.keyFor(issuer(), old);
    await ci.rotate();
    ci.dropOldKeys();
    const verdicts = [];
    for (let passed = 0; passed <= 10 * MINUTE_MS; passed += 15_000) {
      clock += 15_000;
      verdicts.push((await keys.keyFor(issuer(), old)) !== undefined);
    }
    expect(verdicts[0]).toBe(true);
    expect(verdicts.at(-1)).toBe(false);
    expect(server.requests.count()).toBeGreaterThan(1);
    expect(await keys.keyFor(issuer(), await present())).toBeDefined();
  });

  test('fault J2: a removed key is refused within ten minutes, also after a quiet hour', async () => {
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
  test('fault J1: with the issuer down the last good keys serve for a day, at two fetches a minute', async () => {
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

  test('fault J1: nobody waits for an issuer that was down a moment ago', async () => {
    const keys = keysOf();
    const wanted = await present();
    await keys.keyFor(issuer(), wanted);
    ci.failJwks('silent');
    clock += 11 * MINUTE_MS;
    expect(await keys.keyFor(issuer(), wanted)).toBeDefined(); // waits for the first attempt
    clock += MINUTE_MS;
    const attempts = fetched.length;
    expect(await keys.keyFor(issuer(), wanted)).toBeDefined();
    // The attempt it started is not over: it was not waited for.
    expect(fetched).toHaveLength(attempts);
  });

  test('fault J1: while one issuer does not answer, others are served', async () => {
    const other = server.issuer('other');
    const { kid = '' } = decodeProtectedHeader(await other.idToken({ sub: 'x', audience: 'x' }));
    const keys = keysOf();
    ci.failJwks('silent');
    const waiting = keys.keyFor(issuer(), await present());
    const served = keys.keyFor(issuer({ issuer: other.url, jwksUri: other.jwksUri }), { kid, alg: 'ES256' });
    expect(await served).toBeDefined();
    expect(fetched.map((one) => one.problem)).toEqual([undefined]);
    expect(await waiting).toBeUndefined();
  });

  test.each<[string, Resolve | undefined]>([
    ['discovery and keys', undefined],
    ['a name server', () => new Promise(() => undefined)],
  ])('fault J1: one time limit for everything together, also where %s never answer', async (_what, resolve) => {
    ci.failDiscovery('drip');
    const keys = keysOf({ timeoutMs: 100, ...(resolve === undefined ? {} : { resolve }) });
    expect(await keys.keyFor(discovered(), await present())).toBeUndefined();
    expect(fetched.map((one) => one.problem)).toEqual(['unreachable']);
  });

  test.each(['error_500', 'html', 'huge', 'silent', 'drip', 'cut', 'redirect'] as const)(
    'fault J3: %s is ignored, the last good keys stay',
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
    ci.publishJwks(JSON.stringify(document));
    return keysOf();
  };

  async function published() {
    const { keys } = (await (await fetch(ci.jwksUri)).json()) as { keys: [Record<string, unknown>] };
    return keys[0];
  }

  test('the one that is published plainly', async () => {
    const { use: __, alg: ___, ...plain } = await published();
    expect(await publish({ keys: [plain] }).keyFor(issuer(), await present())).toBeDefined();
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
    ['off its curve', { x: Buffer.alloc(32, 1).toString('base64url') }],
    ['for nothing at all', { key_ops: [] }],
    ['whose purpose is no text', { use: ['sig'] }],
  ])('S21: a key %s is as if absent', async (_why, change) => {
    const wanted = await present();
    expect(await publish({ keys: [{ ...(await published()), ...change }] }).keyFor(issuer(), wanted)).toBeUndefined();
  });

  test.each([
    ['of 1024 bits', 1_024, 65_537, false],
    ['of 2047 bits', 2_047, 65_537, false],
    ['of 2048 bits', 2_048, 65_537, true],
    ['with exponent 3', 2_048, 3, false],
  ])('S21: an RSA key %s', async (_why, modulusLength, publicExponent, taken) => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
    const keys = publish({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'rsa' }] });
    expect((await keys.keyFor(issuer(), { kid: 'rsa', alg: 'RS256' })) !== undefined).toBe(taken);
  });

  test.each([['AQ'], ['Ag'], ['AQAA'], [''], [7], ['AQABAQABAQAB']])(
    'S21: an RSA key with the exponent %j, by which anybody or nobody signs',
    async (e) => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      const keys = publish({ keys: [{ ...publicKey.export({ format: 'jwk' }), e, kid: 'rsa' }] });
      expect(await keys.keyFor(issuer(), { kid: 'rsa', alg: 'RS256' })).toBeUndefined();
    },
  );

  test('S21: a curve nobody listed', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const keys = publish({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] });
    for (const alg of ['ES256', 'ES256K', 'ES384', 'RS256', 'HS256', 'none']) {
      expect(await keys.keyFor(issuer(), { kid: 'k1', alg })).toBeUndefined();
    }
  });

  test('two keys of one name are none', async () => {
    const key = await published();
    expect(await publish({ keys: [key, key] }).keyFor(issuer(), await present())).toBeUndefined();
  });

  test('junk beside it does no harm', async () => {
    const junk = [null, 7, 'x', {}, { kty: 'oct', k: 'AAAA', kid: 'x' }];
    expect(await publish({ keys: [...junk, await published()] }).keyFor(issuer(), await present())).toBeDefined();
  });

  test.each([[null], [[]], [{}], [{ keys: {} }], ['x'], [{ keys: Array(201).fill(0) }]])(
    'what is no key set: %#',
    async (document) => {
      expect(await publish(document).keyFor(issuer(), await present())).toBeUndefined();
      expect(fetched[0]?.problem).toBe('not_a_key_set');
    },
  );
});
