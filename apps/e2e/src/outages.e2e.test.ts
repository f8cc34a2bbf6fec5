/** Parts of the house fail or forget: no outcome changes. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type House, startHouse } from './house/house.ts';
import { type People, peopleOf } from './house/people.ts';
import { until } from './house/until.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(2 * MINUTE_MS);

describe('parts that fail', () => {
  let house: House;
  let people: People;
  const begin = async (movableClock: boolean): Promise<void> => {
    house = await startHouse({ movableClock });
    people = peopleOf(house);
  };
  afterEach(() => house?.stop(), MINUTE_MS);

  describe('with the real clock', () => {
    beforeEach(() => begin(false), MINUTE_MS);

    test(
      'I-21: FLUSHALL between any two steps of the story changes no outcome',
      async () => {
        const flush = () => house.redis.flushall();
        await flush();
        const id = await people.aliceAsks();
        await flush();
        expect((await people.exchange()).body).toMatchObject({ error: 'authorization_pending', request_id: id });
        await flush();
        await people.bob.clicks('approve', { request: id });
        await flush();
        await people.cardReads(id, '1 of 2', MINUTE_MS);
        await people.dan.clicks('approve', { request: id });
        await flush();
        await people.cardReads(id, 'Active until', MINUTE_MS);
        const issued = await people.exchange({ request_id: id });
        expect(issued.status).toBe(200);
        await flush();
        const { grant_id: grantId } = issued.body;
        expect((await people.rest('alice', 'POST', `/v1/grants/${String(grantId)}/revoke`)).body.state).toBe('revoked');
        await flush();
        expect((await people.introspect(String(issued.body.access_token))).body).toEqual({ active: false });
        expect((await people.exchange({ request_id: id })).body.error).toBe('access_denied');
        await people.cardReads(id, 'Ended early', MINUTE_MS);
      },
      4 * MINUTE_MS,
    );

    test(
      'kill -9 of the worker in the middle changes no outcome, and another one catches up',
      async () => {
        const id = await people.aliceAsks();
        await people.bob.clicks('approve', { request: id });
        expect(await house.worker.end('SIGKILL')).toBe(null);
        await people.dan.clicks('approve', { request: id });
        const issued = await until('the approval stands', 10_000, async () => {
          const answer = await people.exchange({ request_id: id });
          return answer.status === 200 && answer;
        });
        await house.worker.start();
        await people.cardReads(id, 'Active until', MINUTE_MS);
        expect((await people.introspect(String(issued.body.access_token))).body.active).toBe(true);
      },
      2 * MINUTE_MS,
    );

    test(
      'SIGTERM drains each program and ends it with 0; started again, the same card is updated',
      async () => {
        const id = await people.aliceAsks();
        const before = await people.card(id);
        for (const program of [house.slack, house.broker, house.worker])
          expect([program.name, await program.end('SIGTERM')]).toEqual([program.name, 0]);
        await Promise.all([house.worker.start(), house.broker.start(), house.slack.start()]);
        await people.bob.clicks('approve', { request: id });
        const after = await people.cardReads(id, '1 of 2', MINUTE_MS);
        expect(after.ts).toBe(before?.ts);
      },
      2 * MINUTE_MS,
    );
  });

  describe('with a clock that is moved', () => {
    beforeEach(() => begin(true), MINUTE_MS);

    test(
      'I-9 I-10: with no worker, nothing is decided or issued after its time',
      async () => {
        const open = await people.aliceAsks();
        const approved = await people.approved();
        const issued = await people.exchange({ request_id: approved });
        expect(issued.status).toBe(200);
        await house.worker.end('SIGKILL');
        await house.database.advance(31 * MINUTE_MS);
        expect((await people.introspect(String(issued.body.access_token))).body).toEqual({ active: false });
        expect((await people.exchange({ request_id: approved })).body).toMatchObject({
          error: 'access_denied',
          error_description: 'grant_over',
        });

        await house.database.advance(4 * 60 * MINUTE_MS);
        await people.bob.clicks('approve', { request: open });
        await until('the click is refused', 10_000, async () =>
          (await people.trail(open)).some(
            (row) => row.type === 'attempt.refused' && row.reason_code === 'request_closed',
          ),
        );
        expect((await people.exchange({ request_id: open })).body.error).toBe('expired_token');
        expect((await people.rest('alice', 'GET', `/v1/access-requests/${open}`)).body).toMatchObject({
          state: 'expired',
          grant: null,
        });
      },
      2 * MINUTE_MS,
    );
  });
});
