/** Strict bodies at the REST door: what is not understood is refused, changes nothing, and is never said back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, REASON } from '../testing/callers.ts';
import { expectProblem, expectRefused } from '../testing/expect-problem.ts';

const MARK = 'zq7-marker-zq7';
const JSON_TYPE = 'application/json';

describe('strict bodies', () => {
  let house: BrokerHouse;
  let call: Callers;
  let id: string;
  let alice: string;
  let bob: string;
  beforeAll(async () => {
    house = await startBrokerHouse();
    call = callersOf(house);
    id = String((await call.ask('alice')).body.id);
    [alice, bob] = [await call.idToken('alice'), await call.idToken('bob')];
  });
  afterAll(() => house.close());

  const send = async (url: string, token: string, payload: string | Buffer, type: string | undefined = JSON_TYPE) => {
    const media: Record<string, string> = type === '' ? {} : { 'content-type': type };
    const headers = { authorization: `Bearer ${token}`, ...media };
    const answer = await house.app.inject({ method: 'POST', url, payload, headers });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      body: answer.json() as Record<string, unknown>,
    };
  };
  const create = (payload: string | Buffer, type?: string) => send('/v1/access-requests', alice, payload, type);
  const decide = (payload: string | Buffer) => send(`/v1/access-requests/${id}/decisions`, bob, payload);
  const ask = (change: object = {}) =>
    JSON.stringify({ resource: 'orders-db', role: 'admin', duration: '30m', justification: REASON, ...change });
  const verdict = (change: object = {}) => JSON.stringify({ verdict: 'approve', revision: 1, ...change });

  test.each([
    ['not JSON', '{', 400],
    ['two values', '{} {}', 400],
    ['a trailing comma', '{"resource":"x",}', 400],
    ['a comment', '{/* */}', 400],
    ['NaN', '{"resource":NaN}', 400],
    ['__proto__', `{"__proto__":{"state":"approved"},"resource":"orders-db"}`, 400],
    ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}', 400],
    ['a raw control character', '{"resource":"a\u0001"}', 400],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 400],
    ['60,000 open brackets', '['.repeat(60_000), 400],
    ['30,000 levels deep', `{"resource":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 422],
    ['more than 64 KiB', `{"resource":"${'x'.repeat(66_000)}"}`, 413],
    ['nothing', '', 422],
    ['null', 'null', 422],
    ['an array', '[]', 422],
    ['a text', '"orders-db"', 422],
    ['a number', '7', 422],
  ])('%s', async (_what, payload, status) => {
    await expectRefused(house, create(payload), status, 'malformed');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/json-patch+json', ''])(
    '415: media type %j',
    async (type) => {
      await expectRefused(house, create(ask(), type), 415, 'malformed');
    },
  );

  test('a charset, or capitals, in the media type are fine', async () => {
    for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
      expect((await create(ask(), type)).status).toBe(201);
    }
  });

  const MEMBERS: readonly (readonly [string, object])[] = [
    ['state', { state: 'approved' }],
    ['revision', { revision: 2 }],
    ['requester', { requester: 'person:bob@acme.test' }],
    ['scopes', { scopes: ['orders:read'] }],
    ['audience', { audience: 'https://orders-db.acme.test' }],
    ['approvals', { approvals: { required: 0, given: 0 } }],
    ['grant', { grant: { state: 'active' } }],
    ['expires_at', { expires_at: '2099-01-01T00:00:00Z' }],
    ['id', { id: `req_${'0'.repeat(26)}` }],
    ['camelCase', { notBefore: '2026-01-01T00:00:00Z' }],
    ['a marked one', { [MARK]: 1 }],
    ['inside subject', { subject: { workload: 'payments-deploy', person: MARK } }],
  ];
  test.each(MEMBERS)('MR-4: unknown or server-owned member %s is 422', async (_name, change) => {
    const answer = await expectRefused(house, create(ask(change)), 422, 'malformed');
    expect(answer.text).not.toContain(MARK);
  });

  test.each([
    ['resource a number', { resource: 7 }],
    ['resource an object', { resource: { $ne: null } }],
    ['resource empty', { resource: '' }],
    ['resource with NUL', { resource: 'orders\u0000db' }],
    ['resource with a space', { resource: ' orders-db' }],
    ['resource too long', { resource: 'a'.repeat(128) }],
    ['role missing', { role: undefined }],
    ['role null', { role: null }],
    ['role a list', { role: ['admin'] }],
    ['duration a number', { duration: 1_800 }],
    ['duration no duration', { duration: 'PT30M' }],
    ['duration of nothing', { duration: '0s' }],
    ['duration beyond numbers', { duration: '999999d' }],
    ['justification a boolean', { justification: true }],
    ['justification with NUL', { justification: `${REASON}\u0000` }],
    ['justification too long', { justification: 'x'.repeat(2_001) }],
    ['ticket null', { ticket: null }],
    ['ticket too long', { ticket: 'x'.repeat(101) }],
    ['ticket with NUL', { ticket: '\u0000' }],
    ['subject a text', { subject: 'workload:payments-deploy' }],
    ['subject empty', { subject: {} }],
    ['subject null', { subject: null }],
    ['workload with NUL', { subject: { workload: '\u0000' } }],
    ['workload with a line end', { subject: { workload: 'payments-deploy\n' } }],
    ['not_before no time', { not_before: 'tomorrow' }],
    ['not_before without zone', { not_before: '2026-12-01T00:00:00' }],
    ['not_before no day', { not_before: '2026-02-30T00:00:00Z' }],
    ['not_before a number', { not_before: 1_800_000_000 }],
  ])('422: %s', async (_what, change) => {
    const answer = await create(ask(change));
    expect(answer.status).toBe(422);
    expect(answer.text.length).toBeLessThanOrEqual(1_024);
  });

  test.each(['justification', 'ticket'])(
    '422: a lone surrogate in %s, which no row could hold unchanged',
    async (name) => {
      for (const half of ['\\ud800', '\\udc00 x', 'x \\ud83d']) {
        const payload = ask()
          .replace('}', `,"${name}":"${REASON} ${half}"}`)
          .replace(`"justification":"${REASON}",`, '');
        const sent = name === 'ticket' ? payload.replace(`"ticket":"${REASON} `, '"ticket":"') : payload;
        await expectRefused(house, create(sent), 422, 'malformed');
      }
    },
  );

  test('a pair of surrogates, combining marks, right-to-left text are text', async () => {
    const justification = 'Ωμέγα 💾 e\u0301 \u202eabc, because of the backfill';
    const answer = await create(ask({ justification }));
    expect([answer.status, answer.body.justification]).toEqual([201, justification]);
  });

  test.each([
    ['verdict unknown', { verdict: 'maybe' }],
    ['verdict in capitals', { verdict: 'APPROVE' }],
    ['verdict missing', { verdict: undefined }],
    ['revision a text', { revision: '1' }],
    ['revision a fraction', { revision: 1.5 }],
    ['revision below one', { revision: 0 }],
    ['revision beyond reason', { revision: 1e9 }],
    ['revision missing', { revision: undefined }],
    ['reason a number', { reason: 7 }],
    ['reason with NUL', { reason: 'a\u0000' }],
    ['narrow a text', { narrow: '15m' }],
    ['narrow with more', { narrow: { duration: '15m', role: 'read' } }],
    ['narrow.scopes a text', { narrow: { scopes: 'orders:read' } }],
    ['narrow.duration a number', { narrow: { duration: 900 } }],
    ['person', { person: 'dan@acme.test' }],
    ['on behalf of', { by: 'person:dan@acme.test' }],
  ])('422: a decision with %s', async (_what, change) => {
    await expectRefused(house, decide(verdict(change)), 422, 'malformed');
  });

  test('422: a lone surrogate in the reason of a decision', async () => {
    await expectRefused(house, decide('{"verdict":"deny","revision":1,"reason":"\\ud800"}'), 422, 'malformed');
  });

  test('nothing of all that changed the request, and none of it is in the log', async () => {
    const { body } = await call.rest('alice', 'GET', `/v1/access-requests/${id}`);
    expect(body).toMatchObject({ state: 'pending', revision: 1, approvals: { given: 0 } });
    const log = house.logged.join('');
    expect(log).not.toContain(MARK);
    expect(log).not.toContain(REASON);
    expect(log).not.toContain('http.bug');
  });
});

test('503: a command that was not understood, and no database to write that down in', async () => {
  const house = await startBrokerHouse();
  const call = callersOf(house);
  house.fail('ledger.note');
  expectProblem(await call.ask('alice', { state: 'approved' }), 503, 'unavailable');
  expectProblem(await call.rest('alice', 'GET', '/v1/grants?limit=0'), 422, 'malformed');
  await house.close();
});
