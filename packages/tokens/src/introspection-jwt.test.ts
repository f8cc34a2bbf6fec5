/** Introspection answers as JWTs: what is at the top and what is inside. */
import { expect, test } from '@jest/globals';
import { instant } from '@sallyport/core';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { generateSigningKey } from './generate-key.ts';
import { makeIntrospectionSigner } from './introspection-jwt.ts';
import { jwksDocument } from './jwks-document.ts';
import { parseKeySet } from './key-set.ts';
import { fixedKeys } from './live-keys.ts';

const ISSUER = 'https://sallyport.acme.test';
const NOW = instant(1_800_000_000_250);

async function keysOf(...algs: Parameters<typeof generateSigningKey>[0][]) {
  const parsed = await parseKeySet(JSON.stringify({ keys: await Promise.all(algs.map(generateSigningKey)) }));
  if (!parsed.ok) throw new Error(parsed.error.join());
  return parsed.value;
}

test('I7: the members are inside, and nothing at the top could pass for the token', async () => {
  const keys = await keysOf('ES256', 'RS256');
  const signer = makeIntrospectionSigner({ issuer: ISSUER, keys: fixedKeys(keys) });
  expect(signer.canSign()).toBe(true);
  const jwt = await signer.sign({ active: true, sub: 'workload:x', exp: 1 }, 'orders-api', NOW);
  const jwks = createLocalJWKSet(jwksDocument(keys) as unknown as JSONWebKeySet);
  const { payload, protectedHeader } = await jwtVerify(jwt, jwks, { audience: 'orders-api' });
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'token-introspection+jwt', kid: keys.signing.RS256?.kid });
  expect(payload).toEqual({
    iss: ISSUER,
    aud: 'orders-api',
    iat: 1_800_000_000,
    token_introspection: { active: true, sub: 'workload:x', exp: 1 },
  });
});

test('I7: without an RS256 key there is none', async () => {
  const signer = makeIntrospectionSigner({ issuer: ISSUER, keys: fixedKeys(await keysOf('ES256')) });
  expect(signer.canSign()).toBe(false);
  expect(() => signer.sign({ active: false }, 'orders-api', NOW)).toThrow('no key');
});
