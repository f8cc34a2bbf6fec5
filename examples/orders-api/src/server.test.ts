/** The example, without an issuer: its routes are guarded, and it says what it denies. */
import { expect, test } from '@jest/globals';
import { createResourceServer } from '@sallyport/resource-server';
import { makeOrdersApi } from './server.ts';

const anApi = () => {
  const said: string[] = [];
  const access = createResourceServer({
    issuer: 'http://127.0.0.1:9',
    audience: 'https://orders-db.acme.test',
    publicUrl: 'http://localhost:8090',
  });
  return { app: makeOrdersApi({ access, say: (line) => said.push(line) }), said };
};

test.each([
  ['GET', 'orders:read'],
  ['POST', 'orders:write'],
] as const)('%s /orders needs %s', async (method, scope) => {
  const { app, said } = anApi();
  const answer = await app.inject({ method, url: '/orders', payload: {} });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['www-authenticate']).toContain(`scope="${scope}"`);
  expect(said).toEqual([`401 ${method} /orders: no_token`]);
  await app.close();
});

test('nobody passes while the issuer is out of reach', async () => {
  const { app, said } = anApi();
  const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"k"}').toString('base64url');
  const answer = await app.inject({ url: '/orders', headers: { authorization: `Bearer ${header}.e30.AAAA` } });
  expect([answer.statusCode, said]).toEqual([503, ['503 GET /orders: keys_unavailable']]);
  await app.close();
});

test('it says whose tokens it takes', async () => {
  const { app } = anApi();
  const answer = await app.inject('/.well-known/oauth-protected-resource');
  expect(answer.json()).toMatchObject({
    resource: 'https://orders-db.acme.test',
    authorization_servers: ['http://127.0.0.1:9'],
    scopes_supported: ['orders:read', 'orders:write'],
  });
  await app.close();
});
