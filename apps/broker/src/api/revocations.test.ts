/** The revocation feed: who may read it, what is in it, pages, held pages and streams. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JSONWebKeySet } from 'jose';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf, claimsIn, SECRET, SECRET_SHA256 } from '../testing/callers.ts';
import { openSet, openStream, until } from '../testing/feed.ts';
import { METRICS, ORDERS } from '../testing/policy-text.ts';

const URL = '/v1/revocations';
const CLIENTS = `clients:
  - { id: metrics-api, auth: client_secret_basic, secret_sha256: "${SECRET_SHA256}", introspect: [metrics] }
  - { id: reads-nothing, auth: client_secret_basic, secret_sha256: "${SECRET_SHA256}", grant_types: [token-exchange] }`;

let house: BrokerHouse;
let call: Callers;
beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  house.putPolicy(house.policyWith('clients:', CLIENTS));
});
afterEach(() => house.close());

interface Page {
  readonly items: readonly { readonly id: string; readonly set: string }[];
  readonly next: string;
}

const reader = (id = 'ci-runner') => call.basic(id, SECRET);
const ask = (query = '', headers: Record<string, string> = reader()) => house.app.inject({ url: URL + query, headers });
const page = async (query = '', headers?: Record<string, string>): Promise<Page> => (await ask(query, headers)).json();
const jwks = async (): Promise<JSONWebKeySet> => (await house.app.inject({ url: '/oauth/jwks' })).json();
const open = async (set: string) => openSet(set, await jwks(), ISSUER);

/** A token, and what it says. */
async function issued() {
  const answer = await call.tx();
  expect(answer.status).toBe(200);
  return { token: String(answer.body.access_token), claims: claimsIn(answer) };
}
const endGrant = (id: string) => call.rest('alice', 'POST', `/v1/grants/${id}/revoke`);

/** The one event of a set: its kind and what it says. */
async function eventIn(set: string): Promise<readonly [kind: string, event: Record<string, unknown>]> {
  const { events } = await open(set);
  const all = Object.entries(events as Record<string, Record<string, unknown>>);
  expect(all).toHaveLength(1);
  return all[0] ?? ['', {}];
}

describe('what is in it', () => {
  test('I-9: a revoked token, signed for the one audience it is about, with its end', async () => {
    await call.approved();
    const { token, claims } = await issued();
    expect(await page()).toMatchObject({ items: [] });
    await call.revoke(token);
    const { items } = await page();
    expect(items).toHaveLength(1);
    const set = items[0]?.set ?? '';
    expect(await open(set)).toEqual({
      iss: ISSUER,
      aud: ORDERS,
      iat: expect.any(Number),
      jti: expect.any(String),
      events: { 'urn:sallyport:event:token-revoked': { jti: claims.jti, exp: claims.exp } },
    });
  });

  test('I-9: an ended grant, until when any token of it could have lived', async () => {
    const { grantId } = await call.approved();
    const { claims } = await issued();
    await endGrant(grantId);
    const [kind, event] = await eventIn((await page()).items[0]?.set ?? '');
    expect([kind, event.grant_id]).toEqual(['urn:sallyport:event:grant-ended', grantId]);
    expect(Number(event.exp)).toBeGreaterThanOrEqual(Number(claims.exp));
    expect(Number(event.exp)).toBeLessThanOrEqual(Number(claims.iat) + 3_600);
  });

  test('RS-2: of one’s own resources only, and nothing that tells of the others', async () => {
    const { grantId } = await call.approved();
    const metrics = await call.tx({ audience: METRICS, scope: 'metrics:read' });
    await endGrant(grantId);
    await call.revoke(metrics.body.access_token);
    const [orders, theirs] = [await page(), await page('', reader('metrics-api'))];
    expect([orders.items.length, theirs.items.length]).toEqual([1, 1]);
    expect((await open(orders.items[0]?.set ?? '')).aud).toBe(ORDERS);
    expect((await open(theirs.items[0]?.set ?? '')).aud).toBe(METRICS);
  });

  test('after `next`, or after an item, comes only what came later', async () => {
    await call.approved();
    const tokens = [await issued(), await issued(), await issued()];
    await call.revoke(tokens[0]?.token);
    const first = await page();
    await call.revoke(tokens[1]?.token);
    await call.revoke(tokens[2]?.token);
    const second = await page(`?after=${first.next}`);
    expect(second.items).toHaveLength(2);
    expect((await page(`?after=${second.items[0]?.id}`)).items).toEqual(second.items.slice(1));
    expect(await page(`?after=${second.next}`)).toEqual({ items: [], next: second.next });
    expect((await page('', { ...reader(), 'last-event-id': first.next })).items).toEqual(second.items);
  });

  test('what is over anyway is not told', async () => {
    await call.approved();
    await call.revoke((await issued()).token);
    house.advance(10 * 60 + 121);
    expect((await page()).items).toEqual([]);
  });

  test('what a new policy no longer allows is told once it was looked for', async () => {
    await call.approved();
    const { claims } = await issued();
    house.putPolicy(house.policyWith('  - { id: ci, auth: none, grant_types: [token-exchange, deferred] }\n', ''));
    await house.barTokens();
    const [kind, event] = await eventIn((await page()).items[0]?.set ?? '');
    expect([kind, event]).toEqual(['urn:sallyport:event:token-revoked', { jti: claims.jti, exp: claims.exp }]);
  });
});

describe('who may read it', () => {
  test.each([
    ['nobody', {}],
    ['a bearer token', { authorization: 'Bearer x' }],
    ['a wrong secret', { authorization: `Basic ${Buffer.from('ci-runner:x').toString('base64')}` }],
    ['an unknown client', { authorization: `Basic ${Buffer.from(`nobody:${SECRET}`).toString('base64')}` }],
    ['a client without a secret', { authorization: `Basic ${Buffer.from('ci:').toString('base64')}` }],
  ])('%s: 401 with the challenge of this door', async (_, headers) => {
    for (const query of ['', '?wait=x']) {
      const answer = await ask(query, headers);
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'client_rejected']);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="sallyport"');
    }
  });

  test('a client that may introspect nothing: 403', async () => {
    const answer = await ask('', reader('reads-nothing'));
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'client_not_allowed']);
  });

  test('refusals are in the trail, and too many of them are answered 429', async () => {
    const wrong = call.basic('ci-runner', 'wrong');
    let last = await ask('', wrong);
    for (let tries = 1; tries <= 60; tries += 1) last = await ask('', wrong);
    expect([last.statusCode, last.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    const noted = house.world.store.audit.filter((row) => row.reasonCode === 'client_rejected');
    expect(noted.length).toBeGreaterThan(0);
  });
});

describe('bad input', () => {
  test.each([
    '?after=',
    '?after=a.b',
    '?after=%22',
    `?after=${'a'.repeat(513)}`,
    '?wait=21',
    '?wait=-1',
    '?wait=1.5',
    '?wait=x',
  ])('%s: 422', async (query) => {
    const answer = await ask(query);
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'malformed']);
  });

  test('a position of somewhere else reads from the beginning: nothing is missed', async () => {
    await call.approved();
    await call.revoke((await issued()).token);
    expect((await page(`?after=${'A'.repeat(300)}`)).items).toHaveLength(1);
  });

  test('HEAD, POST: there is no such thing', async () => {
    for (const method of ['HEAD', 'POST', 'DELETE'] as const)
      expect((await house.app.inject({ method, url: URL, headers: reader() })).statusCode).toBe(404);
  });
});

describe('held pages', () => {
  test('are answered as soon as something ends', async () => {
    await call.approved();
    const { token } = await issued();
    const { next } = await page();
    const held = page(`?after=${next}&wait=20`);
    await until('it is held', () => house.followers() === 1);
    await call.revoke(token);
    expect((await held).items).toHaveLength(1);
    await until('it is let go', () => house.followers() === 0);
  });

  test('are not answered for what is somebody else’s', async () => {
    const { grantId } = await call.approved();
    const { next } = await page('', reader('metrics-api'));
    const held = page(`?after=${next}&wait=1`, reader('metrics-api'));
    await until('it is held', () => house.followers() === 1);
    await endGrant(grantId);
    expect((await held).items).toEqual([]);
  });

  test('are answered empty in the end, only if the store says that there is nothing', async () => {
    const { next } = await page();
    expect(await page(`?after=${next}&wait=1`)).toEqual({ items: [], next });
    const held = ask(`?after=${next}&wait=1`);
    await until('it is held', () => house.followers() === 1);
    house.fail('revocations.read');
    expect((await held).statusCode).toBe(503);
    house.fail();
  });

  test('with a store that is away: 503 and when to come again', async () => {
    for (const operation of ['revocations.tip', 'revocations.read']) {
      house.fail(operation);
      const answer = await ask();
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
    }
    house.fail();
    expect((await ask()).statusCode).toBe(200);
  });

  test('ten of one client at once, then 429; another client’s are its own', async () => {
    const { next } = await page();
    const held = Array.from({ length: 10 }, () => ask(`?after=${next}&wait=20`));
    await until('all are held', () => house.followers() === 10);
    expect((await ask()).statusCode).toBe(429);
    expect((await ask('', reader('metrics-api'))).statusCode).toBe(200);
    house.drain();
    for (const answer of await Promise.all(held)) expect(answer.statusCode).toBe(200);
    expect((await ask()).statusCode).toBe(200);
  });
});

describe('streams', () => {
  let base: string;
  beforeEach(async () => {
    base = await house.app.listen({ host: '127.0.0.1', port: 0 });
  });
  const stream = (headers: Record<string, string> = {}, query = '') =>
    openStream(base + URL + query, { ...reader(), ...headers });

  test('I-9: tell what was, then what comes, each once, with where to go on from', async () => {
    await call.approved();
    const tokens = [await issued(), await issued(), await issued()];
    await call.revoke(tokens[0]?.token);
    const one = await stream();
    expect([one.status, one.headers['content-type'], one.headers['cache-control']]).toEqual([
      200,
      'text/event-stream',
      'no-store',
    ]);
    expect(one.headers['x-accel-buffering']).toBe('no');
    await one.until('what was', () => one.events.length === 1);
    await call.revoke(tokens[1]?.token);
    await one.until('what comes', () => one.events.length === 2);
    one.close();
    await until('it is gone', () => house.followers() === 0);
    await call.revoke(tokens[2]?.token);
    const two = await stream({ 'last-event-id': one.events[1]?.id ?? '' });
    await two.until('what came meanwhile', () => two.events.length === 1);
    const said = await Promise.all(
      [...one.events, ...two.events].map(async ({ data }) => (await eventIn(data))[1].jti),
    );
    expect(said).toEqual(tokens.map(({ claims }) => claims.jti));
    expect(new Set([...one.events, ...two.events].map(({ event }) => event))).toEqual(new Set(['revocation']));
    two.close();
  });

  test('the same event is the same set, for whoever reads it', async () => {
    await call.approved();
    const [one, two] = [await stream(), await stream()];
    await call.revoke((await issued()).token);
    for (const each of [one, two]) await each.until('it came', () => each.events.length === 1);
    expect(one.events[0]?.data).toBe(two.events[0]?.data);
    expect((await page()).items[0]?.set).toBe(one.events[0]?.data);
    one.close();
    two.close();
  });

  test('a client that is taken out of the policy, or gets another secret, hears no more', async () => {
    const { grantId } = await call.approved();
    const one = await stream();
    await one.until('it is there', () => one.pings() === 1);
    house.putPolicy(house.policyWith(`secret_sha256: "${SECRET_SHA256}"`, `secret_sha256: "${'0'.repeat(64)}"`));
    await endGrant(grantId);
    expect(house.world.store.audit.at(-1)?.type).toBe('grant.revoked');
    await house.look();
    expect([one.events, (await ask()).statusCode]).toEqual([[], 401]);
    one.close();
  });

  test('fault B1: when the broker drains they end, and closing comes to an end', async () => {
    const [one, two] = [await stream(), await stream()];
    await one.until('it is there', () => one.pings() === 1);
    house.drain();
    for (const each of [one, two]) await each.until('it ended', () => each.ended());
    await house.app.close();
  });

  test('while the store is away, nothing says that all is well', async () => {
    const one = await stream();
    await one.until('it is there', () => one.pings() === 1);
    house.fail('revocations.read');
    const two = await stream();
    await two.until('it ended', () => two.ended());
    expect([two.status, two.pings()]).toEqual([503, 0]);
    house.fail();
    one.close();
  });

  test('who does not read is let go, and begins again from where it stood', async () => {
    await call.approved();
    const { token, claims } = await issued();
    const slow = await stream();
    await slow.until('it is there', () => slow.pings() === 1);
    slow.pause();
    await call.revoke(token);
    const rows = house.world.store.audit;
    const row = rows.find(({ type, jti }) => type === 'token.revoked' && jti === claims.jti);
    if (row === undefined) throw new Error('not in the trail');
    for (let waves = 0; waves < 20 && house.followers() > 0; waves += 1) {
      for (let n = 0; n < 2_500; n += 1) rows.push(row);
      await house.look();
    }
    expect(house.followers()).toBe(0);
    expect(house.logged.join('')).toContain('feed.slow_reader');
    slow.resume();
    await slow.until('it ended', () => slow.ended());
    // Here a position is the number of a row. What was on the way when it was let go may be lost with the connection.
    const last = slow.events.at(-1)?.id ?? `memory-${rows.indexOf(row)}`;
    const again = await stream({ 'last-event-id': last });
    await again.until('it goes on', () => again.events.length > 0);
    const [before, after] = [last, again.events[0]?.id].map((id) => Number(id?.replace('memory-', '')));
    expect(after).toBe(Number(before) + 1);
    again.close();
  }, 60_000);
});
