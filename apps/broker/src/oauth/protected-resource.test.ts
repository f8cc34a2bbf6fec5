/** Rows M6, B14: what the REST API says of itself, and that a client finds it from a 401. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';

let house: BrokerHouse;
beforeAll(async () => {
  house = await startBrokerHouse();
});
afterAll(() => house.close());

const DOCUMENT = '/.well-known/oauth-protected-resource/v1';
const read = async () => (await house.app.inject({ url: DOCUMENT })).json() as Record<string, unknown>;

test('M6: every 401 under /v1 names the document, whose resource is ours', async () => {
  for (const [method, url, headers] of [
    ['GET', '/v1/grants', {}],
    ['GET', '/v1/access-requests/req_x', { authorization: 'Bearer x' }],
    ['POST', '/v1/access-requests', { authorization: 'Basic x' }],
  ] as const) {
    const answer = await house.app.inject({ method, url, headers });
    const challenge = String(answer.headers['www-authenticate']);
    const [, address = ''] = /^Bearer resource_metadata="([^"]+)"$/.exec(challenge) ?? [];
    expect([answer.statusCode, address]).toEqual([401, ISSUER + DOCUMENT]);
  }
  expect((await read()).resource).toBe(`${ISSUER}/v1`);
});

test('M6: exactly these members: where people get their tokens, and not which platforms are trusted', async () => {
  expect(await read()).toEqual({
    resource: `${ISSUER}/v1`,
    authorization_servers: [house.issuers.issuer('workforce').url],
    bearer_methods_supported: ['header'],
    resource_name: 'Sallyport',
    resource_documentation: `${ISSUER}/docs`,
  });
  house.putPolicy(house.policyWith('- { name: workforce,', '- { name: workforce, enabled: false,'));
  expect(await read()).not.toHaveProperty('authorization_servers');
  house.putPolicy(house.policyWith('', ''));
});

test('B14: oauth4webapi finds it from the resource alone, and takes it', async () => {
  const resource = new URL(`${ISSUER}/v1`);
  const response = await oauth.resourceDiscoveryRequest(resource, {
    [oauth.customFetch]: async (url: string) => {
      const answer = await house.app.inject({ url: new URL(url).pathname });
      return new Response(answer.payload, {
        status: answer.statusCode,
        headers: { 'content-type': String(answer.headers['content-type']) },
      });
    },
  });
  const found = await oauth.processResourceDiscoveryResponse(resource, response);
  expect(found.authorization_servers).toEqual([house.issuers.issuer('workforce').url]);
});
