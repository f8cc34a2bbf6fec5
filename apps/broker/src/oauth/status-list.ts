/** GET /oauth/status-lists/{id}: which of many tokens are over, signed, for anybody (draft-ietf-oauth-status-list section 8). */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { BrokerDeps } from '../deps.ts';
import { onlyGet, sendPublic } from '../public-answer.ts';
import { oauthNotFound } from './oauth-error.ts';
import { statusListSchema } from './schemas.ts';

const URL = '/oauth/status-lists/:id';
const MEDIA_TYPE = 'application/statuslist+jwt';
/** Shortest spelling only: one list has one address. */
const NUMBER = /^(?:0|[1-9]\d{0,8})$/;

/** Registers the endpoint. */
export function statusListRoute(plain: FastifyInstance, deps: BrokerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.get(
    URL,
    { schema: statusListSchema, serializerCompiler: () => (data) => String(data) },
    async (request, reply) => {
      const { id } = request.params;
      const list = NUMBER.test(id) ? await deps.statusLists(Number(id)) : undefined;
      if (list === undefined) return oauthNotFound(reply);
      return sendPublic(request, reply, { text: list.jwt, mediaType: MEDIA_TYPE, maxAgeSeconds: list.ttlSeconds });
    },
  );
  onlyGet(app, URL);
}
