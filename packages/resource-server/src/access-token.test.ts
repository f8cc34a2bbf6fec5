/** Which tokens pass by the issuer's keys alone, and which never do. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { AUDIENCE, type Claims, seconds } from './test-support/authority.ts';
import { bearer, startWorld, type World } from './test-support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const becauseOf = async (token: string): Promise<string> => {
  const verdict = await world.server.verify(bearer(token));
  return verdict.ok ? 'verified' : `${verdict.status} ${verdict.error} ${verdict.because}`;
};
const REJECTED = '401 invalid_token token_rejected';

test('a token says who, for whom, what, under which grant and request, until when', async () => {
  const details = [{ type: 'order', id: '7' }];
  const act = { iss: world.authority.issuer, sub: 'workload:robot', act: { sub: 'person:before' } };
  const [iat, exp] = [seconds() - 5, seconds() + 100];
  const token = await world.authority.token({ jti: 'tok_x', iat, exp, act, authorization_details: details });
  expect(await world.server.verify(bearer(token))).toEqual({
    ok: true,
    subject: 'workload:payments-deploy',
    actors: [
      { issuer: world.authority.issuer, subject: 'workload:robot' },
      { issuer: undefined, subject: 'person:before' },
    ],
    scopes: ['orders:read', 'orders:write'],
    authorizationDetails: details,
    grantId: 'grt_1',
    requestId: 'req_1',
    clientId: 'ci',
    jti: 'tok_x',
    issuedAt: new Date(iat * 1_000),
    expiresAt: new Date(exp * 1_000),
    confirmation: undefined,
  });
});

describe('claims that are not as RFC 9068 and our issuer have them', () => {
  const CASES: Readonly<Record<string, () => Claims>> = {
    'another issuer': () => ({ iss: 'https://other.test' }),
    'the issuer with a slash': () => ({ iss: `${world.authority.issuer}/` }),
    'another audience': () => ({ aud: 'https://other.test' }),
    'ours among several audiences': () => ({ aud: [AUDIENCE, 'https://other.test'] }),
    'ours as a list': () => ({ aud: [AUDIENCE] }),
    'not yet, nbf': () => ({ nbf: seconds() + 60 }),
    'not yet, iat': () => ({ iat: seconds() + 60, exp: seconds() + 120 }),
    'a longer life than any token has': () => ({ iat: seconds(), exp: seconds() + 3_601 }),
    'times as text': () => ({ exp: String(seconds() + 60) }),
    'a time with a fraction': () => ({ exp: seconds() + 60.5 }),
    'an endless life': () => ({ exp: undefined }),
    'no subject': () => ({ sub: undefined }),
    'a subject that is no principal': () => ({ sub: 'payments-deploy' }),
    'no id': () => ({ jti: undefined }),
    'no client': () => ({ client_id: undefined }),
    'no grant': () => ({ grant_id: undefined }),
    'no request': () => ({ txn: undefined }),
    'a grant that is no text': () => ({ grant_id: { toString: 'x' } }),
    'scopes as a list': () => ({ scope: ['orders:read'] }),
    'bound in a way nobody here can check': () => ({ cnf: { 'x5t#S256': 'a'.repeat(43) } }),
    'bound in two ways': () => ({ cnf: { jkt: 'a'.repeat(43), jku: 'https://other.test' } }),
    'bound to nothing': () => ({ cnf: {} }),
    'an actor that is no object': () => ({ act: 'workload:robot' }),
    'actors deeper than any chain': () => ({
      act: { sub: 'a', act: { sub: 'b', act: { sub: 'c', act: { sub: 'd', act: { sub: 'e' } } } } },
    }),
    'details that are no list': () => ({ authorization_details: { type: 'order' } }),
    'a detail without a type': () => ({ authorization_details: [{ id: '7' }] }),
    'a status that points nowhere': () => ({ status: { status_list: { idx: -1, uri: 'x' } } }),
  };

  test.each(Object.keys(CASES))('%s', async (name) => {
    const token = await world.authority.token(CASES[name]?.());
    expect(await becauseOf(token)).toBe(REJECTED);
  });

  test('a token without scopes holds, and is good for nothing that needs one', async () => {
    const token = await world.authority.token({ scope: undefined });
    expect(await world.server.verify(bearer(token))).toMatchObject({ ok: true, scopes: [] });
    expect(await world.server.verify(bearer(token), { scopes: ['orders:read'] })).toMatchObject({ status: 403 });
  });
});

describe('types', () => {
  test.each(['JWT', 'dpop+jwt', 'secevent+jwt', 'statuslist+jwt', 'client-authentication+jwt', 'at+jwtx'])(
    'a %s of the same issuer is no access token',
    async (typ) => {
      expect(await becauseOf(await world.authority.token({}, { typ }))).toBe(REJECTED);
    },
  );

  test('RFC 9068 section 4: the full media type is the same type', async () => {
    expect(await becauseOf(await world.authority.token({}, { typ: 'application/at+jwt' }))).toBe('verified');
  });
});

describe('time', () => {
  test('the end is the end: no tolerance after exp', async () => {
    const token = await world.authority.token({ exp: seconds() });
    expect(await becauseOf(token)).toBe('401 invalid_token token_expired');
    expect(await becauseOf(await world.authority.token({ iat: seconds() - 900, exp: seconds() - 120 }))).toBe(
      '401 invalid_token token_expired',
    );
  });

  test('a clock that is a little behind takes new tokens, and one that is a minute behind does not', async () => {
    const late = await startWorld();
    try {
      const token = await late.authority.token();
      late.clock.jump(-4);
      expect(await late.server.verify(bearer(token))).toMatchObject({ ok: true });
      late.clock.jump(-56);
      expect(await late.server.verify(bearer(token))).toMatchObject({ because: 'token_rejected' });
    } finally {
      await late.close();
    }
  });
});

describe('algorithms', () => {
  const claims = async (): Promise<string[]> => (await world.authority.token()).split('.');
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each(['none', 'NoNe', 'None', ''])('alg %j without a signature', async (alg) => {
    const [, payload] = await claims();
    expect(await becauseOf(`${encoded({ alg, typ: 'at+jwt', kid: 'key-1' })}.${payload}.`)).not.toBe('verified');
    expect(await becauseOf(`${encoded({ alg, typ: 'at+jwt', kid: 'key-1' })}.${payload}.AAAA`)).toBe(REJECTED);
  });

  test('HS256 keyed with the public key, however it is spelled', async () => {
    const [jwk] = (await world.authority.signing.jwks()).keys;
    const key = await importJWK(jwk ?? {}, 'ES256', { extractable: true });
    if (key instanceof Uint8Array) throw new Error('a public key is no bytes');
    const pem = await exportSPKI(key);
    const secrets = [pem, pem.trim(), JSON.stringify(jwk), jwk?.x ?? ''];
    for (const secret of secrets) {
      const [, payload = ''] = await claims();
      const told = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
      const header = { alg: 'HS256', typ: 'at+jwt', kid: world.authority.signing.kid };
      const forged = await new SignJWT(told)
        .setProtectedHeader(header)
        .sign(new TextEncoder().encode(secret.padEnd(32)));
      expect(await becauseOf(forged)).toBe(REJECTED);
    }
  });

  test.each(['RS256', 'PS256', 'ES384', 'Ed25519'])('a good signature by %s is not ES256', async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const [, payload = ''] = await claims();
    const told = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const header = { alg, typ: 'at+jwt', kid: world.authority.signing.kid };
    expect(await becauseOf(await new SignJWT(told).setProtectedHeader(header).sign(privateKey))).toBe(REJECTED);
  });

  test.each(['crit', 'b64'])('a header with %s', async (member) => {
    const [, payload, signature] = await claims();
    const header = { alg: 'ES256', typ: 'at+jwt', kid: world.authority.signing.kid, b64: false, crit: ['b64'] };
    const { [member as 'crit']: _, ...rest } = header;
    expect(await becauseOf(`${encoded(header)}.${payload}.${signature}`)).toBe(REJECTED);
    expect(await becauseOf(`${encoded(rest)}.${payload}.${signature}`)).toBe(REJECTED);
  });
});

describe('keys', () => {
  test('a token that brings its own key, or says where one is, is measured by the issuer’s', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'mine' };
    const told = { iss: world.authority.issuer, aud: AUDIENCE, sub: 'person:eve', iat: seconds(), exp: seconds() + 60 };
    for (const kid of ['mine', world.authority.signing.kid]) {
      const header = { alg: 'ES256', typ: 'at+jwt', kid, jwk, jku: `${world.authority.issuer}/evil`, x5u: 'https://x' };
      const forged = await new SignJWT(told).setProtectedHeader(header).sign(privateKey);
      expect(await becauseOf(forged)).toBe(REJECTED);
    }
    expect(world.authority.hits('/evil')).toBe(0);
  });

  test('another issuer’s key of the same name verifies nothing here', async () => {
    const other = await startWorld();
    try {
      expect(other.authority.signing.kid).toBe(world.authority.signing.kid);
      expect(await becauseOf(await other.authority.token({ iss: world.authority.issuer }))).toBe(REJECTED);
    } finally {
      await other.close();
    }
  });

  test.each([undefined, '', '../../etc/passwd', '__proto__', 'constructor', 'x'.repeat(256), 7])(
    'kid %j',
    async (kid) => {
      expect(await becauseOf(await world.authority.token({}, { kid: kid as never }))).toBe(REJECTED);
    },
  );
});

describe('what the answer tells', () => {
  test('a forged, an expired and a foreign token get one and the same answer', async () => {
    const tokens = [
      'a.b.c',
      await world.authority.token({ exp: seconds() - 1 }),
      await world.authority.token({ aud: 'https://other.test' }),
      `${(await world.authority.token()).slice(0, -4)}AAAA`,
    ];
    const answers = await Promise.all(tokens.map((token) => world.server.verify(bearer(token))));
    const told = answers.map((verdict) => (verdict.ok ? 'passed' : JSON.stringify([verdict.status, verdict.headers])));
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toContain('invalid_token');
  });
});
