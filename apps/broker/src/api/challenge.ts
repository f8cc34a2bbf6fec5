/** The challenge of a door: what every 401 of a scope says about how to come in (RFC 9110 section 11.6.1). */
import type { FastifyInstance } from 'fastify';

/** From here on each 401 of this scope carries it. */
export function challenges(app: FastifyInstance, challenge: string): void {
  app.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 401) reply.header('www-authenticate', challenge);
  });
}
