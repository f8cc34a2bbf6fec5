/** The story of the product, with the three real programs, real Postgres and Redis, and the local Slack workspace. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type House, startHouse } from './house/house.ts';
import { ORDERS, type People, peopleOf } from './house/people.ts';
import { until } from './house/until.ts';

const MINUTE_MS = 60_000;

describe.each(['http', 'socket'] as const)('the story, Slack by %s', (slackMode) => {
  let house: House;
  let people: People;
  beforeAll(async () => {
    house = await startHouse({ slackMode });
    people = peopleOf(house);
  }, MINUTE_MS);
  afterAll(() => house?.stop(), MINUTE_MS);

  test(
    'somebody asks, two people approve, the pipeline gets its token, and "End now" ends it',
    async () => {
      const { alice, bob, dan } = people;
      const id = await people.aliceAsks();
      await people.slack.until(async () => (await alice.dms()).some((dm) => dm.reads.includes('Sent to')));

      expect((await people.exchange()).body).toMatchObject({
        error: 'authorization_pending',
        request_id: id,
        interval: 5,
      });

      await bob.clicks('approve', { request: id });
      await people.cardReads(id, '1 of 2');
      await dan.clicks('approve', { request: id });
      await people.cardReads(id, 'Active until');
      await people.slack.until(async () => (await alice.dms()).some((dm) => dm.reads.includes('active until')));

      const issued = await people.exchange();
      expect(issued).toMatchObject({
        status: 200,
        body: { token_type: 'Bearer', scope: 'orders:write', request_id: id },
      });
      const token = String(issued.body.access_token);
      const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${house.broker.url}/oauth/jwks`)), {
        issuer: house.issuer,
        audience: ORDERS,
        typ: 'at+jwt',
        algorithms: ['ES256'],
      });
      expect(payload).toMatchObject({
        sub: 'workload:payments-deploy',
        scope: 'orders:write',
        txn: id,
        client_id: 'ci',
      });
      expect((await people.introspect(token)).body).toMatchObject({ active: true, sub: 'workload:payments-deploy' });

      expect((await people.exchange({ scope: 'orders:write orders:drop' })).body.error).toBe('invalid_scope');
      expect((await people.exchange({ audience: 'https://metrics.acme.test', request_id: id })).status).toBe(400);
      expect((await people.exchangeWith(await people.jobToken('456'))).body.error).toBe('invalid_target');

      const dm = await people.slack.until(async () =>
        (await alice.dms()).findLast((one) => one.buttons.some((button) => button.action_id === 'revoke')),
      );
      await alice.clicks('revoke', { ts: dm.ts });
      await until(
        'introspection says inactive',
        5_000,
        async () => (await people.introspect(token)).body.active === false,
      );
      expect((await people.exchange({ request_id: id })).body).toMatchObject({
        error: 'access_denied',
        error_description: 'revoked',
      });
      await people.cardReads(id, 'Ended early by Alice Ahn');

      const types = (await people.trail(id)).map((row) => row.type);
      for (const type of [
        'request.opened',
        'decision.made',
        'request.approved',
        'grant.started',
        'token.issued',
        'grant.revoked',
      ])
        expect(types).toContain(type);
      expect(types.filter((type) => type === 'decision.made')).toHaveLength(2);
      expect(await people.slack.violations()).toEqual([]);
    },
    MINUTE_MS,
  );
});
