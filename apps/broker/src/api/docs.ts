/** /openapi.json, and /docs: the same document as a readable page, without scripts. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DOCS_CSS, docsPage } from './docs-page.ts';
import { finishDocument } from './openapi.ts';

/** Registers both. */
export function docsRoutes(app: FastifyInstance): void {
  const style = createHash('sha256').update(DOCS_CSS).digest('base64');
  const csp = `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const schema = { tags: ['Metadata'], summary: 'This document', response: { 200: z.record(z.string(), z.unknown()) } };
  app.get('/openapi.json', { schema, serializerCompiler: () => (data) => String(data) }, async (_request, reply) =>
    reply
      .headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' })
      .send(JSON.stringify(finishDocument(app.swagger()))),
  );
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'public, max-age=300',
        'content-security-policy': csp,
      })
      .send(docsPage(finishDocument(app.swagger()))),
  );
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs', 302));
}
