/** Bad input where a token or a handle is handed in: polls, introspection, revocation; and at the doors that take nothing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, DEF, SECRET, TE } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { METRICS } from '../testing/policy-text.ts';
import { expectUnchanged } from '../testing/unchanged.ts';

/** In what is sent; must be in nothing that is answered or logged. */
const MARK = 'zq7markzq7';

let house: BrokerHouse;
let call: Callers;
let token: { live: string; revoked: string; foreign: string };
let handle: { waiting: string; used: string; revoked: string };
let requestId: string;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  ({ requestId } = await call.approved());
  const issued = async (params = {}) => String((await call.tx(params)).body.access_token);
  token = {
    live: await issued(),
    revoked: await issued(),
    foreign: await issued({ audience: METRICS, scope: 'metrics:read' }),
  };
  await call.revoke(token.revoked);
  const used = await begun();
  await call.approveBoth(used.body.request_id);
  await call.poll(used.body.deferral_code);
  const [waiting, revoked] = [await begun(), await begun()];
  await call.revoke(revoked.body.deferral_code);
  house.advance(31);
  handle = {
    waiting: String(waiting.body.deferral_code),
    used: String(used.body.deferral_code),
    revoked: String(revoked.body.deferral_code),
  };
});
afterAll(() => house.close());

const begun = () => call.defer({ scope: 'orders:once' });

describe('polling', () => {
  const GONE: readonly (readonly [string, () => string])[] = [
    ['unknown', () => 'A'.repeat(43)],
    ['made shorter', () => handle.waiting.slice(0, -1)],
    ['made longer', () => `${handle.waiting}A`],
    ['with a space', () => `${handle.waiting} `],
    ['used', () => handle.used],
    ['a token', () => token.live],
    ['a request id', () => requestId],
    ['5 kB', () => MARK.repeat(500)],
  ];

  test.each(GONE)('P10 I9: a handle that is %s: invalid_grant, for the same work', async (_what, code) => {
    const from = house.worked.length;
    const answer = await expectUnchanged(house, () => call.poll(code()), ['handle_unknown']);
    expectRefusal(house, answer, 'invalid_grant');
    expect(answer.text).toBe('{"error":"invalid_grant","error_description":"no such handle"}');
    expect(house.worked.slice(from)).toEqual(['handles.find', 'ledger.note']);
  });

  test("P10: another client's, likewise", async () => {
    const from = house.worked.length;
    const answer = await expectUnchanged(house, () => call.poll(handle.waiting, { client_id: 'other' }), [
      'handle_unknown',
    ]);
    expect(answer.text).toBe('{"error":"invalid_grant","error_description":"no such handle"}');
    expect(house.worked.slice(from)).toEqual(['handles.find', 'ledger.note']);
  });

  test('revoked: access_denied', async () => {
    const answer = await expectUnchanged(house, () => call.poll(handle.revoked), ['grant_ended']);
    expectRefusal(house, answer, 'access_denied');
  });

  test.each(['scope', 'audience', 'resource', 'subject_token', 'request_id', 'completion_mode', 'requested_duration'])(
    'P12: with %s of the exchange: invalid_request, and nothing is looked up',
    async (name) => {
      const from = house.worked.length;
      const answer = await expectUnchanged(house, () => call.poll(handle.waiting, { [name]: MARK }), ['malformed']);
      expectRefusal(house, answer, 'invalid_request');
      expect(house.worked.slice(from)).toEqual(['ledger.note']);
    },
  );

  test('without a handle', async () => {
    const calling = () => call.form('/oauth/token', { grant_type: DEF, client_id: 'ci' });
    expectRefusal(house, await expectUnchanged(house, calling, ['malformed']), 'invalid_request');
  });

  test.each(['password', 'client_credentials', 'authorization_code', TE.toUpperCase(), ` ${TE}`, MARK, '__proto__'])(
    'grant type %s: unsupported, before anybody is asked who they are',
    async (grant_type) => {
      const answer = await expectUnchanged(house, () => call.tx({ grant_type, client_id: 'nobody' }), []);
      expectRefusal(house, answer, 'unsupported_grant_type');
    },
  );
});

describe('introspection and revocation: tokens', () => {
  const flipped = (text: string) => `${text.slice(0, -6)}AAAAAA`;
  const DEAD: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['garbage', () => MARK],
    ['dots', () => '...'],
    ['60 kB', () => 'x'.repeat(60_000)],
    ['forged', () => flipped(token.live)],
    ['made shorter', () => token.live.slice(0, -1)],
    ['made longer', () => `${token.live}A`],
    ['with a space', () => `${token.live} `],
    ['revoked', () => token.revoked],
    ["an issuer's", () => call.jobToken()],
    ["a person's", () => call.idToken('alice')],
    ['an unknown handle', () => 'A'.repeat(43)],
    ['a used handle', () => handle.used],
    ['a request id', () => requestId],
  ];

  test.each(DEAD)('introspected, %s: exactly inactive', async (_what, make) => {
    const dead = await make();
    const answer = await expectUnchanged(house, () => call.introspect(dead), []);
    expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
  });

  test('introspected, a live handle: exactly inactive', async () => {
    const answer = await expectUnchanged(house, () => call.introspect(handle.waiting), []);
    expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
  });

  test("introspected, a live token of another's resource: exactly inactive, and in the trail", async () => {
    const answer = await expectUnchanged(house, () => call.introspect(token.foreign), ['client_not_allowed']);
    expect([answer.status, answer.text]).toEqual([200, '{"active":false}']);
  });

  test.each(DEAD)('revoked, %s: 200, empty, and nothing changes', async (_what, make) => {
    const dead = await make();
    const answer = await expectUnchanged(house, () => call.revoke(dead), []);
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test('revoked by another client: a token stays active, a handle stays good', async () => {
    const other = { client_id: 'other' };
    const asked = await expectUnchanged(house, () => call.revoke(token.live, other), ['malformed']);
    expectRefusal(house, asked, 'invalid_request');
    const handed = await expectUnchanged(house, () => call.revoke(handle.waiting, other), []);
    expect([handed.status, handed.text]).toEqual([200, '']);
  });

  test.each(['/oauth/introspect', '/oauth/revoke'] as const)('%s without a token', async (door) => {
    const answer = await expectUnchanged(house, () => call.form(door, {}, call.basic('ci-runner', SECRET)), [
      'malformed',
    ]);
    expectRefusal(house, answer, 'invalid_request');
  });
});

describe('metadata and keys', () => {
  const URLS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration', '/oauth/jwks'];

  test.each(URLS)('%s: other methods are 405, queries and headers change nothing', async (url) => {
    const plain = await house.app.inject({ url });
    const odd = await house.app.inject({
      url: `${url}?issuer=${MARK}&x[]=1&__proto__=1`,
      headers: { host: MARK, 'x-forwarded-host': MARK, forwarded: `host=${MARK}`, accept: 'text/html', cookie: MARK },
    });
    expect([odd.statusCode, odd.payload]).toEqual([200, plain.payload]);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const) {
      const answer = await house.app.inject({ method: method as 'PUT', url, payload: method === 'TRACE' ? '' : MARK });
      expect([method, answer.statusCode, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
      expect(answer.payload).not.toContain(MARK);
    }
  });

  test.each(['/.well-known/oauth-authorization-server/x', '/.well-known/', '/oauth/jwks.json', '/oauth/'])(
    'there is no %s',
    async (url) => {
      expect((await house.app.inject({ url })).statusCode).toBe(404);
    },
  );
});

test('after all that, what was good is good, and nothing of it is in the log', async () => {
  expect((await call.introspect(token.live)).body.active).toBe(true);
  expect((await call.tx()).status).toBe(200);
  expect((await call.poll(handle.waiting)).body.error).toBe('authorization_pending');
  expect(house.logged.join('')).not.toContain(MARK);
});
