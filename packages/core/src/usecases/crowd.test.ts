/** Tests of how much one requester may ask of people: the same bound at every door, and only for what needs people. */
import { expect, test } from '@jest/globals';
import {
  ALICE,
  anAsk,
  anOpening,
  aPendingRequest,
  BILLING,
  BOB,
  byline,
  codeOf,
  DEPLOY,
  ORDERS_READ,
  ORDERS_WRITE,
  outcomeOf,
  READ,
  type Story,
  seededChance,
  story,
} from '@sallyport/testkit/core';
import { PENDING_MAX, RECENT_MAX } from '../domain/crowd.ts';
import { after, hours, minutes } from '../domain/instant.ts';
import type { Principal } from '../domain/principal.ts';
import { ok } from '../domain/result.ts';

const chance = seededChance('crowd');

/** So many pending requests of this requester, on a resource of their own. */
async function pend({ memory }: Story, requester: Principal, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const times = { openedAt: memory.clock.now(), expiresAt: after(memory.clock.now(), hours(4)) };
    const access = { ...aPendingRequest().access, resource: BILLING };
    const step = anOpening({ id: chance.requestId(), subject: DEPLOY, requester, access, ...times });
    await memory.ledger.open(
      { subject: DEPLOY, resource: BILLING, requester },
      () => ok({ kind: 'new', step }),
      byline(),
    );
  }
}

test('MR-6: with 200 pending the next that needs people is refused, by REST and Slack and at the token endpoint', async () => {
  const house = story();
  await pend(house, ALICE, PENDING_MAX - 1);
  await pend(house, DEPLOY, PENDING_MAX);
  expect(outcomeOf(await house.exchanges({ deferred: true, scopes: [ORDERS_READ, ORDERS_WRITE] }))).toBe('too_many');
  expect(codeOf(await house.submit(anAsk(), house.by))).toBe('ok');
  for (const door of ['rest', 'slack'] as const) {
    expect(await house.submit(anAsk({ door }), house.by)).toMatchObject({
      ok: false,
      error: { code: 'too_many', retryAfterSeconds: 60 },
    });
  }
});

test('what a rule approves by itself, and what others ask, does not count', async () => {
  const house = story();
  await pend(house, ALICE, PENDING_MAX);
  expect(codeOf(await house.submit(anAsk({ subject: ALICE, role: READ }), house.by))).toBe('ok');
  expect(codeOf(await house.submit(anAsk({ subject: DEPLOY, requester: DEPLOY }), house.by))).toBe('ok');
});

test('MR-6: 600 within 10 minutes are the most, decided or not; then they may ask again', async () => {
  const house = story();
  await pend(house, ALICE, RECENT_MAX);
  for (const { case: c } of house.memory.store.cases.values()) {
    if (c.request.requester.id === ALICE.id) await house.cancel(c.request.id, ALICE, byline());
  }
  expect(codeOf(await house.submit(anAsk(), house.by))).toBe('too_many');
  house.memory.clock.advance(minutes(10));
  expect(codeOf(await house.submit(anAsk(), house.by))).toBe('ok');
});

test('more time is asked within the same bound, by whoever has the access, while it lasts', async () => {
  const house = story();
  const c = await house.grants();
  const grant = c.grant?.id;
  if (grant === undefined) throw new Error('no grant');
  const asks = (who: typeof ALICE) =>
    house.moreTime({ grant, who, justification: 'not done yet', door: 'slack' }, byline({ principal: who }));
  expect(codeOf(await asks(BOB))).toBe('request_unknown');
  await pend(house, ALICE, PENDING_MAX);
  expect(codeOf(await asks(ALICE))).toBe('too_many');
  house.memory.clock.advance(hours(5));
  expect(codeOf(await asks(ALICE))).toBe('grant_ended');
});
