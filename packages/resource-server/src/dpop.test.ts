/** Tokens bound to a key: the proofs of an unrelated library pass, and nothing else does (RFC 9449 sections 4.3 and 7). */

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { seconds } from './test-support/authority.ts';
import { aCall, aHolder, bearer, type Holder, PUBLIC_URL, startWorld, type World } from './test-support/world.ts';

let world: World;
let holder: Holder;
beforeAll(async () => {
  world = await startWorld();
  holder = await aHolder();
});
afterAll(() => world.close());

const bound = (to = holder): Promise<string> => world.authority.token({ cnf: { jkt: to.jkt } });
const outcome = async (call: ReturnType<typeof aCall>, server = world.server): Promise<string> => {
  const verdict = await server.verify(call);
  return verdict.ok ? 'verified' : `${verdict.status} ${verdict.error} ${verdict.because}`;
};
const REJECTED = '401 invalid_dpop_proof proof_rejected';

test.each(['ES256', 'RS256', 'PS256', 'Ed25519'] as const)(
  'a proof by %s passes, and says by which key',
  async (alg) => {
    const other = await aHolder(alg);
    const verdict = await world.server.verify(await other.call(await bound(other)));
    expect(verdict).toMatchObject({ ok: true, confirmation: { jkt: other.jkt } });
  },
);

describe('schemes', () => {
  test('D12: `ath` missing, or of another token', async () => {
    const token = await bound();
    expect(await outcome(await holder.call(token, { about: null }))).toBe(REJECTED);
    expect(await outcome(await holder.call(token, { about: await bound() }))).toBe(REJECTED);
  });

  test('D13: a bound token as Bearer, also with a proof beside it', async () => {
    const token = await bound();
    expect(await outcome(bearer(token))).toBe('401 invalid_token bound_token_as_bearer');
    const { headers } = await holder.call(token);
    expect(await outcome(aCall({ ...headers, authorization: `Bearer ${token}` }))).toMatch('401 invalid_token');
  });

  test('D14: scheme DPoP with a token that is bound to nothing', async () => {
    const token = await world.authority.token();
    expect(await outcome(await holder.call(token))).toBe('401 invalid_token unbound_token_as_dpop');
  });

  test('where DPoP is required a bearer token is none', async () => {
    const strict = world.another({ dpop: 'required' });
    const token = await world.authority.token();
    expect(await outcome(bearer(token), strict)).toBe('401 invalid_token dpop_required');
    expect(await outcome(await holder.call(await bound()), strict)).toBe('verified');
  });

  test('a thief who has the token and not the key', async () => {
    const thief = await aHolder();
    expect(await outcome(await thief.call(await bound()))).toBe('401 invalid_token other_key');
  });
});

describe('what the token endpoint wants of a proof (D1 to D9), a resource server wants too', () => {
  const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

  interface Forging {
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, unknown>>;
    readonly jwk?: JWK;
  }

  /** A call with a proof that is right but for what is said. */
  async function forged({ claims = {}, header = {}, jwk }: Forging, of = world): Promise<ReturnType<typeof aCall>> {
    const token = await of.authority.token({ cnf: { jkt: holder.jkt } });
    const usual = {
      jti: crypto.randomUUID(),
      htm: 'GET',
      htu: `${PUBLIC_URL}/orders`,
      iat: seconds(),
      ath: hashOf(token),
    };
    const proof = await new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({
        alg: 'ES256',
        typ: 'dpop+jwt',
        jwk: jwk ?? (await exportJWK(holder.pair.publicKey)),
        ...header,
      })
      .sign(holder.pair.privateKey);
    return aCall({ authorization: `DPoP ${token}`, dpop: proof });
  }

  test('the forger of these tests makes proofs that pass when nothing is changed', async () => {
    expect(await outcome(await forged({}))).toBe('verified');
  });

  test('no header, two, or two in one', async () => {
    const { headers } = await forged({});
    const { dpop } = headers;
    const { authorization } = headers;
    expect(await outcome(aCall({ authorization }))).toBe('401 invalid_dpop_proof proof_missing');
    expect(await outcome(aCall({ authorization, dpop: [String(dpop), String(dpop)] }))).toBe(REJECTED);
    expect(await outcome(aCall({ authorization, dpop: `${dpop}, ${dpop}` }))).toBe(REJECTED);
    const rawHeaders = ['Authorization', String(authorization), 'DPoP', String(dpop), 'dpop', String(dpop)];
    expect(await outcome(aCall(headers, { rawHeaders }))).toBe(REJECTED);
  });

  test('another type', async () => {
    for (const typ of ['JWT', 'at+jwt', undefined])
      expect(await outcome(await forged({ header: { typ } }))).toBe(REJECTED);
  });

  test('no key, a private one, a shared one, another one', async () => {
    const other = await generateKeyPair('ES256', { extractable: true });
    const keys = [
      await exportJWK(holder.pair.privateKey),
      { kty: 'oct', k: 'AAAA' },
      await exportJWK(other.publicKey),
      {},
    ];
    for (const jwk of keys) expect(await outcome(await forged({ jwk }))).toBe(REJECTED);
    expect(await outcome(await forged({ header: { jwk: undefined } }))).toBe(REJECTED);
  });

  test('another method, or the same in lower case', async () => {
    for (const htm of ['POST', 'get', undefined])
      expect(await outcome(await forged({ claims: { htm } }))).toBe(REJECTED);
  });

  test('another host or path; the same written otherwise passes', async () => {
    const wrong = ['https://other.test/orders', `${PUBLIC_URL}/orders/`, `${PUBLIC_URL}/Orders`, '/orders', 'x', 7];
    for (const htu of wrong) expect(await outcome(await forged({ claims: { htu } }))).toBe(REJECTED);
    const same = ['HTTPS://API.ACME.TEST:443/orders?q#f', `${PUBLIC_URL}/%6Frders`, `${PUBLIC_URL}/x/../orders`];
    for (const htu of same) expect(await outcome(await forged({ claims: { htu } }))).toBe('verified');
  });

  test('too old, from the future, no time, a time as text', async () => {
    for (const iat of [seconds() - 66, seconds() + 8, undefined, String(seconds())])
      expect(await outcome(await forged({ claims: { iat } }))).toBe(REJECTED);
    expect(await outcome(await forged({ claims: { iat: seconds() - 58 } }))).toBe('verified');
  });

  test('a proof that was used', async () => {
    const call = await forged({});
    expect(await outcome(call)).toBe('verified');
    expect(await outcome(call)).toBe('401 invalid_dpop_proof proof_replayed');
  });

  test('of twenty at once one passes', async () => {
    const call = await forged({});
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(call)));
    expect(outcomes.filter((one) => one === 'verified')).toHaveLength(1);
  });

  test('a clock set back by a minute opens no second use', async () => {
    const own = await startWorld();
    try {
      const call = await forged({}, own);
      expect(await outcome(call, own.server)).toBe('verified');
      own.clock.jump(100);
      expect(await outcome(await forged({ claims: { iat: seconds() + 100 } }, own), own.server)).toBe('verified');
      own.clock.jump(-60);
      expect(await outcome(call, own.server)).toBe('401 invalid_dpop_proof proof_replayed');
    } finally {
      await own.close();
    }
  });

  test('`jti` missing, empty, huge, or no text', async () => {
    for (const jti of [undefined, '', 'x'.repeat(256), 'x'.repeat(9_000), 7])
      expect(await outcome(await forged({ claims: { jti } }))).toBe(REJECTED);
  });

  test('a proof that was refused uses nothing up', async () => {
    const call = await forged({});
    expect(await outcome({ ...call, method: 'POST' })).toBe(REJECTED);
    expect(await outcome(call)).toBe('verified');
  });
});

describe('which URL a call is for', () => {
  test('what the caller says about the host counts for nothing', async () => {
    const token = await bound();
    const { headers } = await holder.call(token, { htu: 'https://evil.test/orders' });
    const spoofed = { ...headers, host: 'evil.test', 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' };
    expect(await outcome(aCall(spoofed))).toBe(REJECTED);
  });

  test('a target that is another host’s, or none, is not this service', async () => {
    const token = await bound();
    for (const url of ['https://evil.test/orders', '//evil.test/orders', '*', '', undefined]) {
      const call = await holder.call(token, { htu: 'https://evil.test/orders' });
      expect(await outcome({ ...call, url })).toBe(REJECTED);
    }
  });

  test('a target cannot make our host a part of another', async () => {
    const call = await holder.call(await bound(), { htu: `${PUBLIC_URL}.evil.test/orders` });
    expect(await outcome({ ...call, url: '.evil.test/orders' })).toBe(REJECTED);
  });

  test('behind a proxy that cuts a path off, and in a router that does, the whole path counts', async () => {
    const behind = world.another({ publicUrl: 'https://api.acme.test/shop/' });
    const call = await holder.call(await bound(), { htu: 'https://api.acme.test/shop/v2/orders' });
    expect(await outcome({ ...call, url: '/orders', originalUrl: '/v2/orders' }, behind)).toBe('verified');
  });

  test('a function may answer it', async () => {
    const asked = world.another({ publicUrl: ({ url }) => `https://tenant.acme.test${url}` });
    const call = await holder.call(await bound(), { htu: 'https://tenant.acme.test/orders' });
    expect(await outcome(call, asked)).toBe('verified');
  });
});
