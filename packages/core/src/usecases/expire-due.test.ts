/** Tests of the sweep: closes what is due in batches until none is left. */
import { expect, test } from '@jest/globals';
import { anOpening, byline, DEPLOY, ORDERS, story } from '@sallyport/testkit/core';
import { after, hours, minutes } from '../domain/instant.ts';
import { ok } from '../domain/result.ts';
import { sweepDue } from './expire-due.ts';

test('I-10: all that is due is closed, with its notice, and how late it was is told', async () => {
  const house = story();
  await house.asks();
  await house.grants();
  house.memory.clock.advance(minutes(31));
  expect(await sweepDue(house.memory.ledger)).toMatchObject({ closed: 1 });
  house.memory.clock.advance(hours(4));
  const swept = await sweepDue(house.memory.ledger);
  expect(swept.closed).toBe(1);
  expect(swept.latenessMs).toBe(minutes(31));
  expect(await sweepDue(house.memory.ledger)).toEqual({ closed: 0, latenessMs: 0 });
  expect(house.memory.store.outbox.filter((row) => row.type.endsWith('.expired'))).toHaveLength(2);
});

test('more than one batch is swept in one go', async () => {
  const house = story();
  const { ledger, clock } = house.memory;
  for (let count = 0; count < 1_001; count++) {
    const times = { openedAt: clock.now(), expiresAt: after(clock.now(), hours(4)) };
    const key = { subject: DEPLOY, resource: ORDERS };
    await ledger.open(key, () => ok({ kind: 'new', step: anOpening(times) }), byline());
  }
  house.memory.clock.advance(hours(5));
  expect((await sweepDue(house.memory.ledger)).closed).toBe(1_001);
});
