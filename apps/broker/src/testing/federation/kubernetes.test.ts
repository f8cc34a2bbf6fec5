/** kube-apiserver takes a federation token with the configuration of docs/federation/kubernetes.md, and nothing else of ours. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type FederatedHouse, startFederatedHouse, TARGETS } from './federated-house.ts';
import { claimsOf, type Forge, makeForge } from './forge.ts';
import { type AuthenticationConfiguration, authenticate, authenticationConfiguration } from './kubernetes.ts';
import type { Published } from './published.ts';
import { blockWith } from './recipe.ts';

const config = authenticationConfiguration.parse(
  parse(blockWith('kubernetes.md', 'yaml', 'AuthenticationConfiguration')),
);

let house: FederatedHouse;
let published: Published;
let token = '';
let forge: Forge;
beforeAll(async () => {
  house = await startFederatedHouse();
  published = await house.published();
  token = await house.federated(TARGETS.kubernetes);
  forge = await makeForge(published);
}, 30_000);
afterAll(() => house.close());

const authenticated = (one: string, from = published, after = 0) =>
  authenticate(config, from, one, claimsOf(one).iat + after);

test('the user is who it is for, the group what was approved, and the grant is in the audit log', async () => {
  expect(await authenticated(token)).toEqual({
    username: 'sallyport:workload:payments-deploy',
    groups: ['sallyport:k8s-prod:operate'],
    extra: { 'sallyport.acme.test/grant': [claimsOf(token).grant_id] },
  });
});

test('so is who acts for them', async () => {
  const acted = await forge.token(token, { act: { iss: 'https://sallyport.acme.test', sub: 'workload:agent' } });
  const { extra } = await authenticated(acted, forge.published);
  expect(extra['sallyport.acme.test/actor']).toEqual(['workload:agent']);
});

test('the group of the recipe’s binding is the group of the token', async () => {
  const binding = parse(blockWith('kubernetes.md', 'yaml', 'ClusterRoleBinding')) as {
    readonly subjects: readonly { readonly name: string }[];
  };
  expect(binding.subjects.map(({ name }) => name)).toEqual((await authenticated(token)).groups);
});

test('the recipe takes no access token for the same audience, and no token for another', async () => {
  await expect(house.access(TARGETS.kubernetes).then((access) => authenticated(access))).rejects.toThrow('target');
  await expect(house.federated(TARGETS.vault).then((other) => authenticated(other))).rejects.toThrow('aud');
});

test('what outlives: nothing past its end', async () => {
  await expect(authenticated(token, published, 59)).resolves.toBeDefined();
  await expect(authenticated(token, published, 60)).rejects.toThrow('not over');
});

describe('the rules of the recipe refuse', () => {
  test.each([
    ['another target of the same audience', { target: 'k8s-staging' }, 'target'],
    ['a long life', { exp: 4_000_000_000 }, '300'],
    ['a group of the system’s own', { target: 'system' }, 'target'],
    ['a claim that is missing', { role: undefined }, 'role'],
    ['another issuer', { iss: 'https://evil.test' }, 'iss'],
  ])('%s', async (_, changes, why) => {
    await expect(authenticated(await forge.token(token, changes), forge.published)).rejects.toThrow(why);
  });

  test('names of the system’s own, if a mapping made them', async () => {
    const [authenticator] = config.jwt;
    const claimMappings = { ...authenticator.claimMappings, username: { expression: "'system:' + claims.sub" } };
    const wrong: AuthenticationConfiguration = { ...config, jwt: [{ ...authenticator, claimMappings }] };
    await expect(authenticate(wrong, published, token, claimsOf(token).iat)).rejects.toThrow('system:');
  });
});
