/** MA-6: whoever started a run does not approve what the run asks for, by whatever name. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { type Callers, callersOf } from '../testing/callers.ts';
import { CI_AUDIENCE } from '../testing/policy-text.ts';

let house: BrokerHouse;
let call: Callers;

beforeEach(async () => {
  house = await startBrokerHouse();
  call = callersOf(house);
  const text = house.policyWith('max_token_age: 1h }', 'max_token_age: 1h, preset: github }');
  house.putPolicy(text.replace('sub: dan } }', 'sub: dan }, starts_as: [{ issuer: ci, id: "583231" }] }'));
});
afterEach(() => house.close());

/** A run started by this account asks and waits; the id of its request. */
async function runOf(actorId: string, actor: string): Promise<unknown> {
  const claims = { actor_id: actorId, actor };
  const token = await house.issuers.issuer('ci').githubToken({ audience: CI_AUDIENCE, claims });
  const { body } = await call.defer({ subject_token: token });
  expect(body.error).toBe('authorization_pending');
  return body.request_id;
}

test('I-3, MA-6: the starter may not approve, though a dba; another dba may', async () => {
  const id = await runOf('583231', 'some-other-name');
  // Dan may neither decide it nor has he anything else to do with it: it is not there for him.
  const own = await call.decide('dan', id);
  expect([own.status, own.body.code]).toEqual([404, 'request_unknown']);
  expect((await call.decide('carol', id)).status).toBe(200);
  expect((await call.decide('bob', id)).body.state).toBe('approved');
});

test('I-3, MA-6: a starter who sees the request, as an owner of the workload, is told that it is their own', async () => {
  house.putPolicy(
    house
      .policyWith('max_token_age: 1h }', 'max_token_age: 1h, preset: github }')
      .replace(
        'groups: [dba], subject: { issuer: workforce, sub: dan } }',
        'groups: [dba, payments], subject: { issuer: workforce, sub: dan }, starts_as: [{ issuer: ci, id: "583231" }] }',
      ),
  );
  const own = await call.decide('dan', await runOf('583231', 'some-other-name'));
  expect([own.status, own.body.code]).toEqual([403, 'own_request']);
});

test('MA-6: a run somebody else started is not Dan’s, whatever it calls its starter', async () => {
  const id = await runOf('7', 'dan@acme.test');
  expect((await call.decide('dan', id)).status).toBe(200);
});
