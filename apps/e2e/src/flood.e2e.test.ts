/** Requests at the rate of 200 a minute into one channel that takes one message a second: none lost, all acknowledged, one card each. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cardsArrive, cardsIn, crowdAsks, crowdJoins, crowdPolicy } from './crowd/crowd.ts';
import { type House, startHouse } from './house/house.ts';
import { until } from './house/until.ts';

const MINUTE_MS = 60_000;
const PEOPLE = 20;
/** A quarter of a minute of it: the channel needs a second for each. */
const REQUESTS = 50;
const WITHIN_MS = 15_000;
const ACK_MS_MAX = 2_500;
jest.setTimeout(3 * MINUTE_MS);

let house: House;
beforeAll(async () => {
  house = await startHouse({ policyFiles: { '90-crowd.yaml': crowdPolicy(PEOPLE) }, logLevel: 'warn' });
  await crowdJoins(house.workspace.driver, PEOPLE);
}, MINUTE_MS);
afterAll(() => house?.stop(), MINUTE_MS);

test('case 44: 200 requests a minute: each is acknowledged and kept, each gets one card, and 429 stays the exception', async () => {
  const slack = house.workspace.driver;
  const asked = await crowdAsks(slack, { people: PEOPLE, requests: REQUESTS, withinMs: WITHIN_MS });
  expect(asked.failures).toEqual([]);
  expect(Math.max(...asked.acksMs)).toBeLessThan(ACK_MS_MAX);
  const rows = await house.database.sql<{ id: string }>('select id from requests');
  expect(rows).toHaveLength(REQUESTS);
  await cardsArrive(slack, REQUESTS, 2 * MINUTE_MS);
  expect([...(await cardsIn(slack))].toSorted()).toEqual(rows.map((row) => row.id).toSorted());
  await until('the outbox is done', MINUTE_MS, async () => {
    const [open] = await house.database.sql<{ count: string }>('select count(*) from outbox where done_at is null');
    return Number(open?.count) === 0;
  });
  const metrics = await (await fetch(`${house.slack.url}/metrics`)).text();
  const limited = Number(/sallyport_slack_rate_limited_total (\d+)/.exec(metrics)?.[1]);
  expect(limited).toBeLessThan(REQUESTS / 5);
  expect(await slack.violations()).toEqual([]);
});
