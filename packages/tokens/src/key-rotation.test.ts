/** Rotation as verifiers live it: real signatures, a JWKS that is cached for 300 seconds, a clock that is moved by hand. */
import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { after, type Instant, instant, minutes } from '@sallyport/core';
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose';
import { jwksDocument } from './jwks-document.ts';
import type { KeyEntry } from './key-file.ts';
import { takeBack } from './key-rotation.ts';
import { makeOwnVerifier } from './own-verifier.ts';
import { makeSigner } from './signer.ts';
import { AUDIENCE, someFacts } from './test-support/facts.ts';
import { type KeyWorld, keyPool, keyWorld } from './test-support/key-world.ts';

jest.setTimeout(300_000);
const ISSUER = 'https://sallyport.acme.test';
/** Before a release: ROTATION_TOKENS=100000. */
const TOKENS = Number(process.env.ROTATION_TOKENS ?? 2_000);
const ROTATIONS = 24;
let pool: readonly KeyEntry[];
beforeAll(async () => {
  pool = await keyPool(100);
});
afterEach(() => {
  jest.useRealTimers();
});

/** The world's clock is also the one that jose caches by. */
function pass(world: KeyWorld, ms: number): void {
  world.pass(ms);
  jest.setSystemTime(world.now());
}

async function startWorld(): Promise<KeyWorld> {
  const world = await keyWorld(pool);
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask'] });
  jest.setSystemTime(world.now());
  return world;
}

function partsOf(world: KeyWorld, index: number) {
  const broker = world.brokers[index];
  if (broker === undefined) throw new Error('no such broker');
  const keys = { current: () => broker.live.current() };
  const deps = { issuer: ISSUER, keys };
  return { keys, signer: makeSigner(deps), own: makeOwnVerifier(deps) };
}

/** A verifier as careless as they come: caches for 300 s, and an unknown kid is no reason to look again. */
function remoteVerifier(world: KeyWorld, index: number) {
  const { keys } = partsOf(world, index);
  const serve = async () => new Response(JSON.stringify(jwksDocument(keys.current())));
  const jwks = createRemoteJWKSet(new URL(`${ISSUER}/oauth/jwks`), {
    cacheMaxAge: 300_000,
    cooldownDuration: 86_400_000,
    [customFetch]: serve,
  });
  return async (token: string, at: Instant): Promise<void> => {
    const options = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['ES256'] };
    await jwtVerify(token, jwks, { ...options, currentDate: new Date(at) });
  };
}

describe('K2: a verifier that caches for 300 seconds never fails across a rotation', () => {
  test('K2: from publishing the next key to dropping the old one, minute by minute, tokens of an hour', async () => {
    const world = await startWorld();
    const [a, b] = [partsOf(world, 0), partsOf(world, 1)];
    const verifiers = [remoteVerifier(world, 0), remoteVerifier(world, 1)];
    const live: { readonly token: string; readonly end: Instant }[] = [];
    const kids = new Set<string | undefined>();
    for (let minute = 0; minute < 5 * 60; minute += 1) {
      if (minute === 30 || minute === 120 || minute === 270) await world.rotate();
      pass(world, 2_000);
      for (const { signer } of [a, b]) {
        const facts = someFacts(world.now(), {
          expiresAt: after(instant(Math.floor(world.now() / 1_000) * 1_000), minutes(60)),
        });
        const token = await signer.sign(facts);
        kids.add(decodeProtectedHeader(token).kid);
        live.push({ token, end: facts.expiresAt });
      }
      // Those that are about to end are the oldest: with the newest they stand for all between.
      while ((live[0]?.end ?? world.now() + 1) <= world.now()) live.shift();
      for (const { token } of [...live.slice(0, 2), ...live.slice(-2)]) {
        for (const verify of verifiers) await verify(token, world.now());
        for (const { own } of [a, b]) expect(await own.verify(token, world.now())).toBeDefined();
      }
      pass(world, 58_000);
    }
    expect(kids.size).toBe(3);
    expect(world.brokers[0]?.live.current().published.map((key) => key.kid)).not.toContain([...kids][0]);
  });
});

test(`fault K1: ${TOKENS} tokens signed and verified while the keys rotate ${ROTATIONS} times: none fails`, async () => {
  const world = await startWorld();
  const [a, b] = [partsOf(world, 0), partsOf(world, 1)];
  const verify = remoteVerifier(world, 0);
  const kids = new Set<string | undefined>();
  let verified = 0;
  /** A job: signs on one broker, is verified by a third party and by the other broker, now and when the token is old. */
  const job = async (index: number): Promise<void> => {
    const [by, other] = index % 2 === 0 ? [a, b] : [b, a];
    const token = await by.signer.sign(someFacts(world.now()));
    kids.add(decodeProtectedHeader(token).kid);
    await verify(token, world.now());
    if ((await other.own.verify(token, world.now())) !== undefined) verified += 1;
  };
  const perStep = Math.ceil(TOKENS / ROTATIONS / 16);
  let begun = 0;
  for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
    for (let step = 0; step < 16; step += 1) {
      const jobs = Array.from({ length: perStep }, () => job(begun++));
      // In the middle of it all.
      if (step === 8) await world.rotate();
      world.look(step % 2);
      await Promise.all(jobs);
      pass(world, 240_000);
    }
  }
  expect([verified, verified >= TOKENS]).toEqual([begun, true]);
  expect(kids.size).toBeGreaterThan(ROTATIONS / 2);
});

describe('K3', () => {
  test('K3: a retired key signs nothing: whoever signs asks each time', async () => {
    const world = await startWorld();
    const { signer, keys } = partsOf(world, 0);
    const old = keys.current().signing.ES256.kid;
    await world.rotate();
    pass(world, 2_000);
    pass(world, minutes(61));
    await world.rotate();
    pass(world, 2_000);
    expect(decodeProtectedHeader(await signer.sign(someFacts(world.now()))).kid).not.toBe(old);
    expect(keys.current().published.find((key) => key.kid === old)?.canSign).toBe(false);
  });

  test('K3: tokens of a key that was taken back fail at once here, and at others when they look again', async () => {
    const world = await startWorld();
    const [a, b] = [partsOf(world, 0), partsOf(world, 1)];
    await world.rotate();
    pass(world, 2_000);
    const token = await a.signer.sign(someFacts(world.now()));
    const verify = remoteVerifier(world, 1);
    await verify(token, world.now());
    const leaked = takeBack(world.file(), a.keys.current().signing.ES256.kid, world.now());
    if (leaked === undefined) throw new Error('a next key was there');
    await world.write(leaked.file);
    pass(world, 2_000);
    expect(await b.own.verify(token, world.now())).toBeUndefined();
    pass(world, 300_000);
    await expect(verify(token, world.now())).rejects.toThrow(/no applicable key/);
    await verify(await b.signer.sign(someFacts(world.now())), world.now());
  });
});
