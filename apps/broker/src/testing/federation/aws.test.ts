/** AWS STS takes a federation token with the trust policy of docs/federation/aws.md, and nothing else of ours. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AwsSession, assertIamProvider, assumeRole } from './aws.ts';
import { type TrustPolicy, trustPolicy } from './aws-trust-policy.ts';
import { type FederatedHouse, startFederatedHouse, TARGETS } from './federated-house.ts';
import { claimsOf, type Forge, makeForge } from './forge.ts';
import { Broken, type Published } from './published.ts';
import { blocksOf, blockWith, commandsOf, flagOf } from './recipe.ts';

const policy = trustPolicy.parse(JSON.parse(blockWith('aws.md', 'json', 'AssumeRoleWithWebIdentity')));
const shell = blocksOf('aws.md', 'sh').flatMap(commandsOf);
const create = shell.find((line) => line.startsWith('aws iam create-open-id')) ?? '';
const assume = shell.find((line) => line.startsWith('aws sts assume-role')) ?? '';
const provider = { url: flagOf(create, '--url'), clientIds: [flagOf(create, '--client-id-list')] };
const durationSeconds = Number(flagOf(assume, '--duration-seconds'));

let house: FederatedHouse;
let published: Published;
let token = '';
let forge: Forge;
beforeAll(async () => {
  house = await startFederatedHouse();
  published = await house.published();
  token = await house.federated(TARGETS.aws);
  forge = await makeForge(published);
}, 30_000);
afterAll(() => house.close());

interface Try {
  readonly token: string;
  readonly after?: number;
  readonly from?: Published;
  readonly policy?: TrustPolicy;
  readonly durationSeconds?: number;
}

function assumed(one: Try): Promise<AwsSession> {
  const { iat } = claimsOf(one.token);
  return assumeRole(provider, one.policy ?? policy, one.from ?? published, {
    token: one.token,
    sessionName: String(claimsOf(token).grant_id),
    durationSeconds: one.durationSeconds ?? durationSeconds,
    nowSeconds: iat + (one.after ?? 0),
  });
}

test('the provider of the recipe can be made from the metadata and keys of the broker', () => {
  expect(() => assertIamProvider(provider, published)).not.toThrow();
});

test('a session knows the grant, as tag and as source identity, and is as short as AWS lets it be', async () => {
  const grant = claimsOf(token).grant_id;
  expect(await assumed({ token })).toEqual({ tags: { grant }, sourceIdentity: grant });
  expect(durationSeconds).toBe(900);
});

test('the recipe takes no access token for the same audience, another target, another subject', async () => {
  await expect(house.access(TARGETS.aws).then((access) => assumed({ token: access }))).rejects.toThrow('trust policy');
  await expect(house.federated(TARGETS.vault).then((other) => assumed({ token: other }))).rejects.toThrow('client id');
  const other = await forge.token(token, { sub: 'workload:reports-nightly' });
  await expect(assumed({ token: other, from: forge.published })).rejects.toThrow('trust policy');
});

test('what outlives: past its end a token is taken for five minutes, and then no more', async () => {
  const life = claimsOf(token).exp - claimsOf(token).iat;
  expect(life).toBe(60);
  await expect(assumed({ token, after: life + 299 })).resolves.toBeDefined();
  await expect(assumed({ token, after: life + 300 })).rejects.toThrow('five minutes');
});

test('without the right to tag and to set a source identity AWS refuses the token', async () => {
  for (const missing of ['sts:TagSession', 'sts:SetSourceIdentity']) {
    const Statement = policy.Statement.map((one) => ({
      ...one,
      Action: one.Action.filter((name) => name !== missing),
    }));
    await expect(assumed({ token, policy: { ...policy, Statement } })).rejects.toThrow('trust policy');
  }
});

describe('the checker refuses what AWS refuses', () => {
  test.each([
    ['azp, which is taken in place of aud', { azp: 'ci' }, 'client id'],
    ['two audiences', { aud: [TARGETS.aws.audience, 'other'] }, 'one audience'],
    ['another issuer', { iss: 'https://evil.test' }, 'iss'],
    ['tags that are no lists', { 'https://aws.amazon.com/tags': { principal_tags: { grant: 'grt_1' } } }, 'tags claim'],
    ['a tag of two values', { 'https://aws.amazon.com/tags': { principal_tags: { grant: ['a', 'b'] } } }, 'tags claim'],
    ['a source identity with a colon', { 'https://aws.amazon.com/source_identity': 'person:alice' }, 'source identity'],
    ['a tag of somebody else', { 'https://aws.amazon.com/tags': { principal_tags: { grant: ['x'] } } }, 'trust policy'],
  ])('%s', async (_, changes, why) => {
    await expect(assumed({ token: await forge.token(token, changes), from: forge.published })).rejects.toThrow(why);
  });

  test('a session shorter than 15 minutes', async () => {
    await expect(assumed({ token, durationSeconds: 899 })).rejects.toThrow('15 minutes');
  });

  test.each([
    ['a port', { ...provider, url: 'https://sallyport.acme.test:8443' }],
    ['http', { ...provider, url: 'http://sallyport.acme.test' }],
    ['a trailing slash', { ...provider, url: 'https://sallyport.acme.test/' }],
    ['an audience that is too long', { ...provider, clientIds: [`https://${'x'.repeat(250)}`] }],
  ])('a provider with %s', (_, wrong) => {
    expect(() => assertIamProvider(wrong, published)).toThrow(Broken);
  });

  test('metadata without what AWS needs', () => {
    for (const name of ['jwks_uri', 'response_types_supported', 'subject_types_supported', 'claims_supported']) {
      const discovery = { ...published.discovery, [name]: undefined };
      expect(() => assertIamProvider(provider, { ...published, discovery })).toThrow(name);
    }
  });
});
