/** The issuer's keys: rotations nobody notices, outages that are survived for a while, and documents that are not believed. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PATHS, seconds } from './test-support/authority.ts';
import { bearer, startWorld, type World } from './test-support/world.ts';

/** Real servers on a machine that may be busy. */
jest.setTimeout(30_000);

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const outcome = async (token: string): Promise<string> => {
  const verdict = await world.server.verify(bearer(token));
  return verdict.ok ? 'verified' : `${verdict.status} ${verdict.because}`;
};
/** A token of the moved clock's time. */
const freshToken = (): Promise<string> => {
  const now = Math.floor(world.clock.nowMs() / 1_000);
  return world.authority.token({ iat: now, exp: now + 600 });
};
const breakKeys = (answer: (res: ServerResponse) => unknown): void => {
  world.authority.instead.set(PATHS.jwks, (_, res) => answer(res));
};

describe('rotation', () => {
  test('a key that signs for the first time is fetched at its first use, and the old one still verifies', async () => {
    const old = await world.authority.token();
    expect(await outcome(old)).toBe('verified');
    await world.authority.signing.rotate();
    world.clock.advance(31);
    expect(await outcome(await freshToken())).toBe('verified');
    expect(await outcome(old)).toBe('verified');
    expect(world.authority.hits(PATHS.jwks)).toBe(2);
  });

  test('a key the issuer dropped verifies nothing after ten minutes', async () => {
    expect(await outcome(await freshToken())).toBe('verified');
    const longLived = await world.authority.token({ exp: seconds() + 3_600 });
    await world.authority.signing.rotate(true);
    world.clock.advance(601);
    expect(await outcome(longLived)).toBe('401 token_rejected');
  });

  test('names nobody knows cause one fetch in thirty seconds', async () => {
    await world.server.ready();
    for (let n = 0; n < 20; n += 1) await outcome(await world.authority.token({}, { kid: `made-up-${n}` }));
    expect(world.authority.hits(PATHS.jwks)).toBe(1);
    world.clock.advance(31);
    for (let n = 0; n < 20; n += 1) await outcome(await world.authority.token({}, { kid: `made-up-${n}` }));
    expect(world.authority.hits(PATHS.jwks)).toBe(2);
  });

  test('calls at once share one fetch', async () => {
    const token = await freshToken();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(token)));
    expect(new Set(outcomes)).toEqual(new Set(['verified']));
    expect(world.authority.hits(PATHS.jwks)).toBe(1);
  });
});

describe('outage', () => {
  test('fault J1: the last good keys serve while the issuer is down, an unknown name is refused, and after an hour nothing is believed', async () => {
    expect(await outcome(await freshToken())).toBe('verified');
    breakKeys((res) => res.writeHead(500).end());
    world.clock.advance(3_500);
    expect(await outcome(await freshToken())).toBe('verified');
    expect(await outcome(await world.authority.token({}, { kid: 'new' }))).toBe('401 token_rejected');
    world.clock.advance(101);
    expect(await outcome(await freshToken())).toBe('503 keys_unavailable');
    expect(world.server.health().keys).toMatchObject({ problem: 'refused (status 500)' });
    world.authority.instead.clear();
    world.clock.advance(2);
    expect(await outcome(await freshToken())).toBe('verified');
    expect(world.server.health().keys).toEqual({ ageSeconds: 0, problem: undefined });
  });

  test('without keys from the start the answer is 503 with Retry-After, and no challenge', async () => {
    breakKeys((res) => res.destroy());
    const verdict = await world.server.verify(bearer(await freshToken()));
    expect(verdict).toMatchObject({ ok: false, status: 503, error: undefined, headers: { 'retry-after': '5' } });
    expect(verdict).not.toHaveProperty(['headers', 'www-authenticate']);
    await expect(world.server.ready(50)).rejects.toThrow('not ready');
  });
});

describe('fault J3: documents that are not believed', () => {
  const elsewhere = (res: ServerResponse): void => {
    res.writeHead(302, { location: `${world.authority.issuer}/other` }).end();
  };
  const TROUBLES: Readonly<Record<string, (res: ServerResponse) => void>> = {
    'a redirect': elsewhere,
    HTML: (res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'another status that is a success': (res) => res.writeHead(203).end('{"keys":[]}'),
    'no list of keys': (res) => res.writeHead(200).end('{"keys":{}}'),
    'a list of no keys': (res) => res.writeHead(200).end('{"keys":[1]}'),
    'bytes that are no text': (res) => res.writeHead(200).end(Buffer.from([0x7b, 0xff, 0x7d])),
    'far too much': (res) => res.writeHead(200).end(`{"keys":[],"more":"${'x'.repeat(300_000)}"}`),
    'an answer that breaks off': (res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('{"keys"', () => res.destroy());
    },
  };

  test.each(Object.keys(TROUBLES))('%s', async (name) => {
    breakKeys((res) => TROUBLES[name]?.(res));
    expect(await outcome(await freshToken())).toBe('503 keys_unavailable');
    expect(world.authority.hits('/other')).toBe(0);
  });

  test('an answer without an end is left soon', async () => {
    const chunk = Buffer.alloc(64 * 1_024, ' ');
    let sent = 0;
    function* endless(): Generator<Buffer> {
      for (; sent < 1_000; sent += 1) yield chunk;
    }
    const left = new Promise<void>((resolve) => {
      breakKeys((res) => pipeline(Readable.from(endless()), res).then(resolve, () => resolve()));
    });
    expect(await outcome(await freshToken())).toBe('503 keys_unavailable');
    await left;
    expect(sent).toBeLessThan(1_000);
  });

  const metadata = (members: object): void => {
    const usual = { issuer: world.authority.issuer, jwks_uri: `${world.authority.issuer}${PATHS.jwks}` };
    const body = JSON.stringify({ ...usual, ...members });
    world.authority.instead.set(PATHS.metadata, (_, res) => res.writeHead(200).end(body));
  };

  test('RFC 8414 section 3.3: metadata about another issuer', async () => {
    metadata({ issuer: `${world.authority.issuer}/` });
    expect(await outcome(await freshToken())).toBe('503 keys_unavailable');
    expect(world.authority.hits(PATHS.jwks)).toBe(0);
  });

  test('keys on another origin, or none', async () => {
    const other = await startWorld();
    try {
      metadata({ jwks_uri: `${other.authority.issuer}${PATHS.jwks}` });
      expect(await outcome(await freshToken())).toBe('503 keys_unavailable');
      expect(other.authority.hits(PATHS.jwks)).toBe(0);
      metadata({ jwks_uri: 7 });
      world.clock.advance(2);
      expect(await outcome(await freshToken())).toBe('503 keys_unavailable');
    } finally {
      await other.close();
    }
  });

  test('two keys of one name are no key', async () => {
    const { keys } = await world.authority.signing.jwks();
    breakKeys((res) => res.writeHead(200).end(JSON.stringify({ keys: [...keys, ...keys] })));
    expect(await outcome(await freshToken())).toBe('401 token_rejected');
  });

  test('a key for something else, of another kind, or with its private half, is no key', async () => {
    const [key] = (await world.authority.signing.jwks()).keys;
    const spoiled = [
      { ...key, use: 'enc' },
      { ...key, alg: 'ES384' },
      { kty: 'oct', k: 'AAAA', kid: key?.kid },
      { ...key, d: 'AAAA' },
    ];
    for (const one of spoiled) {
      breakKeys((res) => res.writeHead(200).end(JSON.stringify({ keys: [one] })));
      world.clock.advance(700);
      expect(await outcome(await freshToken())).toBe('401 token_rejected');
    }
  });
});
