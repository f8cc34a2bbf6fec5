/** The rows of docs/protocol.md about tokens of others, each by its id. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { after, type Instant, instant, minutes, seconds, type WorkloadId } from '@sallyport/core';
import { changed, GITHUB } from '@sallyport/testkit/core';
import { mangle, mangledForms, startIssuer } from '@sallyport/testkit/issuer';
import { CompactSign, importJWK } from 'jose';
import { generateSigningKey } from './generate-key.ts';
import { parseKeySet } from './key-set.ts';
import { fixedKeys } from './live-keys.ts';
import { makeSigner } from './signer.ts';
import { someFacts } from './test-support/facts.ts';
import {
  CI_AUDIENCE,
  now,
  OWN_ISSUER,
  PEOPLE_AUDIENCE,
  policyFor,
  startWorld,
  type World,
} from './test-support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  // The keys are in memory from here on: what fetches later was made to.
  await world.judge(await job());
  await world.judge(await idToken());
});
afterAll(() => world.close());
beforeEach(() => world.server.requests.reset());

const job = (claims: Record<string, unknown> = {}) => world.ci.jobToken({ audience: CI_AUDIENCE, claims });
const jobClaims = (claims: Record<string, unknown> = {}) => world.ci.jobClaims({ audience: CI_AUDIENCE, claims });
const idToken = (claims: Record<string, unknown> = {}) =>
  world.people.idToken({ sub: 'alice', audience: PEOPLE_AUDIENCE, claims });
const idClaims = (claims: Record<string, unknown> = {}) =>
  world.people.idClaims({ sub: 'alice', audience: PEOPLE_AUDIENCE, claims });
const secondsNow = () => Math.floor(Date.now() / 1_000);
const REFUSED = /^refused: /;

describe('good tokens', () => {
  test('a job stands for its workload, an ID token for its person', async () => {
    expect(await world.judge(await job())).toBe('workload:payments-deploy');
    expect(await world.judge(await idToken())).toBe('person:alice@acme.test');
    expect(world.server.requests.count()).toBe(0);
  });

  test('what the exchange needs to know comes with it', async () => {
    const claims = jobClaims();
    const verified = await world.verifier.verify(await world.ci.sign(claims), world.policy, now());
    expect(verified.ok && verified.value).toMatchObject({
      sub: claims.sub,
      jti: claims.jti,
      issuer: { name: GITHUB },
      expiresAt: (claims.exp ?? 0) * 1_000,
    });
  });

  test('an ID token without jti is known by what was signed: the same token, the same name; another, another', async () => {
    const token = await idToken();
    const jtiOf = async (text: string) => {
      const verified = await world.verifier.verify(text, world.policy, now());
      return verified.ok ? verified.value.jti : '';
    };
    expect(await jtiOf(token)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await jtiOf(token)).toBe(await jtiOf(token));
    // ECDSA signs the same claims differently each time: that must not make two tokens of one.
    const claims = idClaims();
    expect(await jtiOf(await world.people.sign(claims))).toBe(await jtiOf(await world.people.sign(claims)));
    expect(await jtiOf(await idToken({ nonce: 'x' }))).not.toBe(await jtiOf(token));
  });
});

test('S3: our own access token is nobody else’s, even where a policy trusts our issuer', async () => {
  const parsed = await parseKeySet(JSON.stringify({ keys: [await generateSigningKey()] }));
  if (!parsed.ok) throw new Error('a fresh key');
  const ours = await makeSigner({ issuer: OWN_ISSUER, keys: fixedKeys(parsed.value) }).sign(someFacts());
  const trusting = changed(world.policy, {
    issuers: world.policy.issuers.map((issuer) => ({ ...issuer, issuer: OWN_ISSUER })),
  });
  expect(await world.judge(ours)).toBe('refused: typ');
  expect(await world.judge(ours, trusting)).toBe('refused: typ');
  const asJwt = await makeSigner({ issuer: world.ci.url, keys: fixedKeys(parsed.value) }).sign(someFacts());
  expect(await world.judge(asJwt)).toBe('refused: typ');
  const claimed = await world.ci.sign(jobClaims({ iss: OWN_ISSUER }));
  expect(await world.judge(claimed, trusting)).toBe('refused: unknown_issuer');
});

test('S6: expired two minutes ago', async () => {
  const at = secondsNow();
  expect(await world.judge(await job({ iat: at - 400, nbf: at - 400, exp: at - 120 }))).toMatch(REFUSED);
});

describe('S7: leeway', () => {
  const ahead = (by: number) => ({ iat: secondsNow() - 60, nbf: secondsNow() + by, exp: secondsNow() + 300 });

  test('exp 5 s ago, nbf 8 s ahead: accepted', async () => {
    const at = secondsNow();
    expect(await world.judge(await job({ iat: at - 300, nbf: at - 300, exp: at - 5 }))).toBe(
      'workload:payments-deploy',
    );
    expect(await world.judge(await job(ahead(8)))).toBe('workload:payments-deploy');
  });

  test('nbf or iat 61 s ahead: refused', async () => {
    expect(await world.judge(await job(ahead(61)))).toMatch(REFUSED);
    const at = secondsNow();
    expect(await world.judge(await job({ iat: at + 61, nbf: at, exp: at + 300 }))).toMatch(REFUSED);
  });

  test.each([[25], [-25], [0]])(
    'fault C3: an issuer whose clock is %d s off is believed, to its last second',
    async (skew) => {
      world.ci.skew(skew);
      try {
        expect(await world.judge(await world.ci.jobToken({ audience: CI_AUDIENCE }))).toBe('workload:payments-deploy');
        // A token without a future: what is left of it is our leeway.
        const last = await world.ci.jobToken({ audience: CI_AUDIENCE, ttlSeconds: 0 });
        expect(await world.judge(last)).toBe('workload:payments-deploy');
      } finally {
        world.ci.skew(0);
      }
    },
  );

  test.each([[61], [-61]])('fault C3: at %d s it is refused', async (skew) => {
    world.ci.skew(skew);
    try {
      const ttlSeconds = skew > 0 ? 300 : 0;
      expect(await world.judge(await world.ci.jobToken({ audience: CI_AUDIENCE, ttlSeconds }))).toMatch(REFUSED);
    } finally {
      world.ci.skew(0);
    }
  });

  test('X4: a clock that jumps a minute gives a token no more than half a minute at either end', async () => {
    const at = secondsNow();
    const token = await job({ iat: at, nbf: at, exp: at + 300 });
    const judgedAt = (second: number) => world.judge(token, world.policy, instant((at + second) * 1_000));
    for (const second of [-29, 0, 299, 329]) expect(await judgedAt(second)).toBe('workload:payments-deploy');
    for (const second of [-60, -31, 331, 360]) expect(await judgedAt(second)).toMatch(REFUSED);
  });

  test('X4: the clock of this machine decides nothing', async () => {
    const token = await job();
    const late = await job({ exp: secondsNow() - 40 });
    const real = Date.now;
    const at = now();
    try {
      for (const jump of [-60_000, 60_000, 86_400_000]) {
        Date.now = () => real() + jump;
        expect(await world.judge(token, world.policy, at)).toBe('workload:payments-deploy');
        expect(await world.judge(late, world.policy, at)).toMatch(REFUSED);
      }
    } finally {
      Date.now = real;
    }
  });

  test('the clock is the one handed in', async () => {
    const token = await job();
    const later: Instant = after(now(), minutes(10));
    expect(await world.judge(token, world.policy, later)).toMatch(REFUSED);
    expect(await world.judge(token, world.policy, instant(now() - 120_000))).toMatch(REFUSED);
  });
});

test('CJ-3: older than the issuer’s max_token_age, though its exp lies ahead', async () => {
  const at = secondsNow();
  const hour = { iat: at - 3_700, nbf: at - 3_700, exp: at + 300 };
  expect(await world.judge(await job(hour))).toMatch(REFUSED);
  expect(await world.judge(await job({ ...hour, iat: at - 3_500 }))).toBe('workload:payments-deploy');
});

test('S8: an unknown issuer is refused without any call', async () => {
  const strangers = await startWorld();
  try {
    expect(await world.judge(await strangers.ci.jobToken({ audience: CI_AUDIENCE }))).toBe('refused: unknown_issuer');
    expect(strangers.server.requests.count()).toBe(0);
    expect(world.server.requests.count()).toBe(0);
  } finally {
    await strangers.close();
  }
});

test('S8: a disabled issuer is unknown', async () => {
  const policy = policyFor(world.people, world.ci, { enabled: false });
  expect(await world.judge(await job(), policy)).toBe('refused: unknown_issuer');
  expect(world.server.requests.count()).toBe(0);
});

test('S9: the iss of one issuer, signed by another’s key under the same kid', async () => {
  const forged = await world.ci.lies.forged(jobClaims());
  expect(await world.judge(forged)).toBe('refused: signature');
  const policy = policyFor(world.people, world.ci, { algorithms: ['ES256', 'RS256'] });
  const crossed = await world.people.sign(jobClaims());
  expect(await world.judge(crossed, policy)).toMatch(REFUSED);
});

test('S10, S11: the audience is ours alone', async () => {
  expect(await world.judge(await job({ aud: 'https://github.com/acme' }))).toMatch(REFUSED);
  expect(await world.judge(await job({ aud: ['https://other.test', CI_AUDIENCE] }))).toBe('refused: aud');
  expect(await world.judge(await job({ aud: [CI_AUDIENCE, CI_AUDIENCE] }))).toBe('refused: aud');
  expect(await world.judge(await job({ aud: [CI_AUDIENCE] }))).toBe('workload:payments-deploy');
  expect(await world.judge(await job({ aud: `${CI_AUDIENCE}/` }))).toMatch(REFUSED);
  expect(await world.judge(await job({ aud: undefined }))).toMatch(REFUSED);
  expect(await world.judge(await job({ aud: PEOPLE_AUDIENCE }))).toMatch(REFUSED);
});

test('azp of an ID token, if there, is our client', async () => {
  expect(await world.judge(await idToken({ azp: PEOPLE_AUDIENCE }))).toBe('person:alice@acme.test');
  expect(await world.judge(await idToken({ azp: 'another-app' }))).toBe('refused: azp');
});

test('S12: iss with a trailing slash or in other letters', async () => {
  for (const iss of [`${world.ci.url}/`, world.ci.url.toUpperCase(), world.ci.url.replace('127.0.0.1', 'localhost')]) {
    expect(await world.judge(await job({ iss }))).toBe('refused: unknown_issuer');
  }
  expect(await world.judge(await job({ iss: [world.ci.url] }))).toBe('refused: unknown_issuer');
  expect(world.server.requests.count()).toBe(0);
});

test('S13: alg none, NoNe, empty signature', async () => {
  const { lies } = world.ci;
  for (const token of [
    lies.unsigned(jobClaims()),
    lies.unsigned(jobClaims(), 'NoNe'),
    lies.emptySignature(jobClaims()),
  ]) {
    expect(await world.judge(token)).toBe('refused: not_compact');
    expect(await world.judge(`${token}AA`)).toMatch(REFUSED);
  }
});

test('S14: HS256 keyed with the public key, in every form', async () => {
  for (const form of ['pem', 'pem_without_newline', 'pem_with_spaces', 'der', 'jwk'] as const) {
    const token = world.ci.lies.macWithPublicKey(jobClaims(), form);
    expect(await world.judge(token)).toBe('refused: algorithm');
    // Not even where a policy were made that lists it.
    const careless = policyFor(world.people, world.ci, { algorithms: ['HS256', 'RS256'] });
    expect(await world.judge(token, careless)).toBe('refused: unknown_key');
  }
});

test('S15: odd kids reach nothing', async () => {
  for (const kid of [
    '../../etc/passwd',
    "' OR 1=1--",
    '__proto__',
    'constructor',
    '',
    7,
    null,
    {},
    'k'.repeat(10_240),
  ]) {
    expect(await world.judge(world.ci.lies.withHeader(jobClaims(), { kid }))).toMatch(
      /^refused: (?:unknown_key|kid|too_long)$/,
    );
  }
  expect(await world.judge(world.ci.lies.withHeader(jobClaims(), { kid: undefined }))).toBe('refused: kid');
  expect(world.server.requests.paths().filter((path) => path !== '/ci/jwks')).toEqual([]);
});

test('S16: a key in or behind the header is never looked at', async () => {
  for (const member of ['jku', 'x5u', 'jwk', 'x5c'] as const) {
    expect(await world.judge(world.ci.lies.ownKeyInHeader(jobClaims(), member))).toBe('refused: header_member');
  }
  expect(world.server.requests.count()).toBe(0);
});

test('S17: crit and b64', async () => {
  for (const header of [
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { crit: [] },
  ]) {
    expect(await world.judge(world.ci.lies.withHeader(jobClaims(), header))).toBe('refused: header_member');
  }
});

test('S18: other kinds of token', async () => {
  for (const typ of [
    'dpop+jwt',
    'client-authentication+jwt',
    'statuslist+jwt',
    'secevent+jwt',
    'logout+jwt',
    'at+jwt',
    'application/at+jwt',
    '',
    null,
    7,
  ]) {
    expect(await world.judge(world.ci.lies.withHeader(jobClaims(), { typ }))).toMatch(
      /^refused: (?:typ|header_member)$/,
    );
  }
  expect(await world.judge(world.ci.lies.withHeader(jobClaims(), { typ: undefined }))).toBe('workload:payments-deploy');
});

describe('S19: one spelling, one meaning', () => {
  test.each(mangledForms)('%s', async (form) => {
    expect(await world.judge(mangle(await job(), form))).toMatch(REFUSED);
    // An ES256 signature has spare bits in its last character.
    expect(await world.judge(mangle(await idToken(), form))).toMatch(REFUSED);
  });

  test('doubled members, in claims and header', async () => {
    const { lies } = world.ci;
    expect(await world.judge(lies.doubledClaim(jobClaims(), 'repository_id', '123'))).toBe('refused: not_json');
    expect(await world.judge(lies.doubledClaim(jobClaims({ repository_id: '999' }), 'repository_id', '123'))).toBe(
      'refused: not_json',
    );
    expect(await world.judge(lies.doubledHeader(jobClaims()))).toBe('refused: not_json');
  });

  test('more than 16 KiB', async () => {
    expect(await world.judge(await job({ padding: 'x'.repeat(12_000) }))).toBe('refused: too_long');
  });
});

describe('S20: claims that must be there, of the right kind and size', () => {
  test.each([
    ['no exp', { exp: undefined }],
    ['no iat', { iat: undefined }],
    ['no sub', { sub: undefined }],
    ['no jti', { jti: undefined }],
    ['a numeric sub', { sub: 7 }],
    ['an empty sub', { sub: '' }],
    ['a sub of 256 characters', { sub: 's'.repeat(256) }],
    ['a NUL in sub', { sub: 'a\0b' }],
    ['a numeric jti', { jti: 7 }],
    ['an empty jti', { jti: '' }],
    ['a jti of 256 characters', { jti: 'j'.repeat(256) }],
    ['exp as a text', { exp: '4102444800' }],
    ['iat as a text', { iat: '1' }],
    ['exp null', { exp: null }],
    ['exp in ten years', { exp: 4_102_444_800 }],
    ['exp just over 24 h after iat', { exp: Math.floor(Date.now() / 1_000) + 86_500 }],
  ])('%s', async (_, claims) => {
    expect(await world.judge(await world.ci.sign(jobClaims(claims)))).toMatch(REFUSED);
  });

  test('an exp no number can hold, well signed', async () => {
    const [jwk] = world.ci.exportKeys();
    if (jwk === undefined) throw new Error('an issuer has a key');
    const header = { alg: 'RS256', kid: jwk.kid, typ: 'JWT' };
    for (const [exp, expected] of [
      ['1e999', REFUSED],
      [String(secondsNow() + 300), 'workload:payments-deploy'],
    ] as const) {
      const payload = JSON.stringify(jobClaims({ exp: 1 })).replace('"exp":1', `"exp":${exp}`);
      const bytes = new TextEncoder().encode(payload);
      const token = await new CompactSign(bytes).setProtectedHeader(header).sign(await importJWK(jwk));
      expect(await world.judge(token)).toEqual(
        typeof expected === 'string' ? expected : expect.stringMatching(expected),
      );
    }
  });

  test('people’s tokens may lack a jti, but not have a wrong one', async () => {
    expect(await world.judge(await idToken({ jti: 'x' }))).toBe('person:alice@acme.test');
    expect(await world.judge(await idToken({ jti: 7 }))).toBe('refused: jti');
  });
});

test('S21: an RSA key below 2048 bits is as if absent', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const weak = await startIssuer({
    issuers: [{ name: 'ci', keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256' } as never] }],
  });
  try {
    const ci = weak.issuer('ci');
    const policy = policyFor(world.people, ci);
    const token = ci.lies.withHeader(ci.jobClaims({ audience: CI_AUDIENCE }), {});
    expect(await world.judge(token, policy)).toBe('refused: unknown_key');
  } finally {
    await weak.close();
  }
});

describe('who it is', () => {
  test('S33: match is whole: near misses are nobody', async () => {
    for (const ref of [
      'refs/heads/xmain',
      'refs/heads/main-evil',
      'refs/heads/MAIN',
      'refs/heads/main|release',
      'main',
      'refs/heads/main\n',
    ]) {
      expect(await world.judge(await job({ ref }))).toBe('refused: nobody_matches');
    }
    expect(await world.judge(await job({ repository_id: 123 }))).toBe('refused: nobody_matches');
    expect(await world.judge(await job({ repository_id: ['123'] }))).toBe('refused: nobody_matches');
    expect(await world.judge(await job({ repository_id: undefined }))).toBe('refused: nobody_matches');
  });

  test('S34: both forms of sub are one principal, whatever the repository is called; a name that came back is not', async () => {
    const ask = { audience: CI_AUDIENCE, repository: 'acme/payments' } as const;
    for (const form of ['names', 'names_and_ids'] as const) {
      const token = (more: object) => world.ci.githubToken({ ...ask, subForm: form, ...more });
      expect(await world.judge(await token({}))).toBe('workload:payments-deploy');
      expect(await world.judge(await token({ repository: 'acme/renamed' }))).toBe('workload:payments-deploy');
      expect(await world.judge(await token({ repositoryId: '99999' }))).toBe('refused: nobody_matches');
      expect(await world.judge(await token({ repositoryOwnerId: '43' }))).toBe('refused: nobody_matches');
    }
  });

  test('CJ-1: a run that outsiders can start', async () => {
    expect(await world.judge(await job({ event_name: 'pull_request_target' }))).toBe('refused: event_refused');
  });

  test('two workloads that match are nobody', async () => {
    const policy = changed(world.policy, {
      workloads: [
        ...world.policy.workloads,
        { id: 'twin' as WorkloadId, issuer: GITHUB, match: { repository_id: '123' }, owners: [], enabled: true },
      ],
    });
    expect(await world.judge(await job(), policy)).toBe('refused: several_match');
  });

  test('I-18: a disabled person, and a sub nobody has', async () => {
    const disabled = changed(world.policy, {
      people: world.policy.people.map((entry) => ({ ...entry, enabled: false })),
    });
    expect(await world.judge(await idToken(), disabled)).toMatch(REFUSED);
    expect(await world.judge(await world.people.idToken({ sub: 'Alice', audience: PEOPLE_AUDIENCE }))).toBe(
      'refused: nobody_matches',
    );
  });

  test('a workload issuer never speaks for a person', async () => {
    expect(await world.judge(await world.ci.sign({ ...jobClaims({ repository_id: '0' }), sub: 'alice' }))).toBe(
      'refused: nobody_matches',
    );
  });
});

test('every refusal is the same value but for the word in the log', async () => {
  const verified = await world.verifier.verify('x', world.policy, after(now(), seconds(0)));
  expect(verified).toEqual({ ok: false, error: { code: 'subject_token_rejected', why: 'not_compact' } });
});
