/** We as a client of an identity provider: how we prove ourselves, what we ask it how often, whose clock decides. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Issuer, instant } from '@sallyport/core';
import { secret } from '@sallyport/platform';
import { aPolicy, fixedClock } from '@sallyport/testkit/core';
import { type IssuerServer, startIssuer } from '@sallyport/testkit/issuer';
import { makeIssuerFetch } from '@sallyport/tokens';
import { makeRelyingParty, type RelyingParty, type RelyingPartyDeps } from './relying-party.ts';

const REDIRECT = 'https://sallyport.acme.test/login/callback';
const SECRET = 'p@ss:w ord+%ü';
const DISCOVERY = '/workforce/.well-known/openid-configuration';
let server: IssuerServer;
let monotonicMs: number;

beforeEach(async () => {
  monotonicMs = 0;
  server = await startIssuer({
    issuers: [{ name: 'workforce', clients: [{ id: 'web', secret: SECRET, redirectUris: [REDIRECT] }] }],
  });
});
afterEach(() => server.close());

const clock = fixedClock(instant(Date.now()));
const party = (change: Partial<RelyingPartyDeps> = {}): RelyingParty =>
  makeRelyingParty({
    redirectUri: REDIRECT,
    fetch: makeIssuerFetch({ allowLoopback: true, timeoutMs: 2_000 }),
    clock,
    allowHttp: true,
    secret: secret(SECRET),
    monotonicMs: () => monotonicMs,
    ...change,
  });

function login(): Issuer {
  const [base] = aPolicy().issuers;
  if (base === undefined) throw new Error('the example has issuers');
  return { ...base, kind: 'workforce', issuer: server.issuer('workforce').url, audience: 'web' };
}

/** Begins, and comes back as Alice. */
async function round(relyingParty: RelyingParty) {
  const begun = await relyingParty.begin(login(), { fresh: false });
  if (!begun.ok) return begun;
  const looked = server.provider('workforce').look(begun.value.url.searchParams);
  if (looked.kind !== 'ask') throw new Error('the issuer did not ask');
  const back = new URL(server.provider('workforce').signIn(looked.ask, 'alice'));
  return relyingParty.finish(login(), back, begun.value.secrets);
}

describe('we prove ourselves', () => {
  test('C3: by a secret with every kind of character, form-encoded in Basic', async () => {
    expect(await round(party())).toMatchObject({ ok: true, value: { sub: 'alice' } });
  });

  test.each([
    ['with another secret', { secret: secret('another secret') }],
    ['without the secret', { secret: undefined }],
  ])('%s nobody is signed in', async (_, change) => {
    const { secret: given } = change;
    const relyingParty = given === undefined ? withoutSecret() : party({ secret: given });
    expect(await round(relyingParty)).toMatchObject({ ok: false, error: { kind: 'refused' } });
  });

  function withoutSecret(): RelyingParty {
    const fetch = makeIssuerFetch({ allowLoopback: true });
    return makeRelyingParty({ redirectUri: REDIRECT, fetch, clock, allowHttp: true });
  }
});

describe('what the issuer says of itself', () => {
  test('is asked once in ten minutes', async () => {
    const relyingParty = party();
    await round(relyingParty);
    await round(relyingParty);
    expect(server.requests.count(DISCOVERY)).toBe(1);
    monotonicMs = 10 * 60_000 + 1;
    await round(relyingParty);
    expect(server.requests.count(DISCOVERY)).toBe(2);
  });

  test.each(['error_500', 'html', 'huge', 'silent', 'redirect', 'cut'] as const)(
    'fault J3: when it is %s nobody is sent away',
    async (fault) => {
      server.issuer('workforce').failDiscovery(fault);
      expect(await party().begin(login(), { fresh: false })).toMatchObject({
        ok: false,
        error: { kind: 'unreachable' },
      });
    },
  );

  test('about another issuer is not believed', async () => {
    const other = { ...login(), issuer: `${server.issuer('workforce').url}/` };
    expect((await party().begin(other, { fresh: false })).ok).toBe(false);
  });

  test('X2: over http is not asked where that is not allowed', async () => {
    const fetch = makeIssuerFetch({ allowLoopback: false });
    expect((await party({ allowHttp: false, fetch }).begin(login(), { fresh: false })).ok).toBe(false);
    expect(server.requests.count()).toBe(0);
  });
});

test('the clock that judges the ID token is the one we were given', async () => {
  const early = fixedClock(instant(Date.now() - 3_600_000));
  expect(await round(party({ clock: early }))).toMatchObject({ ok: false, error: { kind: 'refused' } });
  server.issuer('workforce').skew(-3_600);
  expect((await round(party({ clock: early }))).ok).toBe(true);
});
