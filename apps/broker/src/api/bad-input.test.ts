/** Bad input at the REST doors, door by category: a problem document with its code, nothing changed, and the trail as designed. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Answer, type Callers, callersOf, REASON } from '../testing/callers.ts';
import { anonymous, expectProblem } from '../testing/expect-problem.ts';
import { expectUnchanged } from '../testing/unchanged.ts';

/** In what is sent; must be in nothing that is answered or logged. */
const MARK = 'zq7markzq7';
const ASK = { resource: 'orders-db', role: 'admin', duration: '30m', justification: REASON };

interface Door {
  readonly method: 'GET' | 'POST';
  /** With REQUEST and GRANT in place of ids. */
  readonly url: string;
  readonly body?: object;
  /** Whether a refusal is an attempt worth a row. */
  readonly command: boolean;
}

const DOORS: readonly Door[] = [
  { method: 'POST', url: '/v1/access-requests', body: ASK, command: true },
  { method: 'GET', url: '/v1/access-requests', command: false },
  { method: 'GET', url: '/v1/access-requests/REQUEST', command: false },
  { method: 'POST', url: '/v1/access-requests/REQUEST/cancel', command: true },
  {
    method: 'POST',
    url: '/v1/access-requests/REQUEST/decisions',
    body: { verdict: 'approve', revision: 1 },
    command: true,
  },
  { method: 'GET', url: '/v1/grants', command: false },
  { method: 'GET', url: '/v1/grants/GRANT', command: false },
  { method: 'POST', url: '/v1/grants/GRANT/revoke', command: true },
];
const name = ({ method, url }: Door): string => `${method} ${url}`;
const every = DOORS.map((door) => [name(door), door] as const);
const commands = every.filter(([, door]) => door.command);
const withId = every.filter(([, { url }]) => /REQUEST|GRANT/.test(url));

let house: BrokerHouse;
let call: Callers;
let ids: { readonly request: string; readonly grant: string };
let tokens: { readonly alice: string; readonly bob: string; readonly dave: string; readonly own: string };
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  const { grantId } = await call.approved();
  const own = String((await call.tx()).body.access_token);
  const { body } = await call.ask('alice', { subject: { workload: 'payments-deploy' } });
  ids = { request: String(body.id), grant: grantId };
  tokens = {
    own,
    alice: await call.idToken('alice'),
    bob: await call.idToken('bob'),
    dave: await call.idToken('dave'),
  };
});
afterAll(() => house.close());

interface Sent {
  readonly authorization?: string;
  readonly url?: string;
  readonly payload?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** A call of this door that would be served, by somebody it would be served for, with one thing changed. */
async function send(door: Door, sent: Sent = {}): Promise<Answer> {
  const who = door.url.endsWith('/decisions') ? tokens.bob : tokens.alice;
  const { authorization = `Bearer ${who}`, url = door.url, payload, headers = {}, method = door.method } = sent;
  const body = payload ?? (door.body === undefined ? undefined : JSON.stringify(door.body));
  const answer = await house.app.inject({
    method: method as 'GET',
    url: url.replace('REQUEST', ids.request).replace('GRANT', ids.grant),
    headers: {
      ...(authorization === '' ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: body }),
  });
  const json = String(answer.headers['content-type']).includes('json') && answer.payload !== '';
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.payload,
    body: json ? answer.json() : {},
  };
}

async function refused(
  door: Door,
  sent: Sent,
  status: number,
  code: string,
  trail?: readonly string[],
): Promise<Answer> {
  const answer = await expectUnchanged(house, () => send(door, sent), trail ?? (door.command ? [code] : []));
  expectProblem(answer, status, code);
  expect(answer.text).not.toContain(MARK);
  return answer;
}

describe.each(every)('%s: who is calling', (_name, door) => {
  const bad: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['nobody', () => ''],
    ['no token', () => 'Bearer'],
    ['garbage', () => `Bearer ${MARK}`],
    ['our own token', () => `Bearer ${tokens.own}`],
    ['a token for somebody else', async () => `Bearer ${await elsewhere()}`],
    ['a token that is over', async () => `Bearer ${await old()}`],
    ['a token with a letter changed', () => `Bearer ${tokens.alice.slice(0, -10)}AAAAAAAAAA`],
    ['a stranger', async () => `Bearer ${await call.idToken('mallory')}`],
    ['a password', () => `Basic ${Buffer.from('alice:secret').toString('base64')}`],
    ['two tokens', () => `Bearer ${tokens.alice}, Bearer ${tokens.bob}`],
    ['20 spaces', () => `Bearer${' '.repeat(20)}${tokens.alice}`],
  ];
  const workforce = () => house.issuers.issuer('workforce');
  const elsewhere = () => workforce().idToken({ sub: 'alice', audience: MARK });
  const old = () => workforce().idToken({ sub: 'alice', audience: 'sallyport', ttlSeconds: -120 });

  test('one answer for every bad token, and one row each', async () => {
    const answers: Answer[] = [];
    for (const [, make] of bad) {
      const authorization = await make();
      answers.push(await refused(door, { authorization }, 401, 'subject_token_rejected', ['subject_token_rejected']));
    }
    for (const answer of answers) expect(anonymous(answer)).toEqual(anonymous(answers[0] ?? answer));
  });

  test('a token elsewhere is none', async () => {
    const cookie = `access_token=${tokens.alice}`;
    const url = `${door.url}?access_token=${tokens.alice}`;
    const sent = { authorization: '', url, headers: { cookie, 'x-access-token': tokens.alice, 'x-user': 'alice' } };
    await refused(door, sent, 401, 'subject_token_rejected', ['subject_token_rejected']);
  });
});

describe.each(commands)('%s: the body', (_name, door) => {
  const text = JSON.stringify(door.body ?? {});
  const grown = (members: string) => text.replace(/}$/, `${text === '{}' ? '' : ','}${members}}`);

  test.each([
    ['not JSON', '{', 400],
    ['a trailing comma', '{"a":1,}', 400],
    ['single quotes', "{'a':1}", 400],
    ['NaN', '{"a":NaN}', 400],
    ['two values', '{} {}', 400],
    ['a raw control character', '{"a":"\u0001"}', 400],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['60,000 open brackets', '['.repeat(60_000), 400],
    ['__proto__', grown('"__proto__":{"state":"approved"}'), 400],
    ['constructor.prototype', grown('"constructor":{"prototype":{"x":1}}'), 400],
    ['30,000 levels', grown(`"a":${'['.repeat(30_000)}${']'.repeat(30_000)}`), 422],
    ['66 kB', grown(`"a":"${'x'.repeat(66_000)}"`), 413],
    ['an array', '[]', 422],
    ['a text', `"${MARK}"`, 422],
    ['a number', '7', 422],
    ['true', 'true', 422],
    ['a member nobody knows', grown(`"${MARK}":1`), 422],
    ['its state', grown('"state":"approved"'), 422],
    ['its id', grown('"id":"req_x"'), 422],
    ['who decides', grown('"by":"person:dan@acme.test"'), 422],
    ['who asks', grown('"requester":"person:bob@acme.test"'), 422],
  ])('%s', async (_what, payload, status) => {
    await refused(door, { payload }, status, 'malformed');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/jsonx', MARK])(
    'media type %s',
    async (type) => {
      await refused(door, { payload: text, headers: { 'content-type': type } }, 415, 'malformed');
    },
  );
});

describe.each(withId)('%s: the id', (_name, door) => {
  const ID = /REQUEST|GRANT/;
  const UNKNOWN = '0'.repeat(26);
  const misspelt = (made: string) => ({ url: door.url.replace(ID, encodeURIComponent(made)) });

  test.each([
    'x',
    '%',
    "' OR 1=1--",
    '../../etc/passwd',
    '\0',
    'req_',
    `req_${UNKNOWN}x`,
    `REQ_${UNKNOWN}`,
    `req_${'!'.repeat(26)}`,
    '__proto__',
    MARK,
    `req_${'0'.repeat(5_000)}`,
  ])('%j is as unknown as any other', async (made) => {
    await refused(door, misspelt(made), 404, 'request_unknown');
  });

  test('an id of the other kind is unknown', async () => {
    await refused(
      door,
      { url: door.url.replace('REQUEST', ids.grant).replace('GRANT', ids.request) },
      404,
      'request_unknown',
    );
  });

  test("what is not yours is not there: the same answer for the same work, also with somebody's name in a header", async () => {
    const work = async (sent: Sent) => {
      const from = house.worked.length;
      const answer = await refused(door, sent, 404, 'request_unknown');
      return [anonymous(answer), ...house.worked.slice(from)];
    };
    const authorization = `Bearer ${tokens.dave}`;
    const unknown = { request: `req_${UNKNOWN}`, grant: `grt_${UNKNOWN}` };
    const url = door.url.replace('REQUEST', unknown.request).replace('GRANT', unknown.grant);
    const forged = { 'x-forwarded-user': 'alice', 'x-remote-user': 'alice@acme.test', from: 'alice@acme.test' };
    const nothing = await work({ authorization, url });
    expect(await work({ authorization })).toEqual(nothing);
    expect(await work({ authorization, headers: forged })).toEqual(nothing);
    expect(await work({ authorization, headers: { 'if-none-match': '*', 'if-match': '*' } })).toEqual(nothing);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('method %s is nowhere', async (method) => {
    const answer = await expectUnchanged(house, () => send(door, { method }), []);
    expectProblem(answer, 404, 'not_found');
  });
});

describe('queries', () => {
  const list = DOORS.filter(({ method, url }) => method === 'GET' && !/REQUEST|GRANT/.test(url));
  const read = DOORS.filter(({ url }) => url === '/v1/access-requests/REQUEST');

  test.each([
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1.5',
    'limit=1e9',
    'limit=x',
    'limit=NaN',
    'limit=1&limit=2',
    'limit[]=1',
    'cursor=',
    'cursor=%00',
    'cursor=a%20b',
    `cursor=${'1'.repeat(201)}`,
    'cursor=1&cursor=2',
  ])('a list with ?%s', async (query) => {
    for (const door of list) {
      const answer = await expectUnchanged(house, () => send(door, { url: `${door.url}?${query}` }), []);
      if (query === 'limit[]=1') expect(answer.status).toBe(200);
      else expectProblem(answer, 422, 'malformed');
    }
  });

  test.each(['wait=-1', 'wait=21', 'wait=1.5', 'wait=x', 'wait=Infinity', 'wait=1&wait=2'])(
    'a read with ?%s',
    async (query) => {
      for (const door of read) await refused(door, { url: `${door.url}?${query}` }, 422, 'malformed');
    },
  );

  test.each(["' OR 1=1--", '../..', '{"$gt":""}', MARK])('a cursor nobody gave (%s) shows nothing', async (cursor) => {
    for (const door of list) {
      const url = `${door.url}?cursor=${encodeURIComponent(cursor)}`;
      const answer = await expectUnchanged(house, () => send(door, { url }), []);
      if (answer.status === 200) expect(answer.body).toEqual({ items: [], next_cursor: null });
      else expectProblem(answer, 422, 'malformed');
      expect(answer.text).not.toContain(MARK);
    }
  });
});

describe('Idempotency-Key', () => {
  const [door] = DOORS;

  test.each([
    ['empty', ''],
    ['256 characters', 'k'.repeat(256)],
  ])('%s', async (_what, key) => {
    if (door !== undefined) await refused(door, { headers: { 'idempotency-key': key } }, 422, 'malformed');
  });
});

test('after all that the request waits as it did, the grant is live, and nothing of it is in the log', async () => {
  const request = await call.rest('alice', 'GET', `/v1/access-requests/${ids.request}`);
  expect(request.body).toMatchObject({ state: 'pending', revision: 1, approvals: { given: 0 } });
  expect((await call.rest('alice', 'GET', `/v1/grants/${ids.grant}`)).body.state).toBe('active');
  expect((await call.introspect(tokens.own)).body.active).toBe(true);
  expect(house.logged.join('')).not.toContain(MARK);
});
