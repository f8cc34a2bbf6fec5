/** The two files the pages load: the style sheet and the script. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { namesEtag } from '../etag.ts';
import { LIVE_JS } from './live-script.ts';
import { STYLE_CSS } from './style.ts';

const ASSETS = {
  '/web/style.css': { type: 'text/css; charset=utf-8', text: STYLE_CSS },
  '/web/live.js': { type: 'text/javascript; charset=utf-8', text: LIVE_JS },
} as const;

/** Registers both. */
export function assetRoutes(app: FastifyInstance): void {
  for (const [url, { type, text }] of Object.entries(ASSETS)) {
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      reply.headers({ 'cache-control': 'public, max-age=300', etag });
      const known = request.headers['if-none-match'];
      if (known !== undefined && namesEtag(known, etag)) return reply.code(304).send();
      return reply.header('content-type', type).send(text);
    });
  }
}
