/** Tests of polling with a handle: once, in time, by its client; a decision beats everything. */
import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  aPolicy,
  BILLING,
  BOB,
  byline,
  DAN,
  issuedBy,
  ORDERS_READ,
  ORDERS_WRITE,
  outcomeOf,
  type Story,
  story,
  valueIn,
  withPerson,
  withRole,
} from '@sallyport/testkit/core';
import type { RoleId, Scope } from '../domain/access.ts';
import { hours, minutes, seconds } from '../domain/instant.ts';

const BOTH = [ORDERS_READ, ORDERS_WRITE];
const requestOf = (house: Story) => {
  const [stored] = [...house.memory.store.cases.values()];
  if (stored === undefined) throw new Error('nothing was asked');
  return stored.case.request;
};

describe('the story', () => {
  test('P7: wait, approve, poll; the same poll within 30 s is the same token; later it is unknown', async () => {
    const house = story();
    const code = await house.defers();
    house.memory.clock.advance(seconds(5));
    expect(outcomeOf(await house.polls(code))).toBe('waiting');
    await house.approves(requestOf(house).id);
    const first = issuedBy(await house.polls(code));
    expect(issuedBy(await house.polls(code)).facts).toEqual(first.facts);
    expect(house.memory.store.tokens.size).toBe(1);
    house.memory.clock.advance(seconds(31));
    expect(outcomeOf(await house.polls(code))).toBe('handle_unknown');
  });

  test('a decision beats slow_down', async () => {
    const house = story();
    const code = await house.defers();
    expect(outcomeOf(await house.polls(code))).toBe('polled_too_soon');
    await house.approves(requestOf(house).id);
    expect(outcomeOf(await house.polls(code))).toBe('issued');
  });

  test('P16: polls at once after the approval: one issuance, one token', async () => {
    const house = story();
    const code = await house.defers();
    await house.approves(requestOf(house).id);
    const all = (await Promise.all([1, 2, 3, 4].map(() => house.polls(code)))).map(issuedBy);
    expect(new Set(all.map((one) => one.facts.jti)).size).toBe(1);
    expect(house.memory.store.tokens.size).toBe(1);
  });

  test('T9: of a narrowed approval the handle gives what is left', async () => {
    const house = story();
    const code = await house.defers({ scopes: BOTH });
    const { id } = requestOf(house);
    valueIn(await house.clicks(id, DAN, { narrow: { scopes: [ORDERS_READ] } }));
    valueIn(await house.clicks(id, BOB, { revision: 2 }));
    expect(issuedBy(await house.polls(code)).facts.scopes).toEqual([ORDERS_READ]);
  });
});

describe('no', () => {
  test('P10: unknown, another client’s, shortened: one answer', async () => {
    const house = story();
    const code = await house.defers();
    await house.approves(requestOf(house).id);
    expect(await house.polls(code, house.deployer)).toEqual(await house.polls('x'.repeat(43)));
    expect(outcomeOf(await house.polls(code.slice(0, -1)))).toBe('handle_unknown');
    expect(outcomeOf(await house.polls(code))).toBe('issued');
  });

  test('P8: denied is said again and again', async () => {
    const house = story();
    const code = await house.defers();
    valueIn(await house.clicks(requestOf(house).id, DAN, { verdict: 'deny' }));
    for (const wait of [0, 60, 600]) {
      house.memory.clock.advance(seconds(wait));
      expect(await house.polls(code)).toMatchObject({ error: { code: 'request_closed', state: 'denied' } });
    }
  });

  test('P9: after its end the handle is over, and an approval that comes later does not wake it', async () => {
    const house = story();
    const code = await house.defers();
    house.memory.clock.advance(hours(1));
    expect(outcomeOf(await house.polls(code))).toBe('handle_expired');
    await house.approves(requestOf(house).id);
    expect(outcomeOf(await house.polls(code))).toBe('handle_expired');
  });

  test('an approval in its last minute can be collected for 60 s more', async () => {
    const house = story();
    const code = await house.defers();
    house.memory.clock.advance(minutes(59));
    house.memory.clock.advance(seconds(50));
    await house.approves(requestOf(house).id);
    house.memory.clock.advance(seconds(60));
    expect(outcomeOf(await house.polls(code))).toBe('issued');
  });

  test('P9: when the pending time is over the request says so', async () => {
    const house = story();
    const code = await house.defers();
    house.memory.clock.advance(hours(4));
    expect(await house.polls(code)).toMatchObject({ error: { code: 'request_closed', state: 'expired' } });
  });

  test('I-18: approved, then the subject is gone; who has nothing to do with it does not matter', async () => {
    const house = story();
    const code = await house.defers();
    await house.approves(requestOf(house).id);
    await house.put(aPolicy({ workloads: [] }));
    expect(outcomeOf(await house.polls(code))).toBe('policy_forbids');
    await house.put(withPerson(aPolicy(), ALICE.id, undefined));
    expect(outcomeOf(await house.polls(code))).toBe('issued');
  });

  test('a client that polls without pause is burned', async () => {
    const house = story();
    const code = await house.defers();
    const said = [];
    for (let turn = 0; turn < 11; turn++) said.push(outcomeOf(await house.polls(code)));
    expect(said).toEqual([...Array.from({ length: 10 }, () => 'polled_too_soon'), 'malformed']);
    await house.approves(requestOf(house).id);
    expect(outcomeOf(await house.polls(code))).toBe('grant_ended');
  });
});

describe('once', () => {
  test('I-6: a single-use subject token gives one token, however many handles it got', async () => {
    const house = story();
    const codes = [await house.defers(), await house.defers(), await house.defers()];
    await house.approves(requestOf(house).id);
    const said = [];
    for (const code of codes) said.push(outcomeOf(await house.polls(code)));
    expect(said).toEqual(['issued', 'handle_unknown', 'handle_unknown']);
    expect(outcomeOf(await house.exchanges())).toBe('replayed');
    expect(house.memory.store.tokens.size).toBe(1);
  });

  test('I-6: handles of several jobs each give one', async () => {
    const house = story();
    const codes = [await house.defers({ jti: 'a' }), await house.defers({ jti: 'b' })];
    await house.approves(requestOf(house).id);
    for (const code of codes) expect(outcomeOf(await house.polls(code))).toBe('issued');
    expect(house.memory.store.tokens.size).toBe(2);
  });

  test('I-6: of two handles on a one-shot grant the second is told it is over', async () => {
    const house = story({ policy: withRole(aPolicy(), BILLING, 'operator' as RoleId, { maxUses: 1 }) });
    const wish = { subject: ALICE, targets: ['billing-api'], scopes: ['billing:refund' as Scope] };
    const codes = [await house.defers(wish), await house.defers(wish)];
    valueIn(await house.clicks(requestOf(house).id, BOB));
    const said = [];
    for (const code of codes) said.push(outcomeOf(await house.polls(code)));
    expect(said).toEqual(['issued', 'grant_ended']);
  });

  test('I-9: a revoked grant ends its handles', async () => {
    const house = story();
    const code = await house.defers();
    const { id } = requestOf(house);
    await house.approves(id);
    valueIn(await house.revokeGrant({ request: id }, ALICE, byline()));
    expect(await house.polls(code)).toMatchObject({ error: { code: 'grant_ended', how: 'revoked' } });
  });
});
