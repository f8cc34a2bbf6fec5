/** The orders API: two endpoints, and one line for each call: who did what, under which grant. */
import type { ResourceServer } from '@sallyport/resource-server';
import { accessOf, makeRequireAccess } from '@sallyport/resource-server/fastify';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';

export interface OrdersApiDeps {
  readonly access: ResourceServer;
  /** Where the lines go. */
  readonly say: (line: string) => void;
}

interface Order {
  readonly id: number;
  readonly item: string;
  readonly by: string;
}

const ORDERS_MAX = 1_000;
const orderSchema = {
  type: 'object',
  required: ['item'],
  additionalProperties: false,
  properties: { item: { type: 'string', minLength: 1, maxLength: 100 } },
} as const;

/** The service, not yet listening. Its orders live as long as it does. */
export function makeOrdersApi({ access, say }: OrdersApiDeps): FastifyInstance {
  const app = fastify();
  const orders: Order[] = [];
  const requireAccess = makeRequireAccess(access, ({ status, because }, { method, url }) =>
    say(`${status} ${method} ${url}: ${because}`),
  );
  const did = (what: string, request: FastifyRequest): void => {
    const { subject, actors, grantId, requestId, clientId } = accessOf(request);
    const through = actors.map((actor) => ` through ${actor.subject}`).join('');
    say(`${subject}${through} ${what}, under grant ${grantId} of request ${requestId}, by client ${clientId}`);
  };

  app.get('/orders', { onRequest: requireAccess({ scopes: ['orders:read'] }) }, async (request) => {
    did(`read ${orders.length} orders`, request);
    return { orders };
  });

  app.post<{ Body: { item: string } }>(
    '/orders',
    { onRequest: requireAccess({ scopes: ['orders:write'] }), schema: { body: orderSchema } },
    async (request, reply) => {
      if (orders.length === ORDERS_MAX) return reply.code(507).send({ error: 'this example is full' });
      const order = { id: orders.length + 1, item: request.body.item, by: accessOf(request).subject };
      orders.push(order);
      did(`wrote order ${order.id}`, request);
      return reply.code(201).send(order);
    },
  );

  app.get('/.well-known/oauth-protected-resource', async () =>
    access.protectedResourceMetadata({ scopes_supported: ['orders:read', 'orders:write'] }),
  );
  app.get('/healthz', async () => access.health());
  app.addHook('onClose', () => access.close());
  return app;
}
