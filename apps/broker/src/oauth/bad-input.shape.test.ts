/** Bad input at the OAuth doors: what is wrong with the call itself, and with who is calling. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf, formEncode, REASON, SECRET } from '../testing/callers.ts';
import { expectRefusal } from '../testing/expect-refusal.ts';
import { ORDERS } from '../testing/policy-text.ts';
import { expectUnchanged } from '../testing/unchanged.ts';

/** In what is sent; must be in nothing that is answered or logged. */
const MARK = 'zq7markzq7';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const DOORS = [
  '/oauth/token',
  '/oauth/bc-authorize',
  '/oauth/device_authorization',
  '/oauth/introspect',
  '/oauth/revoke',
] as const;
type Door = (typeof DOORS)[number];

let house: BrokerHouse;
let call: Callers;
let live: string;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  await call.approved();
  live = String((await call.tx()).body.access_token);
});
afterAll(() => house.close());

const runner = () => call.basic('ci-runner', SECRET);

/** A call of this door that would be served. */
async function good(door: Door): Promise<{ params: Record<string, string>; headers: Record<string, string> }> {
  if (door === '/oauth/token') return { params: await call.txParams(), headers: FORM };
  if (door === '/oauth/bc-authorize') {
    const params = { login_hint: 'workload:payments-deploy', audience: ORDERS, scope: 'orders:once', reason: REASON };
    return { params, headers: { ...FORM, ...call.basic('ciba-app', SECRET) } };
  }
  if (door === '/oauth/device_authorization') {
    return { params: { client_id: 'psql', scope: 'orders:read' }, headers: FORM };
  }
  if (door === '/oauth/introspect') return { params: { token: live }, headers: { ...FORM, ...runner() } };
  return { params: { token: live, client_id: 'ci' }, headers: FORM };
}

const encoded = (params: Readonly<Record<string, string>>) =>
  Object.entries(params)
    .map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`)
    .join('&');

async function sendBytes(url: string, payload: string | Buffer, headers: Record<string, string>): Promise<Answer> {
  const {
    statusCode,
    headers: answered,
    payload: text,
  } = await house.app.inject({ method: 'POST', url, payload, headers });
  return { status: statusCode, headers: answered, text, body: text === '' ? {} : JSON.parse(text) };
}

describe.each(DOORS)('%s: the shape of a call', (door) => {
  const refused = async (calling: () => Promise<Answer>, status = 400) => {
    const answer = await expectUnchanged(house, calling, []);
    expectRefusal(house, answer, 'invalid_request', status);
    expect(answer.text).not.toContain(MARK);
  };

  test.each([
    'application/json',
    'application/xml',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencodedx',
  ])('media type %s', async (type) => {
    const { params, headers } = await good(door);
    await refused(() => sendBytes(door, encoded(params), { ...headers, 'content-type': type }));
  });

  test('no media type', async () => {
    const { params, headers } = await good(door);
    const { 'content-type': _type, ...rest } = headers;
    await refused(() => sendBytes(door, Buffer.from(encoded(params)), rest));
  });

  test('what is no media type at all', async () => {
    const { params, headers } = await good(door);
    await refused(() => sendBytes(door, encoded(params), { ...headers, 'content-type': MARK }), 415);
  });

  test('each parameter twice', async () => {
    const { params, headers } = await good(door);
    for (const [name, value] of Object.entries(params)) {
      if (name === 'audience') continue;
      const payload = `${encoded(params)}&${formEncode(name)}=${formEncode(value)}`;
      await refused(() => sendBytes(door, payload, headers));
      await refused(() => sendBytes(door, `${formEncode(name)}=&${encoded(params)}`, headers));
    }
  });

  test.each([
    ['a lone %', 'x=%'],
    ['half an escape', 'x=%2'],
    ['no hex', 'x=%zz'],
    ['NUL', 'x=%00'],
    ['NUL in a name', '%00=x'],
    ['bytes that are no UTF-8', 'x=%ff'],
    ['an overlong encoding', 'x=%c0%80'],
    ['half a surrogate pair', 'x=%ed%a0%80'],
    ['raw bytes', Buffer.from([0x26, 0x78, 0x3d, 0xff])],
    ['51 parameters', Array.from({ length: 51 }, (_, n) => `p${n}=1`).join('&')],
  ])('%s', async (_what, more) => {
    const { params, headers } = await good(door);
    const payload = Buffer.concat([Buffer.from(`${encoded(params)}&`), Buffer.from(more)]);
    await refused(() => sendBytes(door, payload, headers));
  });

  test('66 kB', async () => {
    const { params, headers } = await good(door);
    await refused(() => sendBytes(door, `${encoded(params)}&x=${'x'.repeat(66_000)}`, headers), 413);
  });

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const)('method %s', async (method) => {
    const { params, headers } = await good(door);
    const calling = async (): Promise<Answer> => {
      const answer = await house.app.inject({
        method: method as 'GET',
        url: `${door}?${encoded(params)}`,
        headers,
      });
      return { status: answer.statusCode, headers: answer.headers, text: answer.payload, body: {} };
    };
    const answer = await expectUnchanged(house, calling, []);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
  });
});

describe.each(DOORS)('%s: who is calling', (door) => {
  const LONG = `Basic ${'A'.repeat(6_000)}`;
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const attempt = async (params: Record<string, string | undefined>, headers: Record<string, string> = {}) => {
    const { params: sound } = await good(door);
    return call.form(door, { ...sound, client_id: undefined, ...params }, headers);
  };

  test.each([
    ['nobody', {}],
    ['an unknown client', { client_id: MARK }],
    ['a client that has a secret, by name alone', { client_id: 'ci-runner' }],
    ['a secret in the body', { client_id: 'ci-runner', client_secret: SECRET }],
    ['a secret of a client that has none', { client_id: 'ci', client_secret: 'x' }],
    ['an id with NUL-like and odd characters', { client_id: '__proto__' }],
  ])('%s: invalid_client without a challenge', async (_what, params) => {
    const answer = await expectUnchanged(house, () => attempt(params), ['client_rejected']);
    expectRefusal(house, answer, 'invalid_client');
    expect(answer.text).not.toContain(MARK);
  });

  test.each([
    ['a wrong secret', basic('ci-runner:wrong')],
    ['an unknown client', basic(`${MARK}:x`)],
    ['no colon', basic('ci-runner')],
    ['no base64', 'Basic !!!'],
    ['nothing', 'Basic'],
    ['half an escape', basic('ci-runner:%2')],
    ['NUL', basic('ci-runner:\0')],
    ['6 kB', LONG],
    ['two credentials', `${basic('ci-runner:x')}, ${basic('ci:x')}`],
    ['another scheme', 'Bearer x'],
    ['Digest', 'Digest username="ci-runner"'],
    ['a client that has no secret', basic('ci:')],
  ])('Basic with %s: 401 with a challenge', async (_what, authorization) => {
    const answer = await expectUnchanged(house, () => attempt({}, { authorization }), ['client_rejected']);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="sallyport"');
    expect(answer.text).not.toContain(MARK);
  });

  test('Basic with a good secret and another name in the body', async () => {
    const answer = await expectUnchanged(house, () => attempt({ client_id: 'ci' }, runner()), ['client_rejected']);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  test.each([{ client_secret: SECRET }, { client_assertion: 'x', client_assertion_type: 'y' }])(
    'Basic and %j at once: invalid_request',
    async (also) => {
      const answer = await expectUnchanged(house, () => attempt(also, runner()), ['malformed']);
      expectRefusal(house, answer, 'invalid_request');
    },
  );
});

describe('C14: every client that is rejected costs the same work', () => {
  test('unknown, disabled, taken away, wrong: one answer, one row, no more', async () => {
    const work = async (calling: () => Promise<Answer>) => {
      const from = house.worked.length;
      const { text } = await calling();
      return [text, ...house.worked.slice(from)];
    };
    const asRunner = (secret: string) => call.tx({ client_id: undefined }, call.basic('ci-runner', secret));
    const wrong = await work(() => asRunner('wrong'));
    const unknown = await work(() => call.tx({ client_id: undefined }, call.basic('nobody', 'wrong')));
    const nameless = await work(() => call.tx({ client_id: 'nobody' }));
    house.putPolicy(house.policyWith('- { id: ci-runner, auth', '- { enabled: false, id: ci-runner, auth'));
    const disabled = await work(() => asRunner(SECRET));
    house.putPolicy(house.policyWith('  - { id: other, auth: none, grant_types: [token-exchange, deferred] }\n', ''));
    const removed = await work(() => call.tx({ client_id: 'other' }));
    house.putPolicy(house.policyWith('', ''));
    expect(wrong.slice(1)).toEqual(['ledger.note']);
    for (const one of [unknown, nameless, disabled, removed]) expect(one).toEqual(wrong);
  });
});

test('after all that, what was good is good, and nothing of it is in the log', async () => {
  for (const door of DOORS) {
    const { params, headers } = await good(door);
    expect((await call.form(door, params, headers)).status).toBe(200);
  }
  expect(house.logged.join('')).not.toContain(MARK);
});
