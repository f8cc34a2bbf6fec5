/** Tests of verdicts by every door: one decision function, one outcome, whoever comes first. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, CAROL, codeOf, DAN, DAVE, story, valueIn, withPerson } from '@sallyport/testkit/core';
import fc from 'fast-check';

describe('who', () => {
  test('I-3: Alice cannot approve what she asked, by either door', async () => {
    const { asks, clicks, memory } = story();
    memory.policies.put(withPerson(memory.policies.inForce(), ALICE.id, { groups: ['payments', 'dba'] }));
    const { request } = await asks();
    expect(codeOf(await clicks(request.id, ALICE))).toBe('own_request');
    const byRest = {
      requestId: request.id,
      person: ALICE.id,
      verdict: 'approve',
      revision: 1,
      hideFromStrangers: true,
    } as const;
    const { decide, by } = story();
    expect(codeOf(await decide(byRest, by))).toBe('request_unknown');
  });

  test('an outsider is told no on a card, and nothing at all by REST', async () => {
    const { asks, clicks, decide, by, trail } = story();
    const { request } = await asks();
    expect(codeOf(await clicks(request.id, DAVE))).toBe('not_an_approver');
    const byRest = {
      requestId: request.id,
      person: DAVE.id,
      verdict: 'deny',
      revision: 1,
      hideFromStrangers: true,
    } as const;
    expect(codeOf(await decide(byRest, by))).toBe('request_unknown');
    expect(trail()).toEqual(['request.opened', 'not_an_approver', 'request_unknown']);
  });

  test('I-18: who left between the card and the click has no say', async () => {
    const { asks, clicks, memory } = story();
    const { request } = await asks();
    memory.policies.put(withPerson(memory.policies.inForce(), DAN.id, { groups: [] }));
    expect(codeOf(await clicks(request.id, DAN))).toBe('not_an_approver');
  });
});

describe('how often', () => {
  test('I-11: a click that is delivered twice counts once', async () => {
    const { asks, clicks } = story();
    const { request } = await asks();
    const once = { scope: 'slack.action', key: 'a1', bodyHash: 'a'.repeat(64) };
    expect(codeOf(await clicks(request.id, DAN, {}, once))).toBe('ok');
    expect(codeOf(await clicks(request.id, DAN, {}, once))).toBe('replayed');
    expect(codeOf(await clicks(request.id, DAN))).toBe('already_decided');
  });
});

describe('at once', () => {
  test('I-16: two opposite clicks in any order of arrival: exactly one outcome, and it is consistent', async () => {
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const house = story({ turn: (label) => scheduler.schedule(Promise.resolve(), label) });
      const opened = house.asks();
      await scheduler.waitIdle();
      const { request } = await opened;
      const first = house.clicks(request.id, DAN);
      await scheduler.waitIdle();
      valueIn(await first);
      const both = Promise.all([
        house.clicks(request.id, BOB),
        house.clicks(request.id, CAROL, { verdict: 'deny' }),
        house.clicks(request.id, DAN, { verdict: 'deny' }),
      ]);
      await scheduler.waitIdle();
      const results = await both;
      expect(results.filter((one) => one.ok)).toHaveLength(1);
      const c = house.memory.store.cases.get(request.id)?.case;
      expect(['approved', 'denied']).toContain(c?.request.status.state);
      expect(c?.grant !== undefined).toBe(c?.request.status.state === 'approved');
      const finals = house.trail().filter((row) => /request\.(approved|denied)/.test(row));
      expect(finals).toHaveLength(1);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('I-16: two approvers at once both count, in any order of arrival', async () => {
    const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const house = story({ turn: (label) => scheduler.schedule(Promise.resolve(), label) });
      const opened = house.asks();
      await scheduler.waitIdle();
      const { request } = await opened;
      const both = Promise.all([house.clicks(request.id, DAN), house.clicks(request.id, BOB)]);
      await scheduler.waitIdle();
      expect((await both).map(codeOf)).toEqual(['ok', 'ok']);
      expect(house.memory.store.cases.get(request.id)?.case.request.status.state).toBe('approved');
    });
    await fc.assert(property, { numRuns: 50 });
  });
});
