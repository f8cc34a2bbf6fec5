/** Fuzz over every door: whatever is sent, no 5xx, no token, no echo, a small answer with the headers it must have. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BrokerHouse, startBrokerHouse } from './testing/broker-house.ts';
import { type Callers, callersOf, DEF, formEncode, REASON, TE, TT } from './testing/callers.ts';

/** In everything that is sent: must be in nothing that is answered or logged. */
const MARK = 'zq7markzq7';
const RUNS = { numRuns: 300 };

let house: BrokerHouse;
let call: Callers;
let tokens: { readonly job: string; readonly alice: string; readonly bob: string };
let requestId: string;
beforeAll(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  tokens = { job: await call.jobToken(), alice: await call.idToken('alice'), bob: await call.idToken('bob') };
  requestId = String((await call.ask('alice', { subject: { workload: 'payments-deploy' } })).body.id);
});
afterAll(() => house.close());

interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS';
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string | Buffer;
}

async function expectSane({ payload, ...sent }: Sent): Promise<void> {
  const answer = await house.app.inject({ ...sent, ...(payload === undefined ? {} : { payload }) });
  expect(answer.statusCode).toBeLessThan(500);
  expect(answer.payload).not.toMatch(/access_token|node_modules|FST_/);
  if (answer.statusCode >= 400) {
    expect(answer.payload).not.toContain(MARK);
    expect(answer.payload.length).toBeLessThanOrEqual(1_024);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-correlation-id': expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    });
    if (sent.method !== 'HEAD') expect(answer.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
  }
}

function expectNothingGiven(): void {
  expect(house.world.store.tokens.size).toBe(0);
  const log = house.logged.join('');
  expect(log).not.toContain(MARK);
  expect(log).not.toMatch(/http\.(bug|outage)/);
}

const strange = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '\u0000',
  '\u202e',
  '%00',
  '%',
  '../../etc/passwd',
  "' OR 1=1--",
  '<script>',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'null',
  '[]',
  '💾',
  'a'.repeat(5_000),
  '\r\nx-injected: 1',
);
/** What UTF-8 can carry: encoding a lone surrogate would throw here, not there. */
const sound = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '');
const anyText = fc.oneof(
  strange,
  fc.string({ unit: 'binary', maxLength: 60 }).map(sound),
  fc.string({ maxLength: 60 }),
);
const marked = anyText.map((text) => `${MARK}${text}`);
const FORM = 'application/x-www-form-urlencoded';

/** Three parts, more or less, some of them JSON, some of a good token. Made late: the tokens are. */
const jwtLike = () => {
  const part = fc.oneof(
    fc.constantFrom('', 'e30', 'bnVsbA', 'W10', '!', 'eyJhbGciOiJub25lIn0'),
    fc.jsonValue({ maxDepth: 2 }).map((value) => Buffer.from(JSON.stringify({ [MARK]: value })).toString('base64url')),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    fc.tuple(fc.constantFrom(tokens.alice, tokens.bob), fc.nat(2)).map(([token, at]) => token.split('.')[at] ?? ''),
  );
  return fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));
};

/** Headers a proxy, a browser or an attacker might add; values as HTTP can carry them. */
const headers = () => {
  const name = fc.constantFrom(
    ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'content-encoding', 'content-type', 'cookie'],
    ...['dpop', 'forwarded', 'from', 'if-match', 'if-none-match', 'if-modified-since', 'idempotency-key', 'origin'],
    ...['prefer', 'range', 'referer', 'te', 'traceparent', 'user-agent', 'via', 'x-correlation-id', 'x-forwarded-for'],
    ...['x-forwarded-host', 'x-forwarded-proto', 'x-http-method-override', 'x-original-url', 'x-request-id', 'x-user'],
  );
  const value = fc.oneof(
    fc.constantFrom('', '*', '"', '""', ',', ';', '=', 'gzip', 'bytes=0-', 'wait=99999999999', 'Basic', 'Bearer x'),
    fc.constantFrom(
      'application/json',
      'text/html;q=1',
      '127.0.0.1',
      'https://evil.test',
      'W/"x", "y"',
      `${'"a",'.repeat(500)}`,
    ),
    fc.string({ maxLength: 60 }).map((text) => `${MARK}${text.replaceAll(/[^\x20-\x7e]/g, '.')}`),
  );
  return fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true });
};

describe('OAuth doors', () => {
  const NAMES = [
    'grant_type',
    'client_id',
    'client_secret',
    'client_assertion',
    'subject_token',
    'subject_token_type',
    'actor_token',
    'actor_token_type',
    'audience',
    'resource',
    'scope',
    'request_id',
    'requested_token_type',
    'completion_mode',
    'reason',
    'requested_duration',
    'authorization_details',
    'deferral_code',
    'auth_req_id',
    'device_code',
    'login_hint',
    'login_hint_token',
    'id_token_hint',
    'binding_message',
    'requested_expiry',
    'token',
    'token_type_hint',
  ];
  const known = fc.constantFrom(
    TE,
    DEF,
    'ci',
    TT('id_token'),
    TT('jwt'),
    'orders-db',
    'orders:write',
    'deferred',
    '30m',
    REASON,
  );
  const value = fc.oneof({ arbitrary: known, weight: 3 }, { arbitrary: marked, weight: 2 });
  const name = fc.oneof({ arbitrary: fc.constantFrom(...NAMES), weight: 8 }, { arbitrary: marked, weight: 1 });
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 12 });
  const url = fc.constantFrom(
    ...['/oauth/token', '/oauth/bc-authorize', '/oauth/device_authorization', '/oauth/introspect', '/oauth/revoke'],
  );
  const type = fc.oneof(
    { arbitrary: fc.constant('application/x-www-form-urlencoded'), weight: 8 },
    {
      arbitrary: fc.constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', MARK),
      weight: 1,
    },
  );
  const authorization = fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 4 },
    { arbitrary: marked.map((text) => `Basic ${Buffer.from(text).toString('base64')}`), weight: 1 },
    { arbitrary: fc.constantFrom('Basic', 'Basic !', 'Bearer x', `Basic ${'A'.repeat(6_000)}`), weight: 1 },
  );
  const formOf = (sent: readonly (readonly [string, string])[]) =>
    sent.map(([key, text]) => `${formEncode(key)}=${formEncode(text)}`).join('&');

  test('random forms', async () => {
    await fc.assert(
      fc.asyncProperty(url, pairs, type, authorization, async (to, sent, media, auth) => {
        const headers = { 'content-type': media, ...(auth === undefined ? {} : { authorization: auth }) };
        await expectSane({ method: 'POST', url: to, headers, payload: formOf(sent) });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('a good exchange with anything changed or added', async () => {
    const good: Record<string, string> = {
      grant_type: TE,
      client_id: 'ci',
      subject_token: tokens.job,
      subject_token_type: TT('id_token'),
      audience: 'orders-db',
      scope: 'orders:write',
    };
    const change = fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const payload = formOf(Object.entries({ ...good, ...changes }));
        await expectSane({ method: 'POST', url: '/oauth/token', headers, payload });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('texts that look like tokens, wherever a token goes', async () => {
    const text = jwtLike();
    const place = fc.constantFrom(
      ...[
        'subject_token',
        'actor_token',
        'client_assertion',
        'deferral_code',
        'auth_req_id',
        'login_hint_token',
        'token',
      ],
    );
    await fc.assert(
      fc.asyncProperty(url, place, text, async (to, at, token) => {
        const rest = { grant_type: at === 'deferral_code' ? DEF : TE, client_id: 'ci', subject_token_type: TT('jwt') };
        const payload = formOf(Object.entries({ ...rest, audience: 'orders-db', scope: 'orders:write', [at]: token }));
        await expectSane({ method: 'POST', url: to, headers: { 'content-type': FORM }, payload });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('random headers around a good exchange that nothing was approved for', async () => {
    await fc.assert(
      fc.asyncProperty(headers(), async (odd) => {
        const ask = { grant_type: TE, client_id: 'ci', subject_token: tokens.job, subject_token_type: TT('jwt') };
        const payload = formOf(Object.entries({ ...ask, audience: 'orders-db', scope: 'orders:once' }));
        await expectSane({ method: 'POST', url: '/oauth/token', headers: { 'content-type': FORM, ...odd }, payload });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(url, fc.uint8Array({ maxLength: 300 }), async (to, bytes) => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        await expectSane({ method: 'POST', url: to, headers, payload: Buffer.from(bytes) });
      }),
      RUNS,
    );
    expectNothingGiven();
  });
});

describe('REST doors', () => {
  const bearer = fc.constantFrom('alice', 'bob', 'job').map((who) => `Bearer ${tokens[who as 'alice']}`);
  const target = fc.oneof(
    fc.constantFrom('/v1/access-requests', '/v1/grants'),
    fc
      .tuple(
        fc.constantFrom('/v1/access-requests/', '/v1/grants/'),
        fc.oneof(
          fc.constant('REQUEST'),
          marked.map((text) => encodeURIComponent(text)),
        ),
        fc.constantFrom('', '/cancel', '/decisions', '/revoke', '/', '/..'),
      )
      .map(([start, id, end]) => `${start}${id === 'REQUEST' ? requestId : id}${end}`),
  );
  const query = fc.oneof(
    fc.constant(''),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('limit', 'cursor', 'wait', MARK),
          fc.oneof(fc.constantFrom('0', '21', '-1', 'x'), marked),
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((pairs) => `?${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&')}`),
  );
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.record(
      {
        resource: fc.oneof(fc.constant('orders-db'), marked, fc.jsonValue()),
        role: fc.oneof(fc.constant('admin'), marked, fc.jsonValue()),
        duration: fc.oneof(fc.constant('30m'), marked, fc.jsonValue()),
        justification: fc.oneof(fc.constant('short'), strange, fc.jsonValue()),
        ticket: fc.oneof(strange, fc.jsonValue()),
        subject: fc.oneof(fc.record({ workload: marked }), fc.jsonValue()),
        not_before: fc.oneof(
          fc.constant('0000-01-01T00:00:00Z'),
          fc.constant('9999-12-31T23:59:59.999999999Z'),
          marked,
        ),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    fc.record(
      {
        verdict: fc.oneof(fc.constantFrom('approve', 'deny'), marked),
        revision: fc.oneof(fc.constant(7), fc.double(), fc.bigInt().map(String), fc.jsonValue()),
        reason: fc.oneof(strange, fc.jsonValue()),
        narrow: fc.oneof(fc.record({ duration: marked }), fc.record({ scopes: fc.array(anyText) }), fc.jsonValue()),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  );

  /** What the requester may really do, and what an approver may: left out, or the last test would find it done. */
  function mayReallyWork(authorization: string, url: string, body?: unknown): boolean {
    const own = `/v1/access-requests/${requestId}`;
    if (url === `${own}/cancel`) return authorization === `Bearer ${tokens.alice}`;
    const revision = typeof body === 'object' && body !== null && 'revision' in body ? body.revision : undefined;
    return url === `${own}/decisions` && authorization === `Bearer ${tokens.bob}` && revision === 1;
  }

  test('random JSON at every path', async () => {
    await fc.assert(
      fc.asyncProperty(bearer, target, json, async (authorization, url, body) => {
        fc.pre(!mayReallyWork(authorization, url, body));
        const headers = { authorization, 'content-type': 'application/json' };
        await expectSane({ method: 'POST', url, headers, payload: JSON.stringify(body) });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('random bytes, media types and keys', async () => {
    const type = fc.constantFrom('application/json', 'application/json; charset=x', 'text/plain', '', MARK);
    const key = fc.string({ maxLength: 300 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '.'));
    await fc.assert(
      fc.asyncProperty(
        bearer,
        target,
        fc.uint8Array({ maxLength: 300 }),
        type,
        key,
        async (authorization, url, bytes, media, once) => {
          fc.pre(!mayReallyWork(authorization, url));
          const headers = { authorization, 'content-type': media, 'idempotency-key': once };
          await expectSane({ method: 'POST', url, headers, payload: Buffer.from(bytes) });
        },
      ),
      RUNS,
    );
    expectNothingGiven();
  });

  test('random headers, with a good token or none', async () => {
    const method = fc.constantFrom('GET', 'POST', 'HEAD');
    await fc.assert(
      fc.asyncProperty(method, bearer, target, headers(), async (by, authorization, url, odd) => {
        fc.pre(by !== 'POST' || !/\/(?:cancel|revoke|decisions)$/.test(url));
        const sent = { authorization, ...(by === 'POST' ? { 'content-type': 'application/json' } : {}), ...odd };
        const body = by === 'POST' ? { payload: '{"resource":"orders-db"}' } : {};
        await expectSane({ method: by as Sent['method'], url, headers: sent, ...body });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('random queries and methods', async () => {
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
    await fc.assert(
      fc.asyncProperty(method, bearer, target, query, async (by, authorization, path, asked) => {
        await expectSane({ method: by as Sent['method'], url: path + asked, headers: { authorization } });
      }),
      RUNS,
    );
    expectNothingGiven();
  });

  test('random bearer tokens', async () => {
    const part = fc.oneof(
      fc.constantFrom('e30', 'eyJhbGciOiJub25lIn0', 'eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ'),
      fc.base64String(),
    );
    const token = fc.oneof(
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
      fc
        .nat({ max: 400 })
        .map((at) => `${tokens.alice.slice(0, at)}A${tokens.alice.slice(at + 2)}`)
        .filter((mangled) => mangled !== tokens.alice),
      fc.string({ maxLength: 200 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '.')),
    );
    await fc.assert(
      fc.asyncProperty(token, async (text) => {
        const answer = await house.app.inject({ url: '/v1/grants', headers: { authorization: `Bearer ${text}` } });
        expect(answer.statusCode).toBe(401);
      }),
      RUNS,
    );
  });

  test('nothing of all that decided anything', async () => {
    const { body } = await call.rest('alice', 'GET', `/v1/access-requests/${requestId}`);
    expect(body).toMatchObject({ state: 'pending', revision: 1, approvals: { given: 0 } });
  });
});

test('paths at random', async () => {
  const path = fc.webPath().map((text) => (text.startsWith('/') ? text : `/${text}`));
  await fc.assert(
    fc.asyncProperty(path, async (url) => expectSane({ method: 'GET', url })),
    RUNS,
  );
});
