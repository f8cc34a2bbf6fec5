/** Bad input of a token exchange: parameters and subject tokens, each with the one answer it has. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MangledForm, mangle, mangledForms } from '@sallyport/testkit/issuer';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf, REASON, TT } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { CI_AUDIENCE, METRICS, ORDERS } from '../testing/policy-text.ts';
import { expectUnchanged } from '../testing/unchanged.ts';

/** In what is sent; must be in nothing that is answered or logged. */
const MARK = 'zq7markzq7';

let house: BrokerHouse;
let call: Callers;
let requestId: string;
let token: { readonly live: string; readonly revoked: string };
let handle: string;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  ({ requestId } = await call.approved());
  const issued = async () => String((await call.tx()).body.access_token);
  token = { live: await issued(), revoked: await issued() };
  await call.revoke(token.revoked);
  handle = String((await call.defer({ scope: 'orders:once' })).body.deferral_code);
});
afterAll(() => house.close());

describe('token exchange: parameters', () => {
  const UNKNOWN = `req_${'0'.repeat(26)}`;
  const CASES: readonly (readonly [string, Record<string, string | readonly string[] | undefined>, string, string])[] =
    [
      ['no subject_token', { subject_token: undefined }, 'invalid_request', 'malformed'],
      ['no subject_token_type', { subject_token_type: undefined }, 'invalid_request', 'malformed'],
      ['an unknown type', { subject_token_type: MARK }, 'invalid_request', 'malformed'],
      ['a SAML token', { subject_token_type: TT('saml2') }, 'invalid_request', 'malformed'],
      ['an actor token without its type', { actor_token: MARK }, 'invalid_request', 'malformed'],
      ['an actor type without its token', { actor_token_type: TT('jwt') }, 'invalid_request', 'malformed'],
      ['no target', { audience: undefined }, 'invalid_request', 'malformed'],
      ['an unknown target', { audience: `https://${MARK}.test` }, 'invalid_target', 'target_unknown'],
      ['two targets', { audience: [ORDERS, METRICS] }, 'invalid_target', 'target_unknown'],
      ['targets that contradict', { resource: METRICS }, 'invalid_target', 'target_unknown'],
      ['a relative resource', { audience: undefined, resource: MARK }, 'invalid_target', 'target_unknown'],
      [
        'a resource with a fragment',
        { audience: undefined, resource: `${ORDERS}#x` },
        'invalid_target',
        'target_unknown',
      ],
      [
        'eleven targets',
        { audience: Array.from({ length: 11 }, (_, n) => `${MARK}${n}`) },
        'invalid_target',
        'target_unknown',
      ],
      ['a target in other letters', { audience: ORDERS.toUpperCase() }, 'invalid_target', 'target_unknown'],
      ['a target with a slash more', { audience: `${ORDERS}/` }, 'invalid_target', 'target_unknown'],
      ['a target of the prototype', { audience: '__proto__' }, 'invalid_target', 'target_unknown'],
      ['an unknown scope', { scope: MARK }, 'invalid_scope', 'scope_not_covered'],
      ['one scope too many', { scope: `orders:write ${MARK}` }, 'invalid_scope', 'scope_not_covered'],
      ['a scope of another resource', { scope: 'orders:write metrics:read' }, 'invalid_scope', 'scope_not_covered'],
      ['a scope in other letters', { scope: 'ORDERS:WRITE' }, 'invalid_scope', 'scope_not_covered'],
      ['two spaces', { scope: 'orders:read  orders:write' }, 'invalid_scope', 'scope_not_covered'],
      ['a space around', { scope: ' orders:write' }, 'invalid_scope', 'scope_not_covered'],
      ['a tab', { scope: 'orders:read\torders:write' }, 'invalid_scope', 'scope_not_covered'],
      ['a line end', { scope: 'orders:write\n' }, 'invalid_scope', 'scope_not_covered'],
      [
        '51 scopes',
        { scope: Array.from({ length: 51 }, (_, n) => `s${n}`).join(' ') },
        'invalid_scope',
        'scope_not_covered',
      ],
      ['openid', { scope: 'openid' }, 'invalid_scope', 'scope_not_covered'],
      ['a request that is none', { request_id: MARK }, 'invalid_request', 'request_unknown'],
      ['an unknown request', { request_id: UNKNOWN }, 'invalid_request', 'request_unknown'],
      ['a request in other letters', { request_id: 'REQ_X' }, 'invalid_request', 'request_unknown'],
      ['no duration', { requested_duration: MARK }, 'invalid_request', 'malformed'],
      ['an ISO duration', { requested_duration: 'PT30M' }, 'invalid_request', 'malformed'],
      ['a negative duration', { requested_duration: '-30m' }, 'invalid_request', 'malformed'],
      ['a duration beyond numbers', { requested_duration: `${'9'.repeat(400)}m` }, 'invalid_request', 'malformed'],
      ['a reason of 2001 characters', { reason: 'x'.repeat(2_001) }, 'invalid_request', 'malformed'],
      ['a refresh token wanted', { requested_token_type: TT('refresh_token') }, 'invalid_request', 'malformed'],
    ];

  test.each(CASES)('%s', async (_what, params, error, reason) => {
    const fresh = await call.jobToken();
    const answer = await expectUnchanged(house, () => call.tx({ subject_token: fresh, ...params }), [reason]);
    expectRefusal(house, answer, error);
    expect(answer.text).not.toContain(MARK);
  });

  test("another subject's request, and another resource's, look like none", async () => {
    const longRunner = await house.issuers.issuer('other').jobToken({ audience: CI_AUDIENCE, repositoryId: '789' });
    const attempt = async (params: object) => {
      const from = house.worked.length;
      const { text } = await expectUnchanged(house, () => call.tx({ request_id: requestId, ...params }), [
        'request_unknown',
      ]);
      return [text, ...house.worked.slice(from)];
    };
    const unknown = await attempt({ request_id: UNKNOWN });
    expect(await attempt({ subject_token: longRunner })).toEqual(unknown);
    expect(await attempt({ audience: METRICS, scope: 'metrics:read' })).toEqual(unknown);
  });

  test.each(['', ' ', 'DEFERRED', 'deferred,x', 'deferred\n', `x ${MARK}`])(
    'completion_mode %j is no word we know, so nothing is opened',
    async (completion_mode) => {
      const params = { scope: 'orders:once orders:write', completion_mode, reason: REASON };
      const answer = await expectUnchanged(house, () => call.tx(params), ['scope_not_covered']);
      expect(answer.body).not.toHaveProperty('deferral_code');
    },
  );
});

describe('token exchange: subject tokens', () => {
  const ask = (more: object = {}) => ({ audience: CI_AUDIENCE, ...more });
  const claims = (more: Record<string, unknown> = {}) => house.issuers.issuer('ci').jobClaims(ask({ claims: more }));
  const signed = (more: Record<string, unknown> = {}) => house.issuers.issuer('ci').sign(claims(more));
  const lies = () => house.issuers.issuer('ci').lies;
  const at = (seconds: number) => Math.floor(house.world.clock.now() / 1_000) + seconds;
  const BAD: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['garbage', () => MARK],
    ['two dots', () => '..'],
    ['20 kB', () => `${'x'.repeat(20_000)}.x.x`],
    ['none', () => lies().unsigned(claims())],
    ['NoNe', () => lies().unsigned(claims(), 'NoNe')],
    ['no signature', () => lies().emptySignature(claims())],
    ['HS256 by the public key', () => lies().macWithPublicKey(claims(), 'pem')],
    ['a forged signature', () => lies().forged(claims())],
    ['another algorithm', () => lies().otherAlgorithm(claims(), 'ES256')],
    ['a key in the header', () => lies().ownKeyInHeader(claims(), 'jwk')],
    ['a link to a key in the header', () => lies().ownKeyInHeader(claims(), 'jku')],
    ['a certificate in the header', () => lies().ownKeyInHeader(claims(), 'x5c')],
    ['a kid that is a path', () => lies().withHeader(claims(), { kid: '../../etc/passwd' })],
    ['a kid that is a number', () => lies().withHeader(claims(), { kid: 7 })],
    ['crit', () => lies().withHeader(claims(), { crit: ['exp'], exp: 1 })],
    ['another typ', () => lies().withHeader(claims(), { typ: 'dpop+jwt' })],
    ['a doubled claim', () => lies().doubledClaim(claims(), 'repository_id', '123')],
    ['no exp', () => signed({ exp: undefined })],
    ['over for two minutes', () => signed({ iat: at(-400), nbf: at(-400), exp: at(-120) })],
    ['begins in a minute', () => signed({ nbf: at(61), exp: at(300) })],
    ['issued in a minute', () => signed({ iat: at(61), exp: at(300) })],
    ['valid for two days', () => signed({ exp: at(172_800) })],
    ['older than the issuer allows', () => signed({ iat: at(-3_700), nbf: at(-3_700), exp: at(60) })],
    ['no jti', () => signed({ jti: undefined })],
    ['a numeric sub', () => signed({ sub: 7 })],
    ['another audience', () => signed({ aud: 'https://github.com/acme' })],
    ['one audience more', () => signed({ aud: [CI_AUDIENCE, ORDERS] })],
    ['an unknown issuer', () => signed({ iss: 'https://token.actions.githubusercontent.com' })],
    ['an issuer with a slash more', () => signed({ iss: `${house.issuers.issuer('ci').url}/` })],
    ["another issuer's name", () => signed({ iss: house.issuers.issuer('workforce').url })],
    ['another repository', () => signed({ repository_id: '124' })],
    ['a repository id that is a number', () => signed({ repository_id: 123 })],
    ['a branch that begins alike', () => signed({ ref: 'refs/heads/main-evil' })],
    ['a branch in other letters', () => signed({ ref: 'refs/heads/MAIN' })],
    ['a person nobody knows', () => call.idToken('mallory')],
    ['our own token', () => token.live],
    ['our own token, revoked', () => token.revoked],
    ['a handle', () => handle],
  ];

  /** The one answer, but for the id in it. */
  const anonymous = ({ body }: Answer) => String(body.error_description).replace(/[\w-]{22}$/, '');

  test.each(BAD)('%s: invalid_request that says nothing, and nobody but its issuer is asked', async (_what, make) => {
    const subject_token = await make();
    await call.tx();
    house.issuers.requests.reset();
    const answer = await expectUnchanged(house, () => call.tx({ subject_token }), ['subject_token_rejected']);
    expectRefusal(house, answer, 'invalid_request');
    expect(anonymous(answer)).toBe('token_rejected, correlation id ');
    expect(house.issuers.requests.paths().filter((path) => !path.startsWith('/ci/'))).toEqual([]);
  });

  test.each(mangledForms)('a good one spelled otherwise (%s) is none', async (form: MangledForm) => {
    // ES256: its signature has spare bits.
    const spelled = mangle(await house.issuers.issuer('other').jobToken(ask({ repositoryId: '789' })), form);
    const answer = await expectUnchanged(house, () => call.tx({ subject_token: spelled }), ['subject_token_rejected']);
    expectRefusal(house, answer, 'invalid_request');
  });

  test('S22: our revoked token is none, by whatever type it is called', async () => {
    for (const type of ['access_token', 'id_token', 'jwt']) {
      const params = { subject_token: token.revoked, subject_token_type: TT(type) };
      const rows = house.world.store.tokens.size;
      expectRefusal(house, await call.tx(params), 'invalid_request');
      expect(house.world.store.tokens.size).toBe(rows);
    }
  });

  test('a token used with anything changed is as bad as any other', async () => {
    const params = await call.txParams();
    expect((await call.form('/oauth/token', params)).status).toBe(200);
    const changed = () => call.form('/oauth/token', { ...params, scope: 'orders:read' });
    const answer = await expectUnchanged(house, changed, ['replayed']);
    expectRefusal(house, answer, 'invalid_request');
    expect(anonymous(answer)).toBe('token_rejected, correlation id ');
  });
});

test('after all that, what was good is good, and nothing of it is in the log', async () => {
  expect((await call.introspect(token.live)).body.active).toBe(true);
  expect((await call.tx()).status).toBe(200);
  expect(house.logged.join('')).not.toContain(MARK);
});
