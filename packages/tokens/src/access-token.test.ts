/** Our own access tokens: what is in them, who accepts them, and which ones we ourselves do. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { after, instant, minutes, seconds, type TokenFacts } from '@sallyport/core';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { generateSigningKey } from './generate-key.ts';
import { jwksDocument } from './jwks-document.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import { fixedKeys } from './live-keys.ts';
import { makeOwnVerifier } from './own-verifier.ts';
import { makeSigner } from './signer.ts';
import { AUDIENCE, someFacts } from './test-support/facts.ts';

const ISSUER = 'https://sallyport.acme.test';
const NOW = instant(Math.floor(Date.now() / 1_000) * 1_000 + 250);
let keys: KeySet;
let jwks: JSONWebKeySet;

beforeAll(async () => {
  keys = await aKeySet();
  jwks = jwksDocument(keys) as unknown as JSONWebKeySet;
});

async function aKeySet(): Promise<KeySet> {
  const parsed = await parseKeySet(JSON.stringify({ keys: [await generateSigningKey(), await generateSigningKey()] }));
  if (!parsed.ok) throw new Error(parsed.error.join());
  return parsed.value;
}

const sign = (change: Partial<TokenFacts> = {}, issuer = ISSUER, by = keys) =>
  makeSigner({ issuer, keys: fixedKeys(by) }).sign(someFacts(NOW, change));
const verify = (token: string, at = NOW) =>
  makeOwnVerifier({ issuer: ISSUER, keys: fixedKeys(keys) }).verify(token, at);

describe('what is in it', () => {
  test('exactly the members of the contract, and aud one text', async () => {
    const token = await sign();
    const facts = someFacts(NOW);
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: keys.signing.ES256.kid });
    expect(decodeJwt(token)).toEqual({
      iss: ISSUER,
      sub: 'workload:payments-deploy',
      aud: AUDIENCE,
      exp: facts.expiresAt / 1_000,
      iat: facts.issuedAt / 1_000,
      jti: facts.jti,
      client_id: 'ci',
      scope: 'orders:read orders:write',
      grant_id: facts.grantId,
      txn: facts.requestId,
    });
  });

  test('the same facts again: another signature, the same claims', async () => {
    const [one, two] = await Promise.all([sign(), sign()]);
    expect(one).not.toBe(two);
    expect(decodeJwt(one)).toEqual(decodeJwt(two));
  });
});

describe('T17: verifiers that know nothing of us accept it', () => {
  test('jose, by the published keys', async () => {
    const { payload } = await jwtVerify(await sign(), createLocalJWKSet(jwks), {
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    });
    expect(payload.sub).toBe('workload:payments-deploy');
  });

  test('oauth4webapi (RFC 9068)', async () => {
    const as = { issuer: ISSUER, jwks_uri: `${ISSUER}/oauth/jwks` };
    const request = async () =>
      new Request('https://orders-db.acme.test/orders', { headers: { authorization: `Bearer ${await sign()}` } });
    const serveKeys = async () =>
      new Response(JSON.stringify(jwks), { headers: { 'content-type': 'application/json' } });
    const options = { [oauth.customFetch]: serveKeys };
    const claims = await oauth.validateJwtAccessToken(as, await request(), AUDIENCE, options);
    expect(claims.client_id).toBe('ci');
    await expect(
      oauth.validateJwtAccessToken(as, await request(), 'https://other.acme.test', options),
    ).rejects.toThrow();
  });
});

describe('which ones we accept', () => {
  test('ours, in time; its jti is the answer', async () => {
    expect(await verify(await sign())).toBe(someFacts(NOW).jti);
  });

  test('no leeway: it ends at its exp', async () => {
    const token = await sign();
    const end = someFacts(NOW).expiresAt;
    expect(await verify(token, instant(end - 1))).toBeDefined();
    expect(await verify(token, end)).toBeUndefined();
    expect(await verify(token, after(end, seconds(20)))).toBeUndefined();
  });

  test('signed by a key that only used to sign', async () => {
    const set = await aKeySet();
    const token = await sign({}, ISSUER, set);
    expect(await verify(token)).toBeUndefined();
    const rotated: KeySet = { ...keys, published: [...keys.published, ...set.published] };
    expect(await makeOwnVerifier({ issuer: ISSUER, keys: fixedKeys(rotated) }).verify(token, NOW)).toBeDefined();
  });

  test('a signature is checked once; key, time and every character of the token each time', async () => {
    let set = keys;
    const own = makeOwnVerifier({ issuer: ISSUER, keys: { current: () => set } });
    const token = await sign();
    const { jti, expiresAt } = someFacts(NOW);
    expect(await own.verify(token, NOW)).toBe(jti);
    expect(await own.verify(token, NOW)).toBe(jti);
    expect(await own.verify(token, expiresAt)).toBeUndefined();
    const at = token.length - 10;
    const other = token.charAt(at) === 'A' ? 'B' : 'A';
    expect(await own.verify(token.slice(0, at) + other + token.slice(at + 1), NOW)).toBeUndefined();
    set = { ...keys, published: [] };
    expect(await own.verify(token, NOW)).toBeUndefined();
    const [successor] = (await aKeySet()).published;
    if (successor === undefined) throw new Error('a set publishes its keys');
    set = { ...keys, published: [{ ...successor, kid: keys.signing.ES256.kid }] };
    expect(await own.verify(token, NOW)).toBeUndefined();
    set = keys;
    expect(await own.verify(token, NOW)).toBe(jti);
  });

  async function signed(header: Record<string, unknown>, change: Record<string, unknown> = {}): Promise<string> {
    const payload = Object.fromEntries(
      Object.entries({ ...decodeJwt(await sign()), ...change }).filter(([, v]) => v !== undefined),
    );
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: keys.signing.ES256.kid, typ: 'at+jwt', ...header })
      .sign(keys.signing.ES256.privateKey);
  }

  test('the control: hand-made like ours is accepted', async () => {
    expect(await verify(await signed({}))).toBeDefined();
  });

  test.each([
    ['another type', { typ: 'JWT' }, {}],
    ['no type', { typ: undefined }, {}],
    ['an unknown kid', { kid: 'x' }, {}],
    ['no kid', { kid: undefined }, {}],
    ['a jku', { jku: 'https://evil.test' }, {}],
    ['another issuer', {}, { iss: `${ISSUER}/` }],
    ['no exp', {}, { exp: undefined }],
    ['no jti', {}, { jti: undefined }],
    ['a jti that is none of ours', {}, { jti: 'tok_x' }],
    ['no grant', {}, { grant_id: undefined }],
    ['not yet', {}, { nbf: 4_102_444_800 }],
  ])('not: %s', async (_, header, change) => {
    expect(await verify(await signed(header, change))).toBeUndefined();
  });

  test.each([
    ['', 'garbage'],
    ['x', 'x'],
    ['a.b.c', 'three letters'],
    ['e30.e30.AAAA', 'empty objects'],
    ['x'.repeat(20_000), 'long'],
  ])('I2: not %j', async (token) => {
    expect(await verify(token)).toBeUndefined();
  });

  test('I9: not a token made shorter or longer', async () => {
    const token = await sign();
    for (const text of [token.slice(0, -1), `${token}A`, ` ${token}`, `${token}\n`, token.slice(1)]) {
      expect(await verify(text)).toBeUndefined();
    }
  });

  test('not another’s, under our issuer and kid', async () => {
    const attacker = await aKeySet();
    const forged = { ...attacker, signing: { ES256: { ...attacker.signing.ES256, kid: keys.signing.ES256.kid } } };
    expect(await verify(await sign({}, ISSUER, forged))).toBeUndefined();
    expect(await verify(await sign({ expiresAt: after(NOW, minutes(60)) }, 'https://other.test'))).toBeUndefined();
  });
});
