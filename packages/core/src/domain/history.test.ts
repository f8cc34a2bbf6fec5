/** What the history says of an ask: counted within 30 days, live only what is live. */
import { expect, test } from '@jest/globals';
import { aGrantOf, aPendingCase } from '@sallyport/testkit/core';
import type { AccessCase } from './case.ts';
import { HISTORY_MAX, type History, historyFacts } from './history.ts';
import { after, hours, type Instant, instant } from './instant.ts';

const NOW = instant(Date.UTC(2031, 5, 1, 12));
const none: History = { earlier: [], live: [], askedAt: [] };
const days = (count: number): Instant => instant(NOW - count * 24 * 3_600_000);
const opened = (at: Instant): AccessCase => aPendingCase({ openedAt: at, expiresAt: after(at, hours(4)) });

test('nothing before: the first', () => {
  expect(historyFacts(none, NOW, NOW)).toEqual({
    isFirst: true,
    recently: { count: 0, orMore: false },
    overlapping: [],
  });
});

test('thirty days count to the moment, and the last one says how it went by the clock', () => {
  const facts = historyFacts({ ...none, earlier: [opened(days(1)), opened(days(30)), opened(days(31))] }, NOW, NOW);
  expect(facts).toMatchObject({
    isFirst: false,
    recently: { count: 2, orMore: false },
    last: { at: days(1), state: 'expired' },
  });
});

test('where reading stopped the count says so', () => {
  const earlier = Array.from({ length: HISTORY_MAX.earlier }, () => opened(days(2)));
  expect(historyFacts({ ...none, earlier }, NOW, NOW).recently).toEqual({ count: HISTORY_MAX.earlier, orMore: true });
});

test('what is over by the clock does not overlap, whatever a job wrote', () => {
  const c = opened(days(0));
  const grant = aGrantOf(c.request, NOW);
  const live = [{ ...c, grant }];
  expect(historyFacts({ ...none, live }, NOW, NOW).overlapping).toEqual(live);
  expect(historyFacts({ ...none, live }, NOW, grant.expiresAt).overlapping).toEqual([]);
});
