/** The issuer stand-in: honest tokens verify as everywhere, lies do not, and every request is counted. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { ATTACKER_PATH, type IssuerServer, mangle, mangledForms, startIssuer } from './index.ts';

let server: IssuerServer;
const audience = 'https://sallyport.example.test';

beforeAll(async () => {
  server = await startIssuer({ issuers: [{ name: 'people' }, { name: 'ci', algorithm: 'RS256' }] });
});
afterAll(() => server.close());

const keysOf = async (name: string): Promise<JSONWebKeySet> =>
  (await (await fetch(server.issuer(name).jwksUri)).json()) as JSONWebKeySet;

const verify = async (name: string, token: string) =>
  jwtVerify(token, createLocalJWKSet(await keysOf(name)), {
    issuer: server.issuer(name).url,
    audience,
    algorithms: [...server.issuer(name).algorithms],
  });

describe('honest', () => {
  test('discovery names exactly the issuer and its keys, and an ID token verifies by them', async () => {
    const people = server.issuer('people');
    const found = (await (await fetch(`${people.url}/.well-known/openid-configuration`)).json()) as Record<
      string,
      string
    >;
    expect(found).toMatchObject({ issuer: people.url, jwks_uri: people.jwksUri });

    const token = await people.idToken({ sub: 'alice', audience });
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(people.jwksUri)), {
      issuer: people.url,
      audience,
    });
    expect(payload).toMatchObject({ sub: 'alice', aud: audience });
  });

  test('published keys hold nothing private', async () => {
    for (const name of ['people', 'ci']) {
      const { keys } = await keysOf(name);
      for (const key of keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
    }
  });

  test('two job tokens are never the same job: fresh jti and run, ids as strings', async () => {
    const tokens = await Promise.all([1, 2].map(() => server.issuer('ci').jobToken({ audience })));
    const [one, two] = await Promise.all(tokens.map(async (token) => (await verify('ci', token)).payload));
    expect(one?.jti).not.toBe(two?.jti);
    expect(one?.run_id).not.toBe(two?.run_id);
    expect(one).toMatchObject({ repository_id: '123', repository_owner_id: '42', ref: 'refs/heads/main' });
  });

  test('kept keys make the same issuer again', async () => {
    const again = await startIssuer({ issuers: [{ name: 'people', keys: server.issuer('people').exportKeys() }] });
    try {
      const kept = (await (await fetch(again.issuer('people').jwksUri)).json()) as JSONWebKeySet;
      expect(kept).toEqual(await keysOf('people'));
    } finally {
      await again.close();
    }
  });

  test('after a rotation the new key signs, and old tokens verify until the old key is dropped', async () => {
    const people = server.issuer('people');
    const before = await people.idToken({ sub: 'alice', audience });
    await people.rotate();
    const after = await people.idToken({ sub: 'alice', audience });
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    await expect(verify('people', before)).resolves.toBeDefined();
    people.dropOldKeys();
    await expect(verify('people', before)).rejects.toThrow();
    await expect(verify('people', after)).resolves.toBeDefined();
  });

  test('a skewed clock shows in the token', async () => {
    const people = server.issuer('people');
    people.skew(3_600);
    const { nbf } = people.idClaims({ sub: 'alice', audience });
    people.skew(0);
    expect(nbf).toBeGreaterThan(Date.now() / 1000 + 3_000);
  });
});

describe('lies', () => {
  test('a token signed by another key, another algorithm or nobody does not verify', async () => {
    const { lies, ...people } = server.issuer('people');
    const claims = people.idClaims({ sub: 'alice', audience });
    const tokens = [
      await lies.forged(claims),
      await lies.otherAlgorithm(claims, 'RS256'),
      await lies.otherAlgorithm(claims, 'EdDSA'),
      lies.unsigned(claims),
      lies.unsigned(claims, 'NoNe'),
      lies.emptySignature(claims),
      lies.macWithPublicKey(claims, 'pem'),
      lies.ownKeyInHeader(claims, 'jku'),
      lies.ownKeyInHeader(claims, 'jwk'),
    ];
    for (const token of tokens) await expect(verify('people', token)).rejects.toThrow();
  });

  test('header lies carry a true signature: only the header is wrong', async () => {
    const { lies, ...people } = server.issuer('people');
    const claims = people.idClaims({ sub: 'alice', audience });
    const token = lies.withHeader(claims, { typ: 'dpop+jwt', x: 'y' });
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'dpop+jwt', x: 'y' });
    await expect(verify('people', token)).resolves.toBeDefined();
    await expect(verify('people', lies.doubledClaim(claims, 'sub', 'mallory'))).resolves.toMatchObject({
      payload: { sub: 'mallory' },
    });
    await expect(verify('people', lies.doubledHeader(claims))).resolves.toBeDefined();
  });

  test('the HMAC lie is what a verifier would compute that takes the public key for a secret', async () => {
    const { lies, ...people } = server.issuer('people');
    const token = lies.macWithPublicKey(people.idClaims({ sub: 'alice', audience }), 'jwk');
    const [header, payload, mac] = token.split('.');
    const [published] = (await keysOf('people')).keys;
    const { kty, crv, x, y, kid, alg, use } = published ?? {};
    const secrets = [published, { crv, kty, x, y, kid, alg, use }].map((key) => JSON.stringify(key));
    const macs = secrets.map((secret) =>
      createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url'),
    );
    expect(macs).toContain(mac);
  });

  test('every mangled form is another text than the token', async () => {
    const token = await server.issuer('people').idToken({ sub: 'alice', audience });
    for (const form of mangledForms) expect(mangle(token, form)).not.toBe(token);
    const spare = mangle(token, 'spare_bits').split('.')[2] ?? '';
    expect(Buffer.from(spare, 'base64url')).toEqual(Buffer.from(token.split('.')[2] ?? '', 'base64url'));
  });
});

describe('publishing', () => {
  test('each fault shows, and publishing is good again afterwards', async () => {
    const { jwksUri, failJwks } = server.issuer('ci');
    const get = () => fetch(jwksUri, { redirect: 'manual', signal: AbortSignal.timeout(300) });
    failJwks('error_500');
    expect((await get()).status).toBe(500);
    failJwks('html');
    expect((await get()).headers.get('content-type')).toBe('text/html');
    failJwks('huge');
    expect((await (await get()).text()).length).toBeGreaterThan(1_000_000);
    failJwks('redirect');
    expect((await get()).status).toBe(302);
    failJwks('silent');
    await expect(get()).rejects.toThrow();
    failJwks('drip');
    await expect(get().then((answer) => answer.text())).rejects.toThrow();
    failJwks('cut');
    await expect(get().then((answer) => answer.text())).rejects.toThrow();
    failJwks();
    expect((await get()).status).toBe(200);
  });

  test('any text can be published as the keys', async () => {
    const { jwksUri, publishJwks } = server.issuer('ci');
    publishJwks('{"keys":[null]}');
    expect(await (await fetch(jwksUri)).json()).toEqual({ keys: [null] });
    publishJwks();
    expect((await keysOf('ci')).keys[0]).toHaveProperty('kid');
  });

  test('every request is counted, also to the attacker and to nowhere', async () => {
    server.requests.reset();
    expect(server.requests.count()).toBe(0);
    await fetch(server.origin + ATTACKER_PATH);
    await fetch(`${server.origin}/nowhere`);
    expect(server.requests.count(ATTACKER_PATH)).toBe(1);
    expect(server.requests.count()).toBe(2);
    expect(server.requests.paths()).toContain('/nowhere');
  });
});
