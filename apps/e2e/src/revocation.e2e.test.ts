/** A service that only verifies tokens, with the published package: what is revoked is refused there, by feed and by status list. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createResourceServer, type ResourceServer } from '@sallyport/resource-server';
import { type House, startHouse } from './house/house.ts';
import { ORDERS, type People, peopleOf } from './house/people.ts';
import { until } from './house/until.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(2 * MINUTE_MS);
const CLIENT = { clientId: 'orders-api', clientSecret: 'orders-api-demo-secret' };

describe('a service that never asks', () => {
  let house: House;
  let people: People;
  let byFeed: ResourceServer;
  let byList: ResourceServer;
  beforeAll(async () => {
    house = await startHouse();
    people = peopleOf(house);
    const told = {
      issuer: house.issuer,
      audience: ORDERS,
      publicUrl: 'https://orders.acme.test',
      introspection: 'never',
    } as const;
    byFeed = createResourceServer({ ...told, ...CLIENT, revocations: 'feed' });
    byList = createResourceServer({ ...told, revocations: 'status-list' });
    await byFeed.ready();
  }, MINUTE_MS);
  afterAll(async () => {
    await Promise.all([byFeed?.close(), byList?.close()]);
    await house?.stop();
  }, MINUTE_MS);

  const outcome = async (server: ResourceServer, token: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}` };
    const verdict = await server.verify({ method: 'GET', url: '/orders', headers }, { scopes: ['orders:write'] });
    return verdict.ok ? 'verified' : `${verdict.status} ${verdict.because}`;
  };
  async function approvedToken() {
    await people.approved();
    const { status, body } = await people.exchange();
    expect({ status, body }).toMatchObject({ status: 200 });
    return { token: String(body.access_token), grantId: String(body.grant_id) };
  }

  test('I-9: a grant that is ended is refused in moments', async () => {
    const { token, grantId } = await approvedToken();
    expect(await outcome(byFeed, token)).toBe('verified');
    const ended = await people.rest('alice', 'POST', `/v1/grants/${grantId}/revoke`);
    expect(ended.body.state).toBe('revoked');
    await until('refused by feed', 2_000, async () => (await outcome(byFeed, token)) === '401 revoked');
  });

  test('I-9: a token that is given back is refused; what it was given back beside is not', async () => {
    const { token } = await approvedToken();
    const sibling = String((await people.exchange()).body.access_token);
    expect((await people.form('/oauth/revoke', { client_id: 'ci', token })).status).toBe(200);
    await until('refused by feed', 2_000, async () => (await outcome(byFeed, token)) === '401 revoked');
    expect(await outcome(byFeed, sibling)).toBe('verified');
    // Who fetches the list now goes by it for half a minute.
    expect([await outcome(byList, token), await outcome(byList, sibling)]).toEqual(['401 revoked', 'verified']);
  });

  test('I-18: what the policy no longer allows is refused some seconds after its file changed', async () => {
    const { token } = await approvedToken();
    expect(await outcome(byFeed, token)).toBe('verified');
    await house.policy.replace('20-clients.yaml', '- id: ci\n', '- id: ci\n    enabled: false\n');
    await until('refused by feed', 20_000, async () => (await outcome(byFeed, token)) === '401 revoked');
    await house.policy.replace('20-clients.yaml', '    enabled: false\n', '');
  });

  test('I-9: while the broker is away it goes on by what it knows; when it is back it hears what it missed', async () => {
    await until('the client is in force again', 10_000, async () => (await people.exchange()).status === 200);
    const { token, grantId } = await approvedToken();
    expect(await outcome(byFeed, token)).toBe('verified');
    await house.broker.end('SIGKILL');
    expect(await outcome(byFeed, token)).toBe('verified');
    await house.broker.start();
    await people.rest('alice', 'POST', `/v1/grants/${grantId}/revoke`);
    await until('refused by feed', 15_000, async () => (await outcome(byFeed, token)) === '401 revoked');
  });
});
