/** Two real brokers on one Postgres: what is revoked at one is told by both, once, whatever happens to wake-ups, brokers and readers. */
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeBarTokens } from '@sallyport/core';
import { parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres } from '@sallyport/postgres';
import { PATIENT } from '@sallyport/testkit';
import { decodeJwt } from 'jose';
import { compiled } from '../testing/broker-house.ts';
import { type Brokers, startBrokers } from '../testing/brokers.ts';
import { type OpenStream, openSet, openStream, until } from '../testing/feed.ts';

const MINUTE_MS = 60_000;
/** `FEED_ROUNDS` sets how often the way from the answer to the event is measured. */
const ROUNDS = Number(process.env.FEED_ROUNDS ?? 20);

let brokers: Brokers;
beforeAll(async () => {
  brokers = await startBrokers();
}, MINUTE_MS);
afterAll(() => brokers?.close(), MINUTE_MS);

/** A stream that has told all that was before, unless it goes on from somewhere. */
async function streamOf(index: 0 | 1, from?: string): Promise<OpenStream> {
  const headers = from === undefined ? {} : { 'last-event-id': from };
  const stream = await openStream(`${brokers.urls[index]}/v1/revocations`, { ...brokers.reader, ...headers });
  if (from === undefined) await stream.until('it has told what was before', () => stream.pings() === 1);
  return stream;
}
const pageOf = async (index: 0 | 1, query = '') => {
  const answer = await fetch(`${brokers.urls[index]}/v1/revocations${query}`, { headers: brokers.reader });
  return (await answer.json()) as {
    readonly items: readonly { readonly id: string; readonly set: string }[];
    readonly next: string;
  };
};
/** Where a reader stands that has read everything. */
async function end(): Promise<string> {
  for (let page = await pageOf(0); ; page = await pageOf(0, `?after=${page.next}`))
    if (page.items.length === 0) return page.next;
}

const jtiOf = (token: string) => String(decodeJwt(token).jti);

/** The token an event is about. */
async function revokedIn(set: string): Promise<string> {
  const jwks = (await (await fetch(`${brokers.urls[1]}/oauth/jwks`)).json()) as Parameters<typeof openSet>[1];
  const { events } = await openSet(set, jwks, brokers.issuer);
  const event = Object.values(events as Record<string, { readonly jti?: string }>)[0];
  return event?.jti ?? '';
}

/** The bit of a token, by what the token says and the list at its address holds. */
async function bitOf(token: string): Promise<number> {
  const { status_list } = decodeJwt(token).status as {
    readonly status_list: { readonly idx: number; readonly uri: string };
  };
  const answer = await fetch(status_list.uri.replace(brokers.issuer, brokers.urls[1]));
  const { lst } = decodeJwt(await answer.text()).status_list as { readonly lst: string };
  const byte = inflateSync(Buffer.from(lst, 'base64url')).readUInt8(Math.floor(status_list.idx / 8));
  return (byte >> (status_list.idx % 8)) & 1;
}

test(
  'I-9: what is revoked at one broker is told by the other, and in milliseconds',
  async () => {
    const stream = await streamOf(1);
    const tookMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const token = await brokers.issue(brokers.urls[0]);
      const before = stream.events.length;
      const answeredMs = await brokers.revoke(brokers.urls[0], token);
      await stream.until('it was told', () => stream.events.length > before);
      tookMs.push((stream.arrivals.at(-1) ?? 0) - answeredMs);
      expect(await revokedIn(stream.events.at(-1)?.data ?? '')).toBe(jtiOf(token));
      expect(await brokers.introspect(brokers.urls[1], token)).toBe(false);
    }
    stream.close();
    const sorted = tookMs.sort((a, b) => a - b);
    const at = (share: number): number => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10;
    const figures = { rounds: ROUNDS, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
    process.stdout.write(`revoke answer to event at another broker: ${JSON.stringify(figures)}\n`);
  },
  MINUTE_MS,
);

test(
  'I-9: a reader that goes from one broker to the other misses nothing and hears nothing twice',
  async () => {
    const heard: string[] = [];
    const wanted: string[] = [];
    let at = await end();
    for (let round = 0; round < 6; round += 1) {
      const [a, b] = [await brokers.issue(brokers.urls[0]), await brokers.issue(brokers.urls[1])];
      wanted.push(jtiOf(a), jtiOf(b));
      await Promise.all([brokers.revoke(brokers.urls[0], a), brokers.revoke(brokers.urls[1], b)]);
      const page = await pageOf(round % 2 === 0 ? 1 : 0, `?after=${at}`);
      for (const { set } of page.items) heard.push(await revokedIn(set));
      at = page.next;
    }
    expect(heard.sort()).toEqual(wanted.sort());
  },
  MINUTE_MS,
);

test('I-9: with the listening connections cut, it is told all the same, and they come back', async () => {
  const stream = await streamOf(1);
  const told = stream.events.length;
  const cut = () =>
    brokers.database.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport listen' and datname = current_database()`,
    );
  expect((await cut()).length).toBe(2);
  const token = await brokers.issue(brokers.urls[0]);
  await brokers.revoke(brokers.urls[0], token);
  await stream.until('it was told', () => stream.events.length > told);
  expect(await revokedIn(stream.events.at(-1)?.data ?? '')).toBe(jtiOf(token));
  await until('they listen again', async () => {
    const [row] = await brokers.database.sql<{ count: string }>(
      `select count(*) from pg_stat_activity where application_name = 'sallyport listen' and datname = current_database()`,
    );
    return row?.count === '2';
  });
  stream.close();
});

test('I-17, I-18: what a new policy no longer allows reaches the feed and the list, by the worker’s rights', async () => {
  const stream = await streamOf(1);
  const before = stream.events.length;
  const token = await brokers.issue(brokers.urls[0]);
  const worker = openPostgres({
    url: brokers.database.as('sallyport_worker'),
    auditKey: brokers.auditKey,
    instance: 'worker',
    patience: PATIENT,
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: () => undefined,
  });
  const by = { door: 'worker', traceId: 'test' } as const;
  const put = (text: string) => worker.policies.putInForce(compiled(text), by);
  try {
    await put(brokers.policyText.replace(/^.*id: metrics-view.*$/m, ''));
    expect(await makeBarTokens(worker)(by)).toBeGreaterThan(0);
    await until('it was told', async () => {
      const told = await Promise.all(stream.events.slice(before).map(({ data }) => revokedIn(data)));
      return told.includes(jtiOf(token));
    });
    expect(await brokers.introspect(brokers.urls[1], token)).toBe(false);
    expect(await bitOf(token)).toBe(1);
    await put(brokers.policyText);
    expect(await brokers.introspect(brokers.urls[1], token)).toBe(true);
    // Who was told keeps to it: to let it in again would be a way to say yes.
    expect(await bitOf(token)).toBe(1);
  } finally {
    await worker.close();
    stream.close();
  }
}, 60_000);

test('fault B1: a broker that stops ends its streams; they go on at the other, without a gap', async () => {
  const stream = await streamOf(0);
  const before = stream.events.length;
  const [first, second] = [await brokers.issue(brokers.urls[1]), await brokers.issue(brokers.urls[1])];
  await brokers.revoke(brokers.urls[1], first);
  await stream.until('it was told', () => stream.events.length > before);
  await brokers.stop(0);
  await stream.until('it ended', () => stream.ended());
  await brokers.revoke(brokers.urls[1], second);
  const other = await streamOf(1, stream.events.at(-1)?.id ?? '');
  await other.until('it goes on', () => other.events.length === 1);
  expect(await revokedIn(other.events[0]?.data ?? '')).toBe(jtiOf(second));
  other.close();
}, 60_000);
