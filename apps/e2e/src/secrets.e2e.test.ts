/** Rows X1, X3: after a whole run at the loudest log level no secret lies anywhere, plain or encoded; and what people wrote acts on nothing. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { CLIENT_KEY, type ClientWorld, DEF, JWT, ODD_CLIENT, startClientWorld, TE } from './clients/client-world.ts';
import { type Answer, ORDERS } from './house/people.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(2 * MINUTE_MS);

/** Free text of people: fine in the record and in Slack, and nowhere else. */
const TOLD = 'Canary of the orders that failed';
const WRONG_SECRET = 'wrong-secret-canary-1';

let world: ClientWorld;
beforeAll(async () => {
  world = await startClientWorld({ logLevel: 'trace' });
}, MINUTE_MS);
afterAll(() => world?.stop(), MINUTE_MS);

/** Everything the programs do with secrets; what was secret in it, and every answer. */
async function wholeRun(): Promise<{ readonly secrets: readonly string[]; readonly answers: readonly Answer[] }> {
  const { people, house } = world;
  const approved = await people.approved();
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  });
  const [job, other, bad, alice] = [
    await people.jobToken(),
    await people.jobToken('456'),
    `${await people.jobToken()}A`,
    await people.idToken('alice'),
  ];
  const [assertion, proof] = [await anAssertion(), await aProof()];
  const asKeyed = {
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
  const exchange = (subject_token: string, more: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const who = headers.authorization === undefined ? { client_id: 'ci' } : {};
    const ask = { subject_token, subject_token_type: JWT, audience: ORDERS, scope: 'orders:write', ...who, ...more };
    return people.form('/oauth/token', { grant_type: TE, ...ask }, headers);
  };
  const odd = basic(ODD_CLIENT.id, ODD_CLIENT.secret);
  const wrong = basic(ODD_CLIENT.id, WRONG_SECRET);
  const waiting = {
    audience: 'https://staging.acme.test',
    scope: 'staging:deploy',
    completion_mode: 'deferred',
    reason: TOLD,
  };
  const issued = await exchange(job, { request_id: approved });
  const token = String(issued.body.access_token);
  const begun = await exchange(other, waiting);
  const handle = String(begun.body.deferral_code);
  expect([issued.status, handle.length]).toEqual([200, 43]);
  const answers = [
    await exchange(job, { request_id: approved, scope: 'orders:read' }),
    await exchange(bad),
    await exchange(await people.jobToken(), { client_assertion: alice, client_assertion_type: JWT }),
    await exchange(await people.jobToken(), {}, wrong),
    await exchange(token),
    await people.form('/oauth/introspect', { token, ...asKeyed }),
    await people.form('/oauth/introspect', { token, ...asKeyed }),
    await exchange(await people.jobToken(), { request_id: approved, scope: 'orders:drop' }, { dpop: proof }),
    await exchange(await people.jobToken(), {}, { dpop: `${proof}A` }),
    await people.form('/oauth/bc-authorize', {
      login_hint_token: alice,
      audience: ORDERS,
      scope: 'x',
      client_id: 'ci',
    }),
    await people.form('/oauth/token', { grant_type: DEF, client_id: 'ci', deferral_code: `${handle}A` }),
    await people.poll(handle),
    await people.form(`/oauth/token?subject_token=${job}&code=${handle}`, {}),
    await people.introspect(token),
    await people.introspect(handle),
    await people.form('/oauth/introspect', { token }, wrong),
    await people.form('/oauth/revoke', { token, client_id: 'nobody' }),
    await people.form('/oauth/revoke', { token: handle, client_id: 'ci' }),
    await people.form('/oauth/revoke', { token }, odd),
    await people.form('/oauth/revoke', { token, client_id: 'ci' }),
    await people.rest('alice', 'POST', '/v1/access-requests', { resource: 'orders-db', justification: TOLD, token }),
    await get(`/v1/grants?access_token=${alice}`, {
      authorization: `Bearer ${token}`,
      cookie: `s=${alice}`,
      dpop: job,
    }),
    await get(`/nowhere/${token}`, { authorization: `Bearer ${alice}` }),
  ];
  const keys = JSON.parse(await readFile(house.env.SALLYPORT_SIGNING_KEYS ?? '', 'utf8')) as { keys: { d: string }[] };
  return {
    answers,
    secrets: [
      ...[job, other, bad, alice, token, assertion, proof].flatMap((text) => [text, text.split('.')[2] ?? text]),
      ...[handle, ODD_CLIENT.secret, WRONG_SECRET, 'orders-api-demo-secret'],
      ...[odd, wrong].map(({ authorization }) => authorization.slice('Basic '.length)),
      ...['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SALLYPORT_AUDIT_KEY'].map(
        (name) => house.env[name] ?? '',
      ),
      ...keys.keys.map(({ d }) => d),
    ],
  };
}

function anAssertion(): Promise<string> {
  const at = Math.floor(Date.now() / 1_000);
  return new SignJWT({ iss: 'keyed', sub: 'keyed', aud: world.house.issuer, jti: randomUUID(), exp: at + 60 })
    .setProtectedHeader({ alg: 'ES256', kid: 'client-1' })
    .sign(CLIENT_KEY.key);
}

async function aProof(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return new SignJWT({ htm: 'POST', htu: `${world.house.issuer}/oauth/token`, jti: randomUUID() })
    .setIssuedAt()
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .sign(privateKey);
}

async function get(path: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(world.house.broker.url + path, { headers, signal: AbortSignal.timeout(15_000) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A text as it could lie about: plain, in base64 of either alphabet, in hex, escaped for a URL or for JSON. */
function spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const all = [text, base64, bytes.toString('base64url'), bytes.toString('hex'), encodeURIComponent(text)];
  return [...new Set([...all, JSON.stringify(text).slice(1, -1)])];
}

/** Every row of every table, bytes in hex and, where they are text, as text. */
async function everyRow(): Promise<string> {
  const { database } = world.house;
  const tables = await database.sql<{ name: string }>(
    "select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
  );
  expect(tables.length).toBeGreaterThan(8);
  const rows: { row: string }[] = [];
  for (const { name } of tables)
    rows.push(...(await database.sql<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`)));
  const leaves = await database.sql<{ row: string }>("select convert_from(leaf, 'utf8') as row from audit");
  return [...rows, ...leaves].map(({ row }) => row).join('\n');
}

/** Every key of Redis and what is in it. */
async function everyKey(): Promise<string> {
  const { redis } = world.house;
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, 0, '-1'),
    stream: (key) => redis.xrange(key, '-', '+'),
  };
  const keys = await redis.keys('*');
  const values = await Promise.all(keys.map(async (key) => [key, await read[await redis.type(key)]?.(key)]));
  return JSON.stringify(values);
}

describe('a whole run at log level trace', () => {
  test('I-15 X1: no token, handle, secret or key in any log, table, key of Redis, answer or message of Slack', async () => {
    const { secrets, answers } = await wholeRun();
    const { house, people } = world;
    const logs = { broker: house.broker.log(), slack: house.slack.log(), worker: house.worker.log() };
    for (const log of Object.values(logs)) expect(log.length).toBeGreaterThan(100);
    const places: Record<string, string> = {
      ...logs,
      postgres: await everyRow(),
      redis: await everyKey(),
      answers: JSON.stringify(answers),
      slack: JSON.stringify(await people.slack.snapshot()),
    };
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(12);
    const found = Object.entries(places).flatMap(([place, text]) =>
      secrets.flatMap((secret, index) =>
        spellings(secret).some((spelled) => text.includes(spelled)) ? [`secret ${index} in ${place}`] : [],
      ),
    );
    expect(found).toEqual([]);
    for (const [place, text] of Object.entries(places))
      expect([place, /eyJ[\w-]{10,}\.[\w-]{10,}/.test(text)]).toEqual([place, false]);
  });

  test('X1: no free text of people in any log or key of Redis', async () => {
    const { house } = world;
    expect(await everyRow()).toContain(TOLD);
    for (const text of [house.broker.log(), house.slack.log(), house.worker.log(), await everyKey()]) {
      expect(text).not.toContain(TOLD);
    }
  });
});

describe('foreign text on a card', () => {
  const NASTY = '<!channel> <!here> <@U01BOB> <#C01APPROVALS> <https://evil.test|orders> *Approved by* Bob\n> fake';

  test('X3: mentions, links and marks in a reason, a ticket and a repository are text, and disturb nobody', async () => {
    const { people, house } = world;
    const asked = await people.rest('alice', 'POST', '/v1/access-requests', {
      resource: 'orders-db',
      role: 'admin',
      duration: '30m',
      justification: NASTY,
      ticket: '<!channel>',
    });
    const job = await house.issuers.issuer('ci').jobToken({
      audience: house.issuer,
      repositoryId: '456',
      repository: 'acme/<!channel>',
      claims: { actor: '<@U01BOB>', workflow: '<!here>' },
    });
    const ask = {
      audience: 'https://staging.acme.test',
      scope: 'staging:deploy',
      completion_mode: 'deferred',
      reason: NASTY,
    };
    const begun = await people.exchangeWith(job, ask);
    for (const id of [String(asked.body.id), String(begun.body.request_id)]) {
      const card = await people.cardReads(id, '<!channel>');
      expect(card.acting).toEqual([]);
      expect(card.reads).toContain('<https://evil.test|orders>');
    }
    expect(await people.slack.violations()).toEqual([]);
  });
});
