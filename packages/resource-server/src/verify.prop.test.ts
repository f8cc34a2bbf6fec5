/** Whatever a caller sends: an answer, never an error, and never a pass. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { IncomingCall } from './credentials.ts';
import { aCall, aHolder, type Holder, startWorld, type World } from './test-support/world.ts';

/** Real servers on a machine that may be busy. */
jest.setTimeout(30_000);

let world: World;
let holder: Holder;
let [token, boundToken] = ['', ''];
beforeAll(async () => {
  world = await startWorld();
  holder = await aHolder();
  token = await world.authority.token();
  boundToken = await world.authority.token({ cnf: { jkt: holder.jkt } });
});
afterAll(() => world.close());

const RUNS = { numRuns: 300 };
/** In the order RFC 9110 has challenges: a name, then members with quoted values. */
const CHALLENGES = /^(?:(?:Bearer|DPoP) (?:[a-z_]+="[^"\\]*"(?:, )?)+)+$/;

async function isRefused(call: IncomingCall): Promise<void> {
  const verdict = await world.server.verify(call);
  if (verdict.ok) throw new Error('passed');
  expect([400, 401]).toContain(verdict.status);
  expect(verdict.headers['www-authenticate']).toMatch(CHALLENGES);
}

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ unit: 'grapheme' }));
const segment = fc.oneof(
  fc.constantFrom('', 'e30', 'bnVsbA', 'W10'),
  fc.base64String().map((text) => text.replace(/[+/=]/g, '')),
  fc.json().map((text) => Buffer.from(text).toString('base64url')),
  fc
    .record(
      { alg: anyText, typ: anyText, kid: fc.anything(), crit: fc.anything(), jwk: fc.anything() },
      { requiredKeys: [] },
    )
    .map((header) => Buffer.from(JSON.stringify(header) ?? '').toString('base64url')),
);
const anyToken = fc.oneof(
  fc.array(segment, { maxLength: 6 }).map((parts) => parts.join('.')),
  anyText,
);
const anyScheme = fc.constantFrom('Bearer', 'bearer', 'DPoP', 'dpop', 'BEARER', 'Basic', '', 'Bearer Bearer');

test('no header and no token passes, and none makes it throw', async () => {
  const call = fc.record({
    authorization: fc.tuple(anyScheme, anyToken).map(([scheme, shown]) => `${scheme} ${shown}`),
    dpop: fc.option(anyToken, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(call, anyText, async (headers, url) => isRefused(aCall(headers, { url }))),
    RUNS,
  );
});

test('a good token changed anywhere passes no more', async () => {
  const change = fc.record({ at: fc.nat(), to: fc.constantFrom(...'AZaz09-_.=+/ ') });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, to }) => {
      const place = at % token.length;
      fc.pre(token[place] !== to && place < token.length - 1);
      await isRefused(aCall({ authorization: `Bearer ${token.slice(0, place)}${to}${token.slice(place + 1)}` }));
    }),
    RUNS,
  );
});

test('a good bound token passes with no proof but its own', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyToken, fc.array(anyToken, { maxLength: 3 })), async (dpop) => {
      await isRefused(aCall({ authorization: `DPoP ${boundToken}`, dpop }));
    }),
    RUNS,
  );
});

test('the tokens of these properties are good when nothing is changed', async () => {
  expect(await world.server.verify(aCall({ authorization: `bEaReR ${token}` }))).toMatchObject({ ok: true });
  expect(await world.server.verify(await holder.call(boundToken))).toMatchObject({ ok: true });
});
