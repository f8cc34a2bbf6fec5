/** Whatever an issuer publishes as its keys: the verifier never throws, and never believes another key than one that is there. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeIssuerKeys } from './issuers.ts';
import { makeSubjectVerifier } from './subject-verifier.ts';
import { CI_AUDIENCE, now, OWN_ISSUER, startWorld, type World } from './test-support/world.ts';

let world: World;
let good: string;
let forged: string;
let key: Record<string, unknown>;
beforeAll(async () => {
  world = await startWorld();
  const claims = world.ci.jobClaims({ audience: CI_AUDIENCE });
  good = await world.ci.sign(claims);
  forged = await world.ci.lies.forged(claims);
  const { keys } = (await (await fetch(world.ci.jwksUri)).json()) as { keys: [Record<string, unknown>] };
  key = keys[0];
});
beforeEach(() => world.ci.publishJwks());
afterAll(() => world.close());

/** With a memory of its own: nothing of what was published before. */
async function judged(token: string): Promise<string> {
  const verifier = makeSubjectVerifier({ keys: makeIssuerKeys({ allowHttpIssuers: true }), ownIssuer: OWN_ISSUER });
  const verified = await verifier.verify(token, world.policy, now());
  return verified.ok ? verified.value.principal.id : `refused: ${verified.error.why}`;
}

const text = fc.string({ unit: 'binary', maxLength: 20 });
const number = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  text,
);
const member = {
  kty: fc.constantFrom('RSA', 'EC', 'OKP', 'oct', 'AKP', 'rsa', ''),
  alg: fc.constantFrom('RS256', 'ES256', 'HS256', 'none', 'EdDSA', ''),
  use: fc.constantFrom('sig', 'enc', ''),
  key_ops: fc.array(fc.oneof(fc.constantFrom('verify', 'sign'), fc.jsonValue({ maxDepth: 1 })), { maxLength: 3 }),
  crv: fc.constantFrom('P-256', 'P-384', 'secp256k1', 'Ed25519', '__proto__'),
  n: number,
  e: number,
  x: number,
  y: number,
  d: number,
  k: number,
  ext: fc.boolean(),
  oth: fc.jsonValue({ maxDepth: 2 }),
  x5c: fc.array(text, { maxLength: 2 }),
};
const members = Object.fromEntries(
  Object.entries(member).map(([name, shape]) => [
    name,
    fc.oneof({ weight: 3, arbitrary: shape }, fc.jsonValue({ maxDepth: 1 })),
  ]),
);
/** A key made of odd members, or the true one with some of them in their place. */
const oddKey = fc
  .tuple(fc.boolean(), fc.record(members, { requiredKeys: [] }))
  .map(([likeTheTrueOne, odd]) => ({ ...(likeTheTrueOne ? key : { kid: key.kid }), ...odd }));
const oddSet = fc
  .record({
    keys: fc.array(fc.oneof(oddKey, fc.jsonValue({ maxDepth: 2 })), { maxLength: 4 }),
    more: fc.jsonValue({ maxDepth: 1 }),
  })
  .map((set) => JSON.stringify(set));
const published = fc.oneof({ weight: 4, arbitrary: oddSet }, fc.json({ maxDepth: 4 }), fc.string({ unit: 'binary' }));

test('S9: odd key sets refuse, never throw, and never make a forged token good', async () => {
  await fc.assert(
    fc.asyncProperty(published, async (document) => {
      world.ci.publishJwks(document);
      expect(await judged(forged)).toMatch(/^refused: /);
      expect(await judged(good)).toMatch(/^(?:payments-deploy|refused: (?:unknown_key|err_\w+|unverifiable))$/);
    }),
    { numRuns: 250 },
  );
});

test('the true key is found among any other keys, as long as they have other names', async () => {
  const others = fc.array(
    fc.oneof(
      oddKey.map((one) => ({ ...one, kid: 'another' })),
      fc.jsonValue({ maxDepth: 1 }),
    ),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(others, fc.nat(5), async (odd, place) => {
      world.ci.publishJwks(JSON.stringify({ keys: [...odd.slice(0, place), key, ...odd.slice(place)] }));
      expect(await judged(good)).toBe('payments-deploy');
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['nothing', ''],
  ['a hundred thousand brackets', '['.repeat(100_000)],
  ['deep maps', '{"keys":'.repeat(20_000)],
  ['one long text', JSON.stringify({ keys: [{ kid: 'x'.repeat(250_000), kty: 'RSA' }] })],
  ['many escapes', `{"keys":["${'\\u0041'.repeat(40_000)}"]}`],
  [
    'two hundred keys',
    JSON.stringify({ keys: Array.from({ length: 200 }, () => ({ kid: 'x', kty: 'RSA', n: 'A', e: 'A' })) }),
  ],
  ['a byte order mark', '\ufeff{"keys":[]}'],
  ['doubled members', '{"keys":[],"keys":[]}'],
  ['a prototype', '{"__proto__":{"keys":[]},"constructor":{"keys":[]}}'],
])('S9: %s', async (_what, document) => {
  world.ci.publishJwks(document);
  expect(await judged(good)).toBe('refused: unknown_key');
});
