/** B7, P24: the device flow with the real programs: an unrelated client polls, a person confirms, others approve. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { type House, startHouse } from './house/house.ts';
import { ORDERS, type People, peopleOf, WHY } from './house/people.ts';
import { signedIn } from './house/web-person.ts';

jest.setTimeout(120_000);

describe('the device flow', () => {
  let house: House;
  let people: People;
  beforeAll(async () => {
    house = await startHouse();
    people = peopleOf(house);
  });
  afterAll(() => house?.stop());

  const psql = () =>
    client.discovery(new URL(house.issuer), 'psql', undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    });

  async function approvedBy(requestId: string, ...who: readonly string[]): Promise<void> {
    for (const one of who)
      await people.rest(one, 'POST', `/v1/access-requests/${requestId}/decisions`, { verdict: 'approve', revision: 1 });
  }

  test('B7: openid-client begins, shows the code, polls through slow days, and gets the token once people said yes', async () => {
    const config = await psql();
    const begun = await client.initiateDeviceAuthorization(config, { scope: 'orders:write' });
    expect(begun.verification_uri).toBe(`${house.issuer}/device`);
    const polling = client.pollDeviceAuthorizationGrant(config, begun);
    const alice = await signedIn(house, 'alice');
    const waiting = await alice.confirms(begun.user_code, WHY);
    expect(waiting.text).toContain('0 of 2 approvals');
    const asked = await people.rest('alice', 'GET', '/v1/access-requests');
    const [request] = asked.body.items as readonly { readonly id: string }[];
    await approvedBy(request?.id ?? '', 'bob', 'dan');
    const answer = await polling;
    expect(answer).toMatchObject({ scope: 'orders:write', request_id: request?.id });
    const server = { ...config.serverMetadata() } as oauth.AuthorizationServer;
    const call = new Request(`${ORDERS}/orders`, { headers: { authorization: `Bearer ${answer.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, call, ORDERS, { [oauth.allowInsecureRequests]: true });
    expect(claims).toMatchObject({ sub: 'person:alice@acme.test', client_id: 'psql' });
    const page = await alice.open(waiting.url.pathname);
    expect(page.text).toContain('Your device has its access');
  });

  test('B7: what the person turns away ends the client’s polling', async () => {
    const config = await psql();
    const begun = await client.initiateDeviceAuthorization(config, { scope: 'orders:write' });
    const polling = client.pollDeviceAuthorizationGrant(config, begun);
    polling.catch(() => undefined);
    const dave = await signedIn(house, 'dave');
    const review = await dave.submit(await dave.open('/device'), '/device', { user_code: begun.user_code });
    await dave.submit(review, review.url.pathname, { choice: 'deny' });
    await expect(polling).rejects.toMatchObject({ error: 'access_denied' });
  });

  test('I-9: a session that was ended at one broker is over at every other: the word is in the database', async () => {
    const alice = await signedIn(house, 'alice');
    const out = await alice.submit(await alice.open('/device'), '/logout', {});
    expect(out.text).toContain('You are signed out');
    const rows = await house.database.sql<{ count: string }>('select count(*) from ended_sessions', []);
    expect(Number(rows[0]?.count)).toBe(1);
  });

  test('X1: neither codes nor cookies are in any log', async () => {
    const logs = [house.broker, house.slack, house.worker].map((program) => program.log()).join();
    expect(logs).toContain('login.done');
    expect(logs).not.toMatch(/[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}|eyJhbGciOiJkaXIi/);
  });
});
