/** Answers anybody may read and keep, browsers too: with an entity tag, for GET and HEAD only. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { namesEtag } from './etag.ts';
import { sendOAuth } from './oauth/oauth-error.ts';

export interface PublicAnswer {
  readonly text: string;
  readonly mediaType: string;
  /** How long a cache may keep it. */
  readonly maxAgeSeconds: number;
}

/** Sends it, or 304 to who has it. */
export function sendPublic(
  request: FastifyRequest,
  reply: FastifyReply,
  { text, mediaType, maxAgeSeconds }: PublicAnswer,
): FastifyReply {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  reply.headers({
    'cache-control': `public, max-age=${maxAgeSeconds}`,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    etag,
  });
  const known = request.headers['if-none-match'];
  if (known !== undefined && namesEtag(known, etag)) return reply.code(304).send();
  return reply.code(200).header('content-type', mediaType).send(text);
}

/** Other methods are 405. */
export function onlyGet(app: FastifyInstance, url: string): void {
  app.route({
    method: app.supportedMethods.filter((method) => method !== 'GET' && method !== 'HEAD'),
    url,
    schema: { hide: true },
    serializerCompiler: () => (data) => String(data),
    handler: async (_request, reply) =>
      sendOAuth(reply.header('allow', 'GET, HEAD'), 405, { error: 'invalid_request', error_description: 'use GET' }),
  });
}
