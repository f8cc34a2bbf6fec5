/** Asking the issuer each time: exact, and never a pass when it does not say (RFC 7662). */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AUDIENCE, CLIENT, PATHS } from './test-support/authority.ts';
import { bearer, startWorld, WITH_CLIENT, type World } from './test-support/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld({ ...WITH_CLIENT, introspection: 'always', revocations: 'none' });
});
afterEach(() => world.close());

const outcome = async (token: string, server = world.server): Promise<string> => {
  const verdict = await server.verify(bearer(token));
  return verdict.ok ? 'verified' : `${verdict.status} ${verdict.because}`;
};
const active =
  (members: object = {}) =>
  () => ({
    active: true,
    iss: world.authority.issuer,
    aud: AUDIENCE,
    sub: 'workload:payments-deploy',
    jti: 'tok_a',
    ...members,
  });
const token = (): Promise<string> => world.authority.token({ jti: 'tok_a' });
const UNAVAILABLE = '503 introspection_unavailable';

test('active passes, inactive does not, and nothing is kept of either', async () => {
  world.authority.introspection = active();
  expect(await outcome(await token())).toBe('verified');
  world.authority.introspection = () => ({ active: false });
  expect(await outcome(await token())).toBe('401 inactive');
  expect(world.authority.hits(PATHS.introspect)).toBe(2);
});

test('it sends the token, and says who asks as RFC 6749 section 2.3.1 wants it', async () => {
  const sent: string[] = [];
  world.authority.introspection = (text) => {
    sent.push(text);
    return active()();
  };
  const shown = await token();
  await outcome(shown);
  expect(sent).toEqual([shown]);
  const basic = Buffer.from((world.authority.authorizationAt(PATHS.introspect) ?? '').slice(6), 'base64').toString();
  const decoded = basic.split(':').map((half) => decodeURIComponent(half.replaceAll('+', ' ')));
  expect(decoded).toEqual([CLIENT.id, CLIENT.secret]);
});

test('a token that does not verify is not asked about: nobody makes us ask', async () => {
  world.authority.introspection = active();
  expect(await outcome(await world.authority.token({ iss: 'https://other.test' }))).toBe('401 token_rejected');
  expect(world.authority.hits(PATHS.introspect)).toBe(0);
});

test.each([
  { jti: 'tok_b' },
  { sub: 'person:eve' },
  { aud: 'https://other.test' },
  { aud: [AUDIENCE] },
  { iss: 'https://other.test' },
])('an answer about another token says nothing about this one: %j', async (members) => {
  world.authority.introspection = active(members);
  expect(await outcome(await token())).toBe('401 inactive');
});

describe('an issuer that does not say', () => {
  test.each(['"true"', '1', 'null', '"yes"'])('active: %s', async (value) => {
    world.authority.instead.set(PATHS.introspect, (_, res) => res.writeHead(200).end(`{"active":${value}}`));
    expect(await outcome(await token())).toBe(UNAVAILABLE);
  });

  test.each([
    [401, '{"error":"invalid_client"}'],
    [500, ''],
    [302, ''],
    [200, '[]'],
    [200, ''],
    [204, ''],
  ])('%i %s', async (status, body) => {
    world.authority.instead.set(PATHS.introspect, (_, res) => {
      res.writeHead(status, { location: `${world.authority.issuer}/other` }).end(body);
    });
    expect(await outcome(await token())).toBe(UNAVAILABLE);
    expect(world.authority.hits('/other')).toBe(0);
  });

  test('silence ends at the deadline', async () => {
    world.authority.instead.set(PATHS.introspect, () => {});
    const hasty = world.another({ ...WITH_CLIENT, introspection: 'always', introspectionTimeoutMs: 30 });
    await hasty.ready();
    expect(await outcome(await token(), hasty)).toBe(UNAVAILABLE);
  });

  test('an endpoint on another origin gets no secret', async () => {
    const other = await startWorld();
    try {
      const { issuer } = world.authority;
      const body = JSON.stringify({
        issuer,
        jwks_uri: `${issuer}${PATHS.jwks}`,
        introspection_endpoint: `${other.authority.issuer}${PATHS.introspect}`,
      });
      world.authority.instead.set(PATHS.metadata, (_, res) => res.writeHead(200).end(body));
      expect(await outcome(await token())).toBe(UNAVAILABLE);
      expect(other.authority.hits(PATHS.introspect)).toBe(0);
    } finally {
      await other.close();
    }
  });

  test('more at once than it can answer are turned away, and it is not asked more', async () => {
    const held: (() => void)[] = [];
    world.authority.instead.set(PATHS.introspect, (_, res) => {
      held.push(() => res.writeHead(503).end());
    });
    await world.server.ready();
    const shown = await token();
    const outcomes = Array.from({ length: 300 }, () => outcome(shown));
    expect(await Promise.any(outcomes)).toBe(UNAVAILABLE);
    const release = setInterval(() => {
      for (const answer of held.splice(0)) answer();
    }, 5);
    await Promise.all(outcomes);
    clearInterval(release);
    expect(world.authority.hits(PATHS.introspect)).toBeLessThanOrEqual(256);
  });
});
