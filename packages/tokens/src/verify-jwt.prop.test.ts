/** Properties of our verification: it agrees with jose, the library it stands in for, on every token. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { instant } from '@sallyport/core';
import fc from 'fast-check';
import { CompactSign, type CryptoKey, compactVerify, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { holdsSignature, makeSignature } from './jws-signature.ts';
import { parseRawJwt } from './raw-jwt.ts';
import { type JwtRules, verifyJwt } from './verify-jwt.ts';

const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
];
const NOW_SECONDS = 1_800_000_000;
const NOW = instant(NOW_SECONDS * 1_000 + 250);

interface Pair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

let pairs: ReadonlyMap<string, Pair>;
const pairOf = (alg: string): Pair => {
  const pair = pairs.get(alg);
  if (pair === undefined) throw new Error(`no pair for ${alg}`);
  return pair;
};
beforeAll(async () => {
  pairs = new Map(await Promise.all(ALGORITHMS.map(async (alg) => [alg, await generateKeyPair(alg)] as const)));
});

const accepts = async (verifying: Promise<unknown>): Promise<boolean> =>
  verifying.then(
    () => true,
    () => false,
  );

describe('claims', () => {
  /** Around every edge, and of every wrong kind. */
  const dates = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: NOW_SECONDS - 130, max: NOW_SECONDS + 130 }) },
    fc.constantFrom<unknown>(
      NOW_SECONDS + 0.5,
      NOW_SECONDS - 30.5,
      1e300,
      -1,
      0,
      String(NOW_SECONDS),
      null,
      true,
      [],
      {},
    ),
  );
  const texts = fc.constantFrom<unknown>(
    'https://ci.example',
    'https://ci.example/',
    'us',
    'you',
    1,
    null,
    ['us'],
    ['us', 'you'],
    ['you'],
    [],
    {},
  );
  const claims = fc.record(
    { iss: texts, aud: texts, sub: texts, iat: dates, nbf: dates, exp: dates },
    { requiredKeys: [] },
  );
  const good = fc.record({
    iss: fc.constant('https://ci.example'),
    aud: fc.constantFrom<unknown>('us', ['us', 'you']),
    sub: fc.constant('job'),
    iat: fc.integer({ min: NOW_SECONDS - 100, max: NOW_SECONDS }),
    exp: fc.integer({ min: NOW_SECONDS, max: NOW_SECONDS + 130 }),
  });
  /** Good but for one claim, which may be good too. */
  const nearlyGood = fc
    .tuple(good, claims, fc.constantFrom('iss', 'aud', 'sub', 'iat', 'nbf', 'exp'))
    .map(([all, others, name]) => ({ ...all, [name]: (others as Record<string, unknown>)[name] }));
  const rules = fc.record(
    {
      algorithms: fc.constantFrom(['ES256'], ['ES256'], ['RS256', 'ES256'], ['RS256']),
      issuer: fc.constant('https://ci.example'),
      audience: fc.constant('us'),
      requiredClaims: fc.constantFrom(['exp', 'iat', 'sub'], ['sub'], [], ['toString']),
      maxTokenAgeSeconds: fc.constantFrom(0, 60, 100),
      leewaySeconds: fc.constantFrom(0, 30),
    },
    { requiredKeys: ['algorithms', 'issuer', 'requiredClaims', 'leewaySeconds'] },
  ) as fc.Arbitrary<JwtRules>;

  const byJose = (token: string, key: CryptoKey, by: JwtRules) =>
    jwtVerify(token, key, {
      algorithms: [...by.algorithms],
      issuer: by.issuer,
      ...(by.audience === undefined ? {} : { audience: by.audience }),
      requiredClaims: [...by.requiredClaims],
      ...(by.maxTokenAgeSeconds === undefined ? {} : { maxTokenAge: by.maxTokenAgeSeconds }),
      clockTolerance: by.leewaySeconds,
      currentDate: new Date(NOW),
    });

  test('whatever a rightly signed token claims, both accept it or neither does', async () => {
    const { privateKey, publicKey } = pairOf('ES256');
    const seen = { accepted: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 1, arbitrary: claims }, { weight: 5, arbitrary: nearlyGood }),
        rules,
        async (payload, by) => {
          const token = await new SignJWT(payload as JWTPayload)
            .setProtectedHeader({ alg: 'ES256', kid: 'k' })
            .sign(privateKey);
          const raw = parseRawJwt(token);
          if (!raw.ok) throw new Error(`our own token does not parse: ${raw.error}`);
          const ours = (await verifyJwt(raw.value, publicKey, by, NOW)).ok;
          expect(ours).toBe(await accepts(byJose(token, publicKey, by)));
          seen[ours ? 'accepted' : 'refused'] += 1;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
  });
});

describe('signatures', () => {
  const TEXT = 'eyJhIjoxfQ.eyJiIjoyfQ';
  const [HEADER = '', PAYLOAD = ''] = TEXT.split('.');

  test.each(ALGORITHMS)('%s: jose takes what we sign, and we take what jose signs', async (alg) => {
    const { privateKey, publicKey } = pairOf(alg);
    const jws = await new CompactSign(Buffer.from('{"b":2}')).setProtectedHeader({ alg }).sign(privateKey);
    const [header = '', payload = '', signature = ''] = jws.split('.');
    expect(await holdsSignature(alg, publicKey, `${header}.${payload}`, signature)).toBe(true);
    const ours = await makeSignature(alg, privateKey, `${header}.${payload}`);
    expect(await accepts(compactVerify(`${header}.${payload}.${ours}`, publicKey))).toBe(true);
  });

  test.each(ALGORITHMS)('%s: a signature cut, padded, changed, or over another text holds for nobody', async (alg) => {
    const { privateKey, publicKey } = pairOf(alg);
    const good = Buffer.from(await makeSignature(alg, privateKey, TEXT), 'base64url');
    const others = [
      Buffer.alloc(0),
      Buffer.alloc(good.length),
      good.subarray(1),
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.from([0])]),
      Buffer.concat([Buffer.from([0]), good]),
      Buffer.from(good.map((byte, index) => (index === 5 ? byte ^ 1 : byte))),
    ];
    for (const bytes of others)
      expect(await holdsSignature(alg, publicKey, TEXT, bytes.toString('base64url'))).toBe(false);
    expect(await holdsSignature(alg, publicKey, `${HEADER}.${PAYLOAD}x`, good.toString('base64url'))).toBe(false);
  });

  test('a signature in the DER spelling of other tools is none', async () => {
    const { privateKey, publicKey } = pairOf('ES256');
    const raw = Buffer.from(await makeSignature('ES256', privateKey, TEXT), 'base64url');
    const half = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), bytes]);
    const both = Buffer.concat([half(raw.subarray(0, 32)), half(raw.subarray(32))]);
    const der = Buffer.concat([Buffer.from([48, both.length]), both]);
    expect(await holdsSignature('ES256', publicKey, TEXT, der.toString('base64url'))).toBe(false);
  });

  test('S14: one key, one algorithm: a key made for another never verifies and never signs', async () => {
    for (const wanted of ALGORITHMS) {
      for (const other of ALGORITHMS) {
        if (wanted === other || (/^Ed/.test(wanted) && /^Ed/.test(other))) continue;
        const signature = await makeSignature(other, pairOf(other).privateKey, TEXT);
        expect(await holdsSignature(wanted, pairOf(other).publicKey, TEXT, signature)).toBe(false);
        await expect(makeSignature(wanted, pairOf(other).privateKey, TEXT)).rejects.toThrow('its own algorithm');
      }
    }
  });

  test('S13, S14: none, HMAC and what nobody knows hold nothing', async () => {
    const { publicKey } = pairOf('ES256');
    for (const alg of ['none', 'HS256', 'es256', '', 'constructor', '__proto__'])
      expect(await holdsSignature(alg, publicKey, TEXT, 'AAAA')).toBe(false);
  });

  test('a key that may only sign verifies nothing', async () => {
    const { privateKey } = pairOf('ES256');
    const signature = await makeSignature('ES256', privateKey, TEXT);
    expect(await holdsSignature('ES256', privateKey, TEXT, signature)).toBe(false);
  });
});
