/** PostgreSQL with pg_oidc_validator takes an access token with the lines of docs/federation/postgresql.md, and nothing else of ours. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FederatedHouse, startFederatedHouse, TARGETS } from './federated-house.ts';
import { claimsOf, type Forge, makeForge } from './forge.ts';
import { connect, readHba, readIdent } from './pg-validator.ts';
import type { Published } from './published.ts';
import { blocksOf } from './recipe.ts';

const hba = readHba(blocksOf('postgresql.md', 'hba')[0] ?? '');
const ident = readIdent(blocksOf('postgresql.md', 'ident')[0] ?? '');
const [conf = ''] = blocksOf('postgresql.md', 'conf');
const audience = /^pg_oidc_validator\.audience = '([^']*)'$/m.exec(conf)?.[1] ?? '';

let house: FederatedHouse;
let published: Published;
let token = '';
let forge: Forge;
beforeAll(async () => {
  house = await startFederatedHouse();
  published = await house.published();
  token = await house.access(TARGETS.postgresql);
  forge = await makeForge(published);
}, 30_000);
afterAll(() => house.close());

const opened = (one: string, { role = 'orders_rw', from = published, after = 0, aud = audience } = {}) =>
  connect(hba, ident, aud, from, { role, token: one, nowSeconds: claimsOf(one).iat + after });

test('the pipeline is the role its scope is for, and no other', async () => {
  await expect(opened(token)).resolves.toBeUndefined();
  await expect(opened(token, { role: 'orders_ro' })).rejects.toThrow('scope');
});

test('a person is who the map says, and nobody whose name only looks like it', async () => {
  const person = (sub: string) => forge.token(token, { sub, scope: 'pg:orders:read' });
  const reads = async (sub: string) => opened(await person(sub), { role: 'orders_ro', from: forge.published });
  await expect(reads('person:alice@acme.test')).resolves.toBeUndefined();
  for (const sub of ['person:alice@acme.test.evil.test', 'person:alice@acmeXtest', 'xperson:alice@acme.test']) {
    await expect(reads(sub)).rejects.toThrow('map');
  }
});

test('a federation token opens nothing: it has no scope', async () => {
  await expect(house.federated(TARGETS.postgresql).then((federated) => opened(federated))).rejects.toThrow('scope');
});

test('a token for another audience opens nothing: by its scope, even where the audience is not looked at', async () => {
  const other = await house.access(TARGETS.vault);
  await expect(opened(other)).rejects.toThrow('aud');
  await expect(opened(other, { aud: '' })).rejects.toThrow('scope');
});

test('what outlives: new sessions until the token ends', async () => {
  await expect(opened(token, { after: 299 })).resolves.toBeUndefined();
  await expect(opened(token, { after: 300 })).rejects.toThrow('not over');
});

describe('the checker refuses what the validator refuses', () => {
  test('two scopes, of which one is right', async () => {
    const both = await forge.token(token, { scope: 'pg:orders:read pg:orders:write' });
    await expect(opened(both, { from: forge.published })).rejects.toThrow('scope');
  });

  test('a key without its use', async () => {
    const keys = published.jwks.keys.map(({ use, ...key }) => key);
    await expect(opened(token, { from: { ...published, jwks: { keys } } })).rejects.toThrow('key');
  });
});
