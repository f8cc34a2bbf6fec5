/** Token Status Lists: a bit that is set refuses, and what cannot be read is a doubt. */
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PATHS, seconds } from '../test-support/authority.ts';
import { bearer, startWorld, WITH_CLIENT, type World } from '../test-support/world.ts';
import { type StatusList, statusAt } from './status-list.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld({ revocations: 'status-list' });
});
afterEach(() => world.close());

const tokenAt = (idx: number, uri = world.authority.statusUri): Promise<string> =>
  world.authority.token({ status: { status_list: { idx, uri } } });
const outcome = async (token: string, server = world.server): Promise<string> => {
  const verdict = await server.verify(bearer(token));
  return verdict.ok ? 'verified' : `${verdict.status} ${verdict.because}`;
};
const DOUBT = '503 revocations_unknown';

test('a bit that is set refuses, and only its own token', async () => {
  for (const at of [0, 9, 1_023]) world.authority.revokedBits.add(at);
  for (const at of [0, 9, 1_023]) expect(await outcome(await tokenAt(at))).toBe('401 revoked');
  for (const at of [1, 8, 10, 1_022]) expect(await outcome(await tokenAt(at))).toBe('verified');
  expect(world.authority.hits(PATHS.statusList)).toBe(1);
});

test('a list is good for its ttl, then fetched before it is used', async () => {
  const token = await tokenAt(5);
  expect(await outcome(token)).toBe('verified');
  world.authority.revokedBits.add(5);
  world.clock.advance(29);
  expect(await outcome(token)).toBe('verified');
  world.clock.advance(2);
  expect(await outcome(token)).toBe('401 revoked');
});

test('calls at once share one fetch', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, at) => tokenAt(at)));
  await Promise.all(tokens.map((token) => outcome(token)));
  expect(world.authority.hits(PATHS.statusList)).toBe(1);
});

describe('doubt', () => {
  test('a token without a status, or with a place beyond the list', async () => {
    expect(await outcome(await world.authority.token())).toBe(DOUBT);
    expect(await outcome(await tokenAt(1_024))).toBe(DOUBT);
    expect(await outcome(await tokenAt(Number.MAX_SAFE_INTEGER))).toBe(DOUBT);
  });

  test('a list somewhere else is never fetched', async () => {
    const other = await startWorld();
    try {
      const issuer = new URL(world.authority.issuer);
      const elsewhere = [
        other.authority.statusUri,
        `${issuer.protocol}//${issuer.host}@${new URL(other.authority.issuer).host}${PATHS.statusList}`,
        `${world.authority.issuer}.evil.test/list`,
        `${world.authority.issuer}/a/../oauth/status-lists/1`,
        'file:///etc/passwd',
        'not a url',
      ];
      for (const uri of elsewhere) expect(await outcome(await tokenAt(1, uri))).toBe(DOUBT);
      expect([other.authority.hits(PATHS.statusList), world.authority.hits(PATHS.statusList)]).toEqual([0, 0]);
    } finally {
      await other.close();
    }
  });

  test('an issuer that does not answer is not asked again at once, and in time it is', async () => {
    world.authority.instead.set(PATHS.statusList, (_, res) => res.writeHead(503).end());
    const token = await tokenAt(1);
    for (let n = 0; n < 5; n += 1) expect(await outcome(token)).toBe(DOUBT);
    expect(world.authority.hits(PATHS.statusList)).toBe(1);
    world.authority.instead.clear();
    world.clock.advance(2);
    expect(await outcome(token)).toBe('verified');
  });

  test('`on-doubt` asks the issuer, `open` lets it pass', async () => {
    const token = await world.authority.token();
    const asks = world.another({ ...WITH_CLIENT, revocations: 'status-list' });
    expect(await outcome(token, asks)).toBe('401 inactive');
    const open = world.another({ revocations: 'status-list', whenInDoubt: 'open' });
    expect(await outcome(token, open)).toBe('verified');
  });

  const lists: Readonly<Record<string, () => Promise<string>>> = {
    'of another type': () => list({}, 'JWT'),
    'about another address': () => list({ sub: `${world.authority.statusUri}0` }),
    'of another issuer': () => list({ iss: 'https://other.test' }),
    'that is over': () => list({ exp: seconds() - 1 }),
    'without bits': () => list({ status_list: { lst: compressed(16) } }),
    'with bits nobody defined': () => list({ status_list: { bits: 3, lst: compressed(16) } }),
    'that is no list': () => list({ status_list: 'x' }),
    'that does not inflate': () => list({ status_list: { bits: 1, lst: 'AAAA' } }),
    'that is cut short': () => list({ status_list: { bits: 1, lst: compressed(16).slice(0, 8) } }),
    'that inflates to more than anybody has tokens': () =>
      list({ status_list: { bits: 1, lst: compressed(5 * 1_024 * 1_024) } }),
    'that is huge before it is inflated': () => list({ more: 'x'.repeat(2_000_000) }),
    'that somebody changed': async () => `${(await list({})).slice(0, -6)}AAAAAA`,
    'that is nothing at all': async () => '',
  };

  const compressed = (bytes: number): string => deflateSync(Buffer.alloc(bytes)).toString('base64url');
  const list = (claims: object, typ = 'statuslist+jwt'): Promise<string> => {
    const usual = {
      iss: world.authority.issuer,
      sub: world.authority.statusUri,
      iat: seconds(),
      exp: seconds() + 60,
      status_list: { bits: 1, lst: compressed(16) },
    };
    return world.authority.signing.sign(typ, { ...usual, ...claims });
  };
  const serve = (text: string): void => {
    world.authority.instead.set(PATHS.statusList, (_, res) => res.writeHead(200).end(text));
  };

  test('the lists of this test are good when nothing is changed', async () => {
    serve(await list({}));
    expect(await outcome(await tokenAt(1))).toBe('verified');
  });

  test.each(Object.keys(lists))('a list %s', async (name) => {
    serve((await lists[name]?.()) ?? '');
    expect(await outcome(await tokenAt(1))).toBe(DOUBT);
  });
});

test('statuses of 1, 2, 4 and 8 bits, from the lowest bit up', () => {
  const with8 = (bits: StatusList['bits'], ...bytes: number[]): StatusList => ({
    bits,
    bytes: Uint8Array.from(bytes),
    usableUntilMs: 0,
  });
  // The example of the specification: 0xb9, 0xa3.
  const bits = Array.from({ length: 16 }, (_, at) => statusAt(with8(1, 0xb9, 0xa3), at));
  expect(bits).toEqual([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
  const pairs = Array.from({ length: 12 }, (_, at) => statusAt(with8(2, 0xc9, 0x44, 0xf9), at));
  expect(pairs).toEqual([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
  expect([0, 1, 2].map((at) => statusAt(with8(4, 0xa1), at))).toEqual([1, 10, undefined]);
  expect([0, 1].map((at) => statusAt(with8(8, 0xa1), at))).toEqual([0xa1, undefined]);
});
