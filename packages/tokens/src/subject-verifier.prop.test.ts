/** S19, S33: no change to a good token makes it somebody else's. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CI_AUDIENCE, PEOPLE_AUDIENCE, startWorld, type World } from './test-support/world.ts';

let world: World;
let jobs: readonly string[];
let idTokens: readonly string[];
beforeAll(async () => {
  world = await startWorld();
  const job = (repositoryId: string) => world.ci.jobToken({ audience: CI_AUDIENCE, repositoryId });
  const id = (sub: string) => world.people.idToken({ sub, audience: PEOPLE_AUDIENCE });
  jobs = await Promise.all([job('123'), job('456')]);
  idTokens = await Promise.all([id('alice'), id('dan')]);
});
afterAll(() => world.close());

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const change = fc.record({
  at: fc.nat(2_000),
  cut: fc.nat(4),
  piece: fc.oneof(
    fc.string({ unit: fc.constantFrom(...BASE64URL), maxLength: 4 }),
    fc.string({ maxLength: 4 }),
    fc.constantFrom('.', '..', '=', '\n', ' ', '\0'),
  ),
});

const mutate = (token: string, changes: readonly { at: number; cut: number; piece: string }[]) =>
  changes.reduce((text, { at, cut, piece }) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + piece + text.slice(start + cut);
  }, token);

test('a changed token is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(3), fc.array(change, { minLength: 1, maxLength: 3 }), async (which, changes) => {
      const token = [...jobs, ...idTokens][which] ?? '';
      const changed = mutate(token, changes);
      fc.pre(changed !== token);
      expect(await world.judge(changed)).toMatch(/^refused: /);
    }),
    { numRuns: 500 },
  );
});

test('parts of two good tokens make no third', async () => {
  const tokens = [...jobs, ...idTokens];
  const part = fc.nat(tokens.length - 1);
  await fc.assert(
    fc.asyncProperty(part, part, part, async (header, payload, signature) => {
      const pieces = [header, payload, signature].map((which, index) => tokens[which]?.split('.')[index]);
      const verdict = await world.judge(pieces.join('.'));
      // Headers of one issuer are alike, so only payload and signature must be of one token.
      if (payload === signature && tokens[header]?.split('.')[0] === tokens[payload]?.split('.')[0]) {
        expect(verdict).not.toMatch(/^refused: /);
      } else {
        expect(verdict).toMatch(/^refused: /);
      }
    }),
    { numRuns: 100 },
  );
});

test('claims we did not think of never make a token somebody else’s', async () => {
  const odd = fc.dictionary(
    fc.constantFrom('azp', 'act', 'may_act', 'cnf', 'scope', 'email', 'groups', 'client_id', 'nbf', 'repository', 'x'),
    fc.jsonValue({ maxDepth: 2 }),
  );
  await fc.assert(
    fc.asyncProperty(odd, async (claims) => {
      const verdict = await world.judge(
        await world.people.sign({ ...world.people.idClaims({ sub: 'alice', audience: PEOPLE_AUDIENCE }), ...claims }),
      );
      expect(verdict).toMatch(/^(?:person:alice@acme\.test|refused: .*)$/);
    }),
    { numRuns: 150 },
  );
});
