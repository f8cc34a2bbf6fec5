/** Vault takes a federation token with the role of docs/federation/vault.md, and nothing else of ours. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FederatedHouse, startFederatedHouse, TARGETS } from './federated-house.ts';
import { claimsOf, type Forge, makeForge } from './forge.ts';
import type { Published } from './published.ts';
import { blocksOf, blockWith } from './recipe.ts';
import { loginAtVault, vaultRole } from './vault.ts';

const setUp = blockWith('vault.md', 'sh', 'auth enable');
const setting = (name: string): string => new RegExp(`\\b${name}=(\\S+)`).exec(setUp)?.[1] ?? '';
const config = {
  oidc_discovery_url: setting('oidc_discovery_url'),
  bound_issuer: setting('bound_issuer'),
  jwt_supported_algs: [setting('jwt_supported_algs')],
};
const role = vaultRole.parse(JSON.parse(blocksOf('vault.md', 'json')[0] ?? ''));

let house: FederatedHouse;
let published: Published;
let token = '';
let forge: Forge;
beforeAll(async () => {
  house = await startFederatedHouse();
  published = await house.published();
  token = await house.federated(TARGETS.vault);
  forge = await makeForge(published);
}, 30_000);
afterAll(() => house.close());

const login = (one: string, { after = 0, from = published, as = role } = {}) =>
  loginAtVault(config, as, from, one, claimsOf(one).iat + after);

test('the entity is who it is for, and the grant is in the metadata', async () => {
  const { grant_id: grant, jti } = claimsOf(token);
  expect(await login(token)).toEqual({
    alias: 'workload:payments-deploy',
    metadata: { grant, federation_token: jti },
  });
});

test('the recipe takes no other role of the resource, no access token, no other target', async () => {
  const rotate = await house.federated(TARGETS.vaultRotate);
  await expect(login(rotate)).rejects.toThrow('role is read');
  await expect(house.access(TARGETS.vault).then((access) => login(access))).rejects.toThrow('algorithm');
  await expect(house.federated(TARGETS.google).then((other) => login(other))).rejects.toThrow('bound_audiences');
});

test('what outlives: ten seconds past its end, and a minute with a role that leaves the leeway out', async () => {
  await expect(login(token, { after: 70 })).resolves.toBeDefined();
  await expect(login(token, { after: 71 })).rejects.toThrow('exp');
  await expect(login(token, { after: 120, as: { ...role, clock_skew_leeway: 0 } })).resolves.toBeDefined();
  await expect(login(token, { after: 61, as: { ...role, clock_skew_leeway: -1 } })).rejects.toThrow('exp');
});

test('renewals stay within one life of the token', () => {
  expect(role.token_explicit_max_ttl).toBe(role.token_ttl);
});

describe('the checker refuses what Vault refuses', () => {
  test.each([
    ['an audience, and a role without any', {}, { bound_audiences: [] }, 'bound_audiences'],
    ['a bound claim that is missing', { target: undefined }, {}, 'target'],
    ['a mapped claim that is missing', { grant_id: undefined }, {}, 'grant_id'],
    ['a subject that is no text', { sub: 7 }, {}, 'kinds'],
    ['another issuer', { iss: 'https://evil.test' }, {}, 'iss'],
  ])('%s', async (_, changes, roleChanges, why) => {
    const forged = await forge.token(token, changes);
    await expect(login(forged, { from: forge.published, as: { ...role, ...roleChanges } })).rejects.toThrow(why);
  });
});
