/** One contract for all adapters, on real servers, spoken to by an unrelated client. */
import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import express, { type Request } from 'express';
import { type FastifyRequest, fastify } from 'fastify';
import * as oauth from 'oauth4webapi';
import { createResourceServer, type ResourceServer } from '../resource-server.ts';
import { type Authority, CLIENT, type Claims, startAuthority } from '../test-support/authority.ts';
import { type Listening, listen, until } from '../test-support/listen.ts';
import { aHolder } from '../test-support/world.ts';
import type { AuthorizationDetail, Denied } from '../verdict.ts';
import * as forExpress from './express.ts';
import * as forFastify from './fastify.ts';
import * as forNode from './node.ts';

/** Real servers on a machine that may be busy. */
jest.setTimeout(30_000);

/** GET and POST /shop/orders want scopes, GET /shop/orders/7 a detail about that order, GET /shop/bare has no guard. */
type Service = (server: ResourceServer, onDenied: (denied: Denied) => void) => Promise<RequestListener>;

const isAbout = (details: readonly AuthorizationDetail[], id: string | undefined): boolean =>
  details.some((detail) => detail.type === 'order' && detail.id === id);
const METADATA = '/.well-known/oauth-protected-resource/shop';

const withFastify: Service = async (server, onDenied) => {
  const requireAccess = forFastify.makeRequireAccess(server, onDenied);
  const app = fastify();
  app.get(METADATA, async () => server.protectedResourceMetadata({ scopes_supported: ['orders:read'] }));
  app.register(
    async (shop) => {
      shop.get('/orders', { onRequest: requireAccess({ scopes: ['orders:read'] }) }, async (request) =>
        forFastify.accessOf(request),
      );
      shop.post('/orders', { preHandler: requireAccess({ scopes: ['orders:write'] }) }, async (request) =>
        forFastify.accessOf(request),
      );
      const details = (approved: readonly AuthorizationDetail[], request: FastifyRequest<{ Params: { id: string } }>) =>
        isAbout(approved, request.params.id);
      shop.get<{ Params: { id: string } }>('/orders/:id', { onRequest: requireAccess({ details }) }, async (request) =>
        forFastify.accessOf(request),
      );
      shop.get('/bare', async (request) => forFastify.accessOf(request));
    },
    { prefix: '/shop' },
  );
  await app.ready();
  return (req, res) => app.routing(req, res);
};

const withExpress: Service = async (server, onDenied) => {
  const requireAccess = forExpress.makeRequireAccess(server, onDenied);
  const app = express();
  const shop = express.Router();
  app.get(METADATA, (_, res) => void res.json(server.protectedResourceMetadata({ scopes_supported: ['orders:read'] })));
  shop.get(
    '/orders',
    requireAccess({ scopes: ['orders:read'] }),
    (req, res) => void res.json(forExpress.accessOf(req)),
  );
  shop.post(
    '/orders',
    requireAccess({ scopes: ['orders:write'] }),
    (req, res) => void res.json(forExpress.accessOf(req)),
  );
  const details = (approved: readonly AuthorizationDetail[], req: Request<{ id: string }>) =>
    isAbout(approved, req.params.id);
  shop.get('/orders/:id', requireAccess({ details }), (req, res) => void res.json(forExpress.accessOf(req)));
  shop.get('/bare', (req, res) => void res.json(forExpress.accessOf(req)));
  app.use('/shop', shop);
  app.use((_: unknown, __: Request, res: express.Response, ___: unknown) => void res.status(500).end());
  return app;
};

const withNode: Service = async (server, onDenied) => {
  const requireAccess = forNode.makeRequireAccess(server, onDenied);
  const details = (approved: readonly AuthorizationDetail[], { url }: { url?: string | undefined }) =>
    isAbout(approved, url?.split('/').at(-1));
  const guards = new Map([
    ['GET /shop/orders', requireAccess({ scopes: ['orders:read'] })],
    ['POST /shop/orders', requireAccess({ scopes: ['orders:write'] })],
    ['GET /shop/orders/7', requireAccess({ details })],
  ]);
  return async (req, res) => {
    const path = req.url?.split('?')[0];
    const json = (body: object) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === METADATA) return json(server.protectedResourceMetadata({ scopes_supported: ['orders:read'] }));
    const guard = guards.get(`${req.method} ${path}`);
    if (guard !== undefined && (await guard(req, res)) === undefined) return;
    try {
      json(forNode.accessOf(req));
    } catch {
      res.writeHead(500).end();
    }
  };
};

describe.each([
  ['fastify', withFastify],
  ['express', withExpress],
  ['node', withNode],
])('%s', (_, service) => {
  let authority: Authority;
  let listening: Listening;
  let server: ResourceServer;
  let audience: string;
  const denied: string[] = [];
  beforeAll(async () => {
    authority = await startAuthority();
    let handler: RequestListener = (_req, res) => void res.writeHead(500).end();
    listening = await listen(createServer((req, res) => handler(req, res)));
    audience = `${listening.origin}/shop`;
    server = createResourceServer({
      issuer: authority.issuer,
      audience,
      publicUrl: listening.origin,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      introspection: 'never',
    });
    handler = await service(server, ({ because }) => denied.push(because));
    await server.ready();
  });
  afterAll(async () => {
    await server.close();
    await listening.close();
    await authority.close();
  });

  const token = (claims: Claims = {}): Promise<string> => authority.token({ aud: audience, ...claims });
  const call = (shown: string | undefined, path = '/orders', method = 'GET'): Promise<Response> =>
    fetch(`${audience}${path}`, { method, headers: shown === undefined ? {} : { authorization: shown } });

  test('who calls is known in the handler', async () => {
    const response = await call(`Bearer ${await token({ jti: 'tok_here' })}`, '/orders?page=2');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ subject: 'workload:payments-deploy', jti: 'tok_here' });
  });

  test('no token: 401 that says how, what for and where to learn more, and no error', async () => {
    const response = await call(undefined);
    const about = `realm="${audience}", resource_metadata="${listening.origin}${METADATA}"`;
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer ${about}, scope="orders:read", DPoP ${about}, scope="orders:read", algs="ES256 RS256 PS256 Ed25519"`,
    );
    expect([response.status, await response.json()]).toEqual([401, {}]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('a scope too few: 403 with the scope that is missing', async () => {
    const response = await call(`Bearer ${await token({ scope: 'orders:read' })}`, '/orders', 'POST');
    expect([response.status, await response.json()]).toEqual([403, { error: 'insufficient_scope' }]);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer .*error="insufficient_scope", scope="orders:write"/,
    );
  });

  test('details decide, call by call', async () => {
    const about = (id: string) => token({ authorization_details: [{ type: 'order', id }] });
    expect((await call(`Bearer ${await about('7')}`, '/orders/7')).status).toBe(200);
    expect((await call(`Bearer ${await about('8')}`, '/orders/7')).status).toBe(403);
    expect((await call(`Bearer ${await token()}`, '/orders/7')).status).toBe(403);
  });

  test('a revoked token is refused from the moment it is heard of', async () => {
    const shown = `Bearer ${await token({ jti: 'tok_revoked', grant_id: 'grt_revoked' })}`;
    expect((await call(shown)).status).toBe(200);
    const set = { iss: authority.issuer, aud: audience, iat: 1, jti: 'evt', events: {} };
    const event = { 'urn:sallyport:event:grant-ended': { grant_id: 'grt_revoked', exp: 4_102_444_800 } };
    authority.feed.publish(await authority.signing.sign('secevent+jwt', { ...set, events: event }));
    await until('it is refused', async () => (await call(shown)).status === 401);
  });

  test('two Authorization fields: 400, whichever of them is good', async () => {
    const good = `Authorization: Bearer ${await token()}`;
    for (const fields of [`${good}\r\n${good}`, `${good}\r\nauthorization: Bearer x`])
      expect(await rawStatus(listening.origin, `GET /shop/orders HTTP/1.1\r\nHost: x\r\n${fields}`)).toBe(400);
    expect(await rawStatus(listening.origin, `GET /shop/orders HTTP/1.1\r\nHost: x\r\n${good}`)).toBe(200);
  });

  test('why a call was denied is for the service to know, not for the caller', async () => {
    denied.length = 0;
    const response = await call(`Bearer ${await token({ aud: 'https://other.test' })}`);
    expect([denied, await response.json()]).toEqual([['token_rejected'], { error: 'invalid_token' }]);
  });

  test('a handler without a guard knows nobody', async () => {
    expect((await call(`Bearer ${await token()}`, '/bare')).status).toBe(500);
  });

  test('a route that needs nothing is a mistake that shows at once', () => {
    expect(() => forNode.makeRequireAccess(server)({})).toThrow(TypeError);
    expect(() => forExpress.makeRequireAccess(server)({ scopes: [] })).toThrow(TypeError);
    expect(() => forFastify.makeRequireAccess(server)({ scopes: ['a b'] })).toThrow(TypeError);
  });

  describe('with oauth4webapi', () => {
    const INSECURE = { [oauth.allowInsecureRequests]: true };

    test('a protected resource request with DPoP, proof and all', async () => {
      const holder = await aHolder();
      const DPoP = oauth.DPoP({}, holder.pair);
      const shown = await token({ cnf: { jkt: holder.jkt } });
      const url = new URL(`${audience}/orders?page=2`);
      for (const method of ['GET', 'POST']) {
        const response = await oauth.protectedResourceRequest(shown, method, url, undefined, null, {
          DPoP,
          ...INSECURE,
        });
        expect(await response.json()).toMatchObject({ confirmation: { jkt: holder.jkt } });
      }
    });

    test('D13: its challenge for a bound token without a proof', async () => {
      const shown = await token({ cnf: { jkt: (await aHolder()).jkt } });
      const url = new URL(`${audience}/orders`);
      const refused = oauth.protectedResourceRequest(shown, 'GET', url, undefined, null, INSECURE);
      const problem = await refused.catch((error: unknown) => error);
      if (!(problem instanceof oauth.WWWAuthenticateChallengeError)) throw new Error('no challenge');
      const [bearer, dpop] = problem.cause;
      expect(problem.status).toBe(401);
      expect(bearer).toMatchObject({ scheme: 'bearer', parameters: { error: 'invalid_token', scope: 'orders:read' } });
      expect(dpop).toMatchObject({ scheme: 'dpop', parameters: { algs: 'ES256 RS256 PS256 Ed25519' } });
      expect(dpop?.parameters).not.toHaveProperty('error');
    });

    test('the 401 leads to metadata about this resource, and that to the issuer', async () => {
      const announced = /resource_metadata="([^"]+)"/.exec(
        (await call(undefined)).headers.get('www-authenticate') ?? '',
      );
      const resource = new URL(audience);
      const response = await oauth.resourceDiscoveryRequest(resource, INSECURE);
      expect(response.url).toBe(announced?.[1]);
      expect(await oauth.processResourceDiscoveryResponse(resource, response)).toEqual({
        resource: audience,
        authorization_servers: [authority.issuer],
        scopes_supported: ['orders:read'],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'Ed25519'],
        dpop_bound_access_tokens_required: false,
      });
    });
  });

  test('an outage is 503 with Retry-After, never a pass', async () => {
    const shown = `Bearer ${await token()}`;
    const blind = createResourceServer({ issuer: 'http://127.0.0.1:9', audience, publicUrl: listening.origin });
    const other = await listen(createServer(await service(blind, () => {})));
    try {
      const response = await fetch(`${other.origin}/shop/orders`, { headers: { authorization: shown } });
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(response.headers.has('www-authenticate')).toBe(false);
    } finally {
      await other.close();
      await blind.close();
    }
  });
});

/** The status a request gets that is written by hand. */
async function rawStatus(origin: string, head: string): Promise<number> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
}
