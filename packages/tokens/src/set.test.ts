/** Revocations as Security Event Tokens: what is in them, and that each is signed once for all who read it. */
import { beforeAll, expect, test } from '@jest/globals';
import { instant, type Revocation } from '@sallyport/core';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { generateSigningKey } from './generate-key.ts';
import { jwksDocument } from './jwks-document.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import { fixedKeys } from './live-keys.ts';
import { makeOwnVerifier } from './own-verifier.ts';
import { makeRevocationSigner } from './set.ts';
import { AUDIENCE, someFacts } from './test-support/facts.ts';

const ISSUER = 'https://sallyport.acme.test';
const NOW = instant(1_800_000_000_250);
let keys: KeySet;
beforeAll(async () => {
  keys = await aKeySet();
});

async function aKeySet(): Promise<KeySet> {
  const parsed = await parseKeySet(JSON.stringify({ keys: [await generateSigningKey()] }));
  if (!parsed.ok) throw new Error(parsed.error.join());
  return parsed.value;
}

const { jti, grantId } = someFacts(NOW);
const about = (what: Revocation['what'], id = 'one'): Revocation => ({
  id,
  what,
  resource: 'orders-db' as Revocation['resource'],
  audience: AUDIENCE,
  endsAt: instant(1_800_000_600_000),
});

test.each([
  [{ kind: 'token', jti } as const, { 'urn:sallyport:event:token-revoked': { jti, exp: 1_800_000_600 } }],
  [
    { kind: 'grant', grantId } as const,
    { 'urn:sallyport:event:grant-ended': { grant_id: grantId, exp: 1_800_000_600 } },
  ],
])('a revocation is one event, for one audience, and nothing else', async (what, events) => {
  const set = await makeRevocationSigner({ issuer: ISSUER, keys: fixedKeys(keys) })(about(what), NOW);
  const jwks = createLocalJWKSet(jwksDocument(keys) as unknown as JSONWebKeySet);
  const { payload, protectedHeader } = await jwtVerify(set, jwks, { audience: AUDIENCE, issuer: ISSUER });
  expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'secevent+jwt', kid: keys.signing.ES256.kid });
  expect(payload).toEqual({ iss: ISSUER, aud: AUDIENCE, iat: 1_800_000_000, jti: 'one', events });
});

test('S18: it is never taken for a token', async () => {
  const set = await makeRevocationSigner({ issuer: ISSUER, keys: fixedKeys(keys) })(about({ kind: 'token', jti }), NOW);
  expect(await makeOwnVerifier({ issuer: ISSUER, keys: fixedKeys(keys) }).verify(set, NOW)).toBe(undefined);
});

test('the same revocation is signed once, whoever asks; another one, or by another key, anew', async () => {
  const sign = makeRevocationSigner({ issuer: ISSUER, keys: fixedKeys(keys) });
  const what = { kind: 'token', jti } as const;
  const [one, two] = await Promise.all([sign(about(what), NOW), sign(about(what), instant(NOW + 5_000))]);
  expect(two).toBe(one);
  expect(await sign(about(what, 'other'), NOW)).not.toBe(one);
  let current = keys;
  const rotating = makeRevocationSigner({ issuer: ISSUER, keys: { current: () => current } });
  const before = await rotating(about(what), NOW);
  current = await aKeySet();
  expect(await rotating(about(what), NOW)).not.toBe(before);
});
