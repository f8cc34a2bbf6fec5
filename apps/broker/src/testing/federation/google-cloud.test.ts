/** Google Cloud takes a federation token with the provider of docs/federation/google-cloud.md, and nothing else of ours. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FederatedHouse, startFederatedHouse, TARGETS } from './federated-house.ts';
import { claimsOf, type Forge, makeForge } from './forge.ts';
import { exchangeAtGoogle } from './google-cloud.ts';
import type { Published } from './published.ts';
import { blockWith, commandsOf, flagOf } from './recipe.ts';

const commands = commandsOf(blockWith('google-cloud.md', 'sh', 'create-oidc'));
const create = commands.find((line) => line.includes('create-oidc')) ?? '';
const provider = {
  issuerUri: flagOf(create, '--issuer-uri'),
  allowedAudiences: [flagOf(create, '--allowed-audiences')],
  mapping: flagOf(create, '--attribute-mapping'),
  condition: flagOf(create, '--attribute-condition'),
};

let house: FederatedHouse;
let published: Published;
let token = '';
let forge: Forge;
beforeAll(async () => {
  house = await startFederatedHouse();
  published = await house.published();
  token = await house.federated(TARGETS.google);
  forge = await makeForge(published);
}, 30_000);
afterAll(() => house.close());

const exchanged = (one: string, from = published, after = 0) =>
  exchangeAtGoogle(provider, from, one, claimsOf(one).iat + after);

test('the principal is who it is for, its access what was approved, and the grant is known', async () => {
  expect(await exchanged(token)).toEqual({
    'google.subject': 'workload:payments-deploy',
    'attribute.grant': claimsOf(token).grant_id,
    'attribute.access': 'gcp-orders-reports:read',
  });
});

test('the binding of the recipe is for what was approved', async () => {
  const binding = commands.find((line) => line.includes('add-iam-policy-binding')) ?? '';
  const access = flagOf(binding, '--member').split('/attribute.access/')[1];
  expect(access).toBe((await exchanged(token))['attribute.access']);
});

test('the recipe takes no access token for the same audience, and no token for another', async () => {
  await expect(house.access(TARGETS.google).then((access) => exchanged(access))).rejects.toThrow('target');
  await expect(house.federated(TARGETS.vault).then((other) => exchanged(other))).rejects.toThrow('aud is allowed');
});

test('what outlives: nothing past its end', async () => {
  await expect(exchanged(token, published, 59)).resolves.toBeDefined();
  await expect(exchanged(token, published, 60)).rejects.toThrow('not over');
});

describe('the checker refuses what Google refuses', () => {
  test.each([
    ['a subject of 128 bytes', { sub: 'ü'.repeat(64) }, '127 bytes'],
    ['an issue time ahead', { iat: 4_000_000_000, exp: 4_000_000_060 }, 'in the past'],
    ['a life of a day', { exp: 4_000_000_000 }, '24 hours'],
    ['another target', { target: 'vault-orders' }, 'condition'],
    ['no target', { target: undefined }, 'target'],
  ])('%s', async (_, changes, why) => {
    const forged = await forge.token(token, changes);
    const { iat } = claimsOf(token);
    await expect(exchangeAtGoogle(provider, forge.published, forged, iat)).rejects.toThrow(why);
  });

  test('a token without kid', async () => {
    await expect(exchanged(await forge.token(token, {}, { kid: undefined }), forge.published)).rejects.toThrow('kid');
  });
});
