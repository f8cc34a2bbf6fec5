/** Rows D*: DPoP proofs at the token endpoint, and what is bound to them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeProofNonces } from '@sallyport/tokens';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, SECRET, TT, trailOf } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { type ProofKey, proofKey } from '../testing/proofs.ts';

let house: BrokerHouse;
let call: Callers;
let key: ProofKey;
const now = () => house.world.clock.now();
const seconds = () => Math.floor(now() / 1_000);
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  key = await proofKey(now);
  await call.approved();
});
afterAll(() => house.close());

const txWith = async (dpop: string, params = {}) => call.tx(params, { dpop });
const refused = async (dpop: string) => expectRefusal(house, await txWith(dpop), 'invalid_dpop_proof');

describe('a proof that is none', () => {
  test('D1: two DPoP headers, or two proofs in one', async () => {
    const [a, b] = [await key.proof(), await key.proof()];
    await refused(`${a},${b}`);
    await refused(`${a}, ${b}`);
    const twice = await house.app.inject({
      method: 'POST',
      url: '/oauth/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', dpop: [a, b] as never },
      payload: new URLSearchParams(await call.txParams()).toString(),
    });
    expect(twice.json().error).toBe('invalid_dpop_proof');
  });

  test('D2: another typ, or none', async () => {
    for (const typ of ['JWT', 'at+jwt', 'DPOP+JWT', undefined]) await refused(await key.proof({}, { typ }));
  });

  test('D3: alg none, HS256, or one that is not listed', async () => {
    const [, payload, signature] = (await key.proof()).split('.');
    for (const alg of ['none', 'HS256', 'ES384', 'RS512']) {
      const head = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg, jwk: key.jwk })).toString('base64url');
      await refused(`${head}.${payload}.${signature}`);
    }
    await refused(await (await proofKey(now, 'ES384')).proof());
  });

  test('D4: a bad signature, a private or symmetric key, or no key', async () => {
    const other = await proofKey(now);
    await refused(await key.proof({}, { jwk: other.jwk }));
    await refused(await key.proof({}, { jwk: { ...key.jwk, d: 'AAAA' } }));
    await refused(await key.proof({}, { jwk: undefined }));
    await refused(await key.proof({}, { jwk: { kty: 'oct', k: 'AAAA' } }));
    await refused(await key.proof({}, { jwk: { ...key.jwk, crv: 'P-384' } }));
    await refused(await key.proof({}, { jwk: 'key' }));
  });

  test('D5: of another method', async () => {
    for (const htm of ['GET', 'post', undefined]) await refused(await key.proof({ htm }));
  });

  test('D6: for another host or path; one that only spells ours otherwise is ours', async () => {
    for (const htu of [
      'https://evil.test/oauth/token',
      `${ISSUER}/oauth/introspect`,
      `${ISSUER}/oauth/token/`,
      'x',
      7,
    ]) {
      await refused(await key.proof({ htu }));
    }
    await refused(await key.proof({ htu: `${ISSUER.replace('https://', 'https://user@')}/oauth/token` }));
    const spelled = ISSUER.replace('https://', 'HTTPS://').toUpperCase();
    expect((await txWith(await key.proof({ htu: `${spelled}:443/oauth/token?q#f` }))).status).toBe(200);
  });

  test('D7: older than 300 s, more than 60 s ahead, without iat, or iat no number', async () => {
    for (const iat of [seconds() - 302, seconds() + 62, undefined, String(seconds())]) {
      await refused(await key.proof({ iat }));
    }
    for (const iat of [seconds() - 298, seconds() + 58]) {
      expect((await txWith(await key.proof({ iat }))).status).toBe(200);
    }
  });

  test('D9: without jti, or with one of 4 KiB', async () => {
    for (const jti of [undefined, '', 'x'.repeat(4_096), 7]) await refused(await key.proof({ jti }));
  });

  test('D15: X-Forwarded-Host and Host change nothing', async () => {
    const spoofed = { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http', host: 'evil.test' };
    const dpop = await key.proof({ htu: 'https://evil.test/oauth/token' });
    expectRefusal(house, await call.tx({}, { ...spoofed, dpop }), 'invalid_dpop_proof');
    expect((await call.tx({}, { ...spoofed, dpop: await key.proof() })).status).toBe(200);
  });
});

describe('once', () => {
  test('D8: a proof is good once, and remembered until it would be too old anyway', async () => {
    const iat = seconds() + 30;
    const dpop = await key.proof({ iat });
    expect((await txWith(dpop)).status).toBe(200);
    await refused(dpop);
    expect(trailOf(house, 'attempt.refused').at(-1)?.reasonCode).toBe('proof_rejected');
    const until = [...house.world.store.replayKeys.values()].at(-1) ?? 0;
    expect(until).toBeGreaterThanOrEqual((iat + 300) * 1_000);
  });

  test('D8: the same jti by another key is another proof', async () => {
    const other = await proofKey(now);
    const jti = 'the-same-name';
    expect((await txWith(await key.proof({ jti }))).status).toBe(200);
    expect((await txWith(await other.proof({ jti }))).status).toBe(200);
    await refused(await key.proof({ jti }));
  });
});

describe('what is bound', () => {
  test('D11: with a proof the token is DPoP and names the key; without, it is Bearer', async () => {
    const bound = await txWith(await key.proof());
    expect(bound.body.token_type).toBe('DPoP');
    expect(claimsIn(bound).cnf).toEqual({ jkt: key.jkt });
    const told = await call.introspect(bound.body.access_token);
    expect(told.body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.jkt } });
    const plain = await call.tx();
    expect(plain.body.token_type).toBe('Bearer');
    expect(claimsIn(plain)).not.toHaveProperty('cnf');
  });

  test('D11: RSA, RSA-PSS and Ed25519 keys bind as well', async () => {
    for (const alg of ['RS256', 'PS256', 'Ed25519']) {
      const one = await proofKey(now, alg);
      expect(claimsIn(await txWith(await one.proof())).cnf).toEqual({ jkt: one.jkt });
    }
  });

  test('a client or a resource that wants a proof gets nothing without, and a bound token with', async () => {
    expectRefusal(house, await call.tx({ client_id: 'bound' }), 'invalid_request');
    expect((await txWith(await key.proof(), { client_id: 'bound' })).body.token_type).toBe('DPoP');
    const vault = { audience: 'vault', scope: 'vault:open' };
    expectRefusal(house, await call.tx(vault), 'invalid_request');
    expect((await txWith(await key.proof(), vault)).body.token_type).toBe('DPoP');
  });

  test('a token made for no key is no good once its resource wants one', async () => {
    const { body } = await call.tx();
    house.putPolicy(house.policyWith('token: { ttl: 10m, dpop: optional }', 'token: { ttl: 10m, dpop: required }'));
    expect((await call.introspect(body.access_token)).body).toEqual({ active: false });
    house.putPolicy(house.policyWith('', ''));
    expect((await call.introspect(body.access_token)).body.active).toBe(true);
  });

  test('S25: the lost answer is for the same key alone', async () => {
    const params = await call.txParams();
    const first = await call.form('/oauth/token', params, { dpop: await key.proof() });
    const again = await call.form('/oauth/token', params, { dpop: await key.proof() });
    expect(claimsIn(again).jti).toBe(claimsIn(first).jti);
    const other = await proofKey(now);
    expectRefusal(house, await call.form('/oauth/token', params, { dpop: await other.proof() }), 'invalid_request');
    expectRefusal(house, await call.form('/oauth/token', params), 'invalid_request');
  });
});

describe('own tokens that are bound', () => {
  test('S24: without a proof, or with that of another key, it is no subject token', async () => {
    const bound = await txWith(await key.proof());
    const own = { subject_token: String(bound.body.access_token), subject_token_type: TT('access_token') };
    expectRefusal(house, await call.tx(own), 'invalid_request');
    const other = await proofKey(now);
    expectRefusal(house, await call.tx(own, { dpop: await other.proof() }), 'invalid_request');
    expectRefusal(house, await call.tx(own, { dpop: 'x' }), 'invalid_dpop_proof');
    const again = await call.tx(own, { dpop: await key.proof() });
    expect([again.status, claimsIn(again).cnf]).toEqual([200, { jkt: key.jkt }]);
  });
});

describe('waiting with a key', () => {
  const runner = () => call.basic('ci-runner', SECRET);

  test('P11 P18: the key of the handle must be proved with every poll; then the token is bound to it', async () => {
    const asked = await call.defer(
      { scope: 'orders:once', client_id: undefined },
      { ...runner(), dpop: await key.proof() },
    );
    const code = asked.body.deferral_code;
    const poll = (headers: Record<string, string>) =>
      call.poll(code, { client_id: undefined }, { ...runner(), ...headers });
    const other = await proofKey(now);
    expectRefusal(house, await poll({}), 'invalid_request');
    expectRefusal(house, await poll({ dpop: await other.proof() }), 'invalid_dpop_proof');
    await call.approveBoth(asked.body.request_id);
    expectRefusal(house, await poll({ dpop: await other.proof() }), 'invalid_dpop_proof');
    const answer = await poll({ dpop: await key.proof() });
    expect([answer.status, answer.body.token_type, claimsIn(answer).cnf]).toEqual([200, 'DPoP', { jkt: key.jkt }]);
    const again = await poll({ dpop: await key.proof() });
    expect(claimsIn(again).jti).toBe(claimsIn(answer).jti);
  });

  test('P11: a handle without a key is bound by the first proof that comes with a poll', async () => {
    const asked = await call.defer({ scope: 'orders:once' });
    const code = asked.body.deferral_code;
    house.advance(6);
    expectRefusal(house, await call.poll(code, {}, { dpop: await key.proof() }), 'authorization_pending');
    await call.approveBoth(asked.body.request_id);
    expectRefusal(house, await call.poll(code), 'invalid_request');
    expectRefusal(
      house,
      await call.poll(code, {}, { dpop: await (await proofKey(now)).proof() }),
      'invalid_dpop_proof',
    );
    expect(claimsIn(await call.poll(code, {}, { dpop: await key.proof() })).cnf).toEqual({ jkt: key.jkt });
  });
});

describe('nonces, where a house wants them', () => {
  const nonces = makeProofNonces(new Uint8Array(32).fill(3));
  const strict = makeProofNonces(new Uint8Array(32).fill(4));

  test('D10: none, stale or foreign is use_dpop_nonce with one to use, and uses nothing up; with it the call works', async () => {
    const wanting = await startBrokerHouse({ nonces });
    try {
      const caller = callersOf(wanting);
      await caller.approved();
      const clock = () => wanting.world.clock.now();
      const one = await proofKey(clock);
      const stale = nonces.current(clock());
      wanting.advance(125);
      for (const nonce of [undefined, stale, strict.current(clock())]) {
        const claims = { nonce, jti: `jti-${nonce}` };
        const answer = await caller.tx({}, { dpop: await one.proof(claims) });
        expectRefusal(wanting, answer, 'use_dpop_nonce');
        const fresh = String(answer.headers['dpop-nonce']);
        expect(fresh).toMatch(/^[A-Za-z0-9_-]{32}$/);
        expect((await caller.tx({}, { dpop: await one.proof({ ...claims, nonce: fresh }) })).status).toBe(200);
      }
    } finally {
      await wanting.close();
    }
  });
});
