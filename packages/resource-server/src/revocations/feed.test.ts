/** The revocation feed, from an issuer's real port: what is said there is refused here, whatever happens on the way. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ResourceServerOptions } from '../options.ts';
import { AUDIENCE, CLIENT, PATHS, seconds } from '../test-support/authority.ts';
import { until } from '../test-support/listen.ts';
import { bearer, startWorld, WITH_CLIENT, type World } from '../test-support/world.ts';

/** Real servers on a machine that may be busy. */
jest.setTimeout(30_000);

let world: World;
beforeEach(async () => {
  world = await startWorld({ ...WITH_CLIENT, introspection: 'never' });
});
afterEach(() => world.close());

const outcome = async (token: string, server = world.server): Promise<string> => {
  const verdict = await server.verify(bearer(token));
  return verdict.ok ? 'verified' : `${verdict.status} ${verdict.because}`;
};
const untilRefused = (token: string): Promise<void> =>
  until('the token is refused', async () => (await outcome(token)) === '401 revoked');
const untilListening = (): Promise<void> => until('it listens', () => world.authority.feed.listening > 0);
const feedHealth = (server = world.server) => {
  const { revocations } = server.health();
  if (revocations.by !== 'feed') throw new Error('no feed');
  return revocations;
};

describe('what is revoked is refused', () => {
  test('a revoked token, and no other of its grant', async () => {
    await world.server.ready();
    const [one, other] = [await world.authority.token({ jti: 'tok_a' }), await world.authority.token({ jti: 'tok_b' })];
    expect(await outcome(one)).toBe('verified');
    await world.authority.revokeToken('tok_a');
    await untilRefused(one);
    expect(await outcome(other)).toBe('verified');
  });

  test('every token of a grant that ended, also one never seen before', async () => {
    await world.server.ready();
    await world.authority.endGrant('grt_over');
    await until('it heard', () => feedHealth().entries === 1);
    expect(await outcome(await world.authority.token({ grant_id: 'grt_over' }))).toBe('401 revoked');
    expect(await outcome(await world.authority.token({ grant_id: 'grt_other' }))).toBe('verified');
  });

  test('what was revoked before it began is known when it is ready', async () => {
    for (let n = 0; n < 8; n += 1) await world.authority.revokeToken(`tok_${n}`);
    await world.server.ready();
    expect(feedHealth()).toMatchObject({ entries: 8, fresh: true });
    expect(await outcome(await world.authority.token({ jti: 'tok_7' }))).toBe('401 revoked');
  });

  test('before it has heard anything nobody passes', async () => {
    world.authority.feed.mode = 'down';
    expect(await outcome(await world.authority.token())).toBe('503 revocations_unknown');
    expect(feedHealth()).toMatchObject({ fresh: false, ageSeconds: undefined, transport: 'none' });
    await expect(world.server.ready(50)).rejects.toThrow('not ready');
  });

  test('whoever runs the service sees what is wrong with it', async () => {
    world.authority.instead.set(PATHS.feed, (_, res) => res.writeHead(401).end());
    await expect(world.server.ready(100)).rejects.toThrow('not ready');
    expect(feedHealth()).toMatchObject({ problem: 'refused (status 401)', fresh: false });
    world.authority.instead.clear();
    await world.server.ready();
    expect(feedHealth()).toMatchObject({ problem: undefined, failures: 0 });
  });

  test('it says who it is as RFC 6749 section 2.3.1 wants it', async () => {
    await world.server.ready();
    const sent = world.authority.authorizationAt(PATHS.feed) ?? '';
    const halves = Buffer.from(sent.replace('Basic ', ''), 'base64').toString('utf8').split(':');
    const decoded = halves.map((half) => decodeURIComponent(half.replaceAll('+', ' ')));
    expect(decoded).toEqual([CLIENT.id, CLIENT.secret]);
  });
});

describe('on the way', () => {
  test('what was said while the connection was lost arrives by cursor, and nothing twice', async () => {
    await world.server.ready();
    await world.authority.revokeToken('tok_before');
    await untilRefused(await world.authority.token({ jti: 'tok_before' }));
    await untilListening();
    world.authority.feed.mode = 'down';
    world.authority.feed.drop();
    for (let n = 0; n < 5; n += 1) await world.authority.revokeToken(`tok_${n}`);
    world.authority.feed.mode = 'streams';
    await untilRefused(await world.authority.token({ jti: 'tok_4' }));
    for (let n = 0; n < 5; n += 1)
      expect(await outcome(await world.authority.token({ jti: `tok_${n}` }))).toBe('401 revoked');
    const afterTheLoss = world.authority.feed.asked
      .filter(({ after }) => after !== undefined)
      .map(({ after }) => after);
    expect(new Set(afterTheLoss)).toContain('cur-1');
    expect(feedHealth()).toMatchObject({ entries: 6, failures: 0, fresh: true });
  });

  test('drops again and again lose nothing', async () => {
    await world.server.ready();
    for (let n = 0; n < 4; n += 1) {
      await untilListening();
      world.authority.feed.drop();
      await world.authority.revokeToken(`tok_${n}`);
      await untilRefused(await world.authority.token({ jti: `tok_${n}` }));
    }
    expect(feedHealth().entries).toBe(4);
  });

  test('where streams do not get through it polls', async () => {
    world.authority.feed.mode = 'polls';
    await world.server.ready();
    await until('it polls', () => feedHealth().transport === 'long_poll');
    await untilListening();
    await world.authority.revokeToken('tok_a');
    await untilRefused(await world.authority.token({ jti: 'tok_a' }));
    expect(feedHealth()).toMatchObject({ transport: 'long_poll', fresh: true, failures: 0 });
  });

  test('when the issuer no longer knows the cursor it reads from the beginning', async () => {
    await world.authority.revokeToken('tok_a');
    await world.server.ready();
    await untilListening();
    world.authority.feed.mode = 'forgetful';
    world.authority.feed.drop();
    const begins = () => world.authority.feed.asked.filter(({ after }) => after === undefined).length;
    await until('it begins again', () => begins() === 2);
    await world.authority.revokeToken('tok_b');
    await untilRefused(await world.authority.token({ jti: 'tok_b' }));
  });

  test('an event by a key that signs for the first time is taken, also right after a fetch', async () => {
    await world.server.ready();
    await untilListening();
    world.clock.advance(2);
    await world.authority.signing.rotate();
    await world.authority.revokeToken('tok_a');
    await untilRefused(await world.authority.token({ jti: 'tok_a' }));
    expect(feedHealth().rejected).toBe(0);
  });

  test('close ends the connection and every attempt', async () => {
    await world.server.ready();
    await untilListening();
    await world.server.close();
    await until('nobody listens', () => world.authority.feed.listening === 0);
    const asked = world.authority.feed.asked.length;
    await world.authority.revokeToken('tok_a');
    expect(world.authority.feed.asked.length).toBe(asked);
    await expect(world.another(WITH_CLIENT).close()).resolves.toBeUndefined();
  });
});

describe('what is not the issuer’s is ignored and counted', () => {
  const event = (type: string, members: object) => ({ [`urn:sallyport:event:${type}`]: members });
  const revokes = (jti: string) => event('token-revoked', { jti, exp: seconds() + 600 });

  const set = (claims: object, typ = 'secevent+jwt'): Promise<string> => {
    const usual = {
      iss: world.authority.issuer,
      aud: AUDIENCE,
      iat: seconds(),
      jti: 'evt_x',
      events: revokes('tok_a'),
    };
    return world.authority.signing.sign(typ, { ...usual, ...claims });
  };

  test('forged, foreign and odd events; what comes after them is heard', async () => {
    const other = await startWorld();
    const odd = [
      'nonsense',
      'a.b.c',
      `${(await set({})).slice(0, -6)}AAAAAA`,
      await other.authority.signing.sign('secevent+jwt', {
        iss: world.authority.issuer,
        aud: AUDIENCE,
        iat: 1,
        jti: 'e',
        events: revokes('tok_a'),
      }),
      await set({}, 'at+jwt'),
      await set({}, 'JWT'),
      await set({ iss: 'https://other.test' }),
      await set({ aud: 'https://other.test' }),
      await set({ aud: [AUDIENCE] }),
      await set({ jti: undefined }),
      await set({ events: {} }),
      await set({ events: [revokes('tok_a')] }),
      await set({ events: { ...revokes('tok_a'), ...event('grant-ended', { grant_id: 'grt_1', exp: seconds() }) } }),
      await set({ events: event('unheard-of', { jti: 'tok_a', exp: seconds() + 600 }) }),
      await set({ events: event('token-revoked', { jti: 7, exp: seconds() + 600 }) }),
      await set({ events: event('token-revoked', { jti: 'tok_a' }) }),
      await set({ events: event('grant-ended', { jti: 'tok_a', exp: seconds() + 600 }) }),
    ];
    await other.close();
    await world.server.ready();
    for (const one of odd) world.authority.feed.publish(one);
    await world.authority.revokeToken('tok_b');
    await untilRefused(await world.authority.token({ jti: 'tok_b' }));
    expect(await outcome(await world.authority.token({ jti: 'tok_a' }))).toBe('verified');
    expect(feedHealth()).toMatchObject({ rejected: odd.length, entries: 1 });
  });

  test('an event that cannot be checked because the keys are out of reach is not passed over', async () => {
    await world.server.ready();
    await untilListening();
    await world.authority.signing.rotate();
    world.authority.instead.set(PATHS.jwks, (_, res) => res.writeHead(500).end());
    world.clock.advance(2);
    await world.authority.revokeToken('tok_a');
    await until('it stumbles', () => feedHealth().failures > 0);
    expect(feedHealth()).toMatchObject({ rejected: 0, entries: 0 });
    world.authority.instead.clear();
    world.clock.advance(2);
    await until('it heard', () => feedHealth().entries === 1);
  });
});

describe('a feed that is too old', () => {
  const stale = async (options: Partial<ResourceServerOptions>) => {
    const server = world.another({ ...WITH_CLIENT, ...options });
    await server.ready();
    await until('it follows', () => feedHealth(server).transport === 'stream');
    world.authority.feed.mode = 'down';
    world.authority.feed.drop();
    world.clock.advance(31);
    expect(feedHealth(server)).toMatchObject({ fresh: false });
    return server;
  };

  test('nobody passes, 503 with Retry-After, until it is heard again', async () => {
    const server = await stale({ introspection: 'never' });
    const token = await world.authority.token();
    expect(await server.verify(bearer(token))).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    world.authority.feed.mode = 'streams';
    await until('it passes again', async () => (await outcome(token, server)) === 'verified');
  });

  test('what is known to be revoked is refused all the same', async () => {
    await world.authority.revokeToken('tok_a');
    const server = await stale({ introspection: 'never' });
    expect(await outcome(await world.authority.token({ jti: 'tok_a' }), server)).toBe('401 revoked');
  });

  test('`open`: a good token passes', async () => {
    const server = await stale({ introspection: 'never', whenInDoubt: 'open' });
    expect(await outcome(await world.authority.token(), server)).toBe('verified');
  });

  test('`on-doubt`: the issuer is asked, and only then', async () => {
    const token = await world.authority.token({ jti: 'tok_a' });
    const facts = { iss: world.authority.issuer, aud: AUDIENCE, sub: 'workload:payments-deploy', jti: 'tok_a' };
    const fresh = world.another(WITH_CLIENT);
    await fresh.ready();
    expect(await outcome(token, fresh)).toBe('verified');
    expect(world.authority.hits(PATHS.introspect)).toBe(0);
    const server = await stale({});
    expect(await outcome(token, server)).toBe('401 inactive');
    world.authority.introspection = () => ({ active: true, ...facts });
    expect(await outcome(token, server)).toBe('verified');
    world.authority.instead.set(PATHS.introspect, (_, res) => res.writeHead(503).end());
    expect(await outcome(token, server)).toBe('503 introspection_unavailable');
  });

  test('signs of life keep it young', async () => {
    await world.server.ready();
    await untilListening();
    world.clock.advance(25);
    expect(feedHealth().ageSeconds).toBeGreaterThanOrEqual(25);
    world.authority.feed.ping();
    await until('it heard', () => feedHealth().ageSeconds === 0);
  });
});
