/** Tests of reading: by those who may see it; lists of one's own and of one's workloads; what waits for whom. */
import { expect, test } from '@jest/globals';
import { ALICE, BOB, CAROL, codeOf, DAN, DAVE, DEPLOY, READ, story, valueIn } from '@sallyport/testkit/core';
import { hours } from '../domain/instant.ts';

test('a request and its grant are seen by requester, subject, owner and approvers, by nobody else', async () => {
  const house = story();
  const c = await house.grants();
  const grant = c.grant?.id;
  if (grant === undefined) throw new Error('no grant');
  for (const reader of [ALICE, DEPLOY, BOB, CAROL, DAN]) {
    expect(codeOf(await house.reading.request(c.request.id, reader))).toBe('ok');
    expect(codeOf(await house.reading.grant(grant, reader))).toBe('ok');
  }
  expect(codeOf(await house.reading.request(c.request.id, DAVE))).toBe('request_unknown');
  expect(codeOf(await house.reading.grant(grant, DAVE))).toBe('request_unknown');
  expect(await house.reading.request(c.request.id, DAVE)).toEqual(
    await house.reading.request(house.chance.requestId(), DAVE),
  );
});

test('lists hold what one asked for, and what was asked for the workloads one owns', async () => {
  const house = story();
  const own = await house.asks({ subject: ALICE, role: READ });
  const forDeploy = await house.asks();
  const itself = await house.asks({ requester: DEPLOY });
  const policy = house.memory.policies.inForce();
  const ids = async (reader: typeof ALICE | typeof DEPLOY) =>
    (await house.reading.requests(reader, policy, { limit: 10 })).value.items.map((c) => c.request.id);
  expect(await ids(ALICE)).toEqual([itself, forDeploy, own].map((c) => c.request.id));
  expect(await ids(DEPLOY)).toEqual([itself, forDeploy].map((c) => c.request.id));
  expect(await ids(DAVE)).toEqual([]);
  const grants = await house.reading.grants(ALICE, policy, { limit: 10 });
  expect(grants.value.items.map((c) => c.request.id)).toEqual([own.request.id]);
});

test('what waits for an approver: pending, in time, theirs to decide, and not yet decided by them', async () => {
  const house = story();
  const first = await house.asks();
  const second = await house.asks();
  const waiting = async (who: typeof DAN) => (await house.reading.waitingFor(who.id)).value.map((c) => c.request.id);
  expect(await waiting(DAN)).toEqual([second.request.id, first.request.id]);
  expect(await waiting(ALICE)).toEqual([]);
  expect(await waiting(DAVE)).toEqual([]);
  valueIn(await house.clicks(second.request.id, DAN));
  expect(await waiting(DAN)).toEqual([first.request.id]);
  expect(await waiting(BOB)).toHaveLength(2);
  house.memory.clock.advance(hours(4));
  expect(await waiting(BOB)).toEqual([]);
});
