/** /openapi.json is a valid OpenAPI 3.1 document of all there is and nothing else; /docs shows it without a script. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type BrokerHouse, ISSUER, startBrokerHouse } from '../testing/broker-house.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';

const OPERATIONS = [
  'get /.well-known/oauth-authorization-server',
  'get /.well-known/oauth-protected-resource/v1',
  'get /.well-known/openid-configuration',
  'get /oauth/jwks',
  'get /oauth/status-lists/{id}',
  'get /openapi.json',
  'get /v1/access-requests',
  'get /v1/access-requests/{id}',
  'get /v1/grants',
  'get /v1/grants/{id}',
  'get /v1/revocations',
  'post /oauth/bc-authorize',
  'post /oauth/device_authorization',
  'post /oauth/introspect',
  'post /oauth/revoke',
  'post /oauth/token',
  'post /v1/access-requests',
  'post /v1/access-requests/{id}/cancel',
  'post /v1/access-requests/{id}/decisions',
  'post /v1/grants/{id}/revoke',
];

/** What an answer of an operation is in. */
function mediaOf(name: string, status: number): readonly string[] {
  if (name.includes('/v1/') && status >= 400) return ['application/problem+json'];
  if (status !== 200) return ['application/json'];
  if (name === 'get /v1/revocations') return ['application/json', 'text/event-stream'];
  if (name === 'post /oauth/introspect') return ['application/json', 'application/token-introspection+jwt'];
  return name.includes('status-lists') ? ['application/statuslist+jwt'] : ['application/json'];
}

let house: BrokerHouse;
let document: OpenApiDocument & { readonly openapi: string };
let operations: readonly (readonly [string, Operation])[];
beforeAll(async () => {
  house = await startBrokerHouse();
  await house.world.statuses.take();
  document = (await house.app.inject({ url: '/openapi.json' })).json();
  operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
});
afterAll(() => house.close());

describe('/openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result.errors).toBe(undefined);
    expect([result.valid, validator.version, document.openapi]).toEqual([true, '3.1', '3.1.0']);
  });

  test('has every operation, and none that is not built', () => {
    expect(operations.map(([name]) => name).sort()).toEqual(OPERATIONS);
    expect(document.servers).toEqual([{ url: ISSUER }]);
  });

  test('every operation is there: it answers something else than 404', async () => {
    for (const [name] of operations) {
      const [method = '', path = ''] = name.split(' ');
      // A list is there once a token may be in it.
      const url = path.replace('{id}', path.includes('status-lists') ? '0' : 'x');
      const answer = await house.app.inject({ method: method === 'get' ? 'GET' : 'POST', url });
      expect([name, answer.statusCode === 404]).toEqual([name, false]);
    }
  });

  test('every operation says in words what it does, who may call it, and what it answers', () => {
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
    for (const [name, { summary, tags, responses = {} }] of operations) {
      expect([name, (summary ?? '').length > 10, tags?.length]).toEqual([name, true, 1]);
      for (const [status, { description }] of Object.entries(responses)) {
        expect([name, status, /\w/.test(description) && description !== 'Default Response']).toEqual([
          name,
          status,
          true,
        ]);
      }
    }
    const guarded = operations.filter(([name]) => name.includes('/v1/'));
    for (const [name, { security }] of guarded)
      expect([name, security]).toEqual([name, [name.includes('revocations') ? { client: [] } : { bearer: [] }]]);
  });

  test('refusals under /v1 are problem+json; forms are forms; examples are what the doors take', () => {
    for (const [name, { responses = {}, requestBody }] of operations) {
      for (const [status, { content = {} }] of Object.entries(responses)) {
        if (Object.keys(content).length > 0)
          expect([name, status, Object.keys(content)]).toEqual([name, status, mediaOf(name, Number(status))]);
      }
      const [media, body] = Object.entries(requestBody?.content ?? {})[0] ?? [];
      if (media === undefined) continue;
      expect(media).toBe(name.includes('/oauth/') ? 'application/x-www-form-urlencoded' : 'application/json');
      const members = Object.keys(body?.schema?.properties ?? {});
      for (const { value } of Object.values(body?.examples ?? {}))
        expect(members).toEqual(expect.arrayContaining(Object.keys(value)));
      expect([name, Object.keys(body?.examples ?? {}).length > 0]).toEqual([name, true]);
    }
  });
});

describe('/docs', () => {
  let page: { readonly html: string; readonly csp: string };
  beforeAll(async () => {
    const answer = await house.app.inject({ url: '/docs' });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    page = { html: answer.payload, csp: String(answer.headers['content-security-policy']) };
  });

  test('allows its one style sheet by hash, and nothing else at all', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page.html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.csp).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(page.html.match(/<style>/g)).toHaveLength(1);
  });

  test('has no script, no inline style, no event handler, nothing from elsewhere', () => {
    expect(page.html).not.toMatch(/<script|<link|<img|<iframe|<form|javascript:|\sstyle=|\son[a-z]+=/i);
    const hrefs = [...page.html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);
    for (const href of hrefs) expect(href).toMatch(/^(#|\/)/);
  });

  test('shows every operation, with a link to each that goes somewhere', () => {
    const ids = [...page.html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [name, { operationId }] of operations) {
      expect(ids).toContain(operationId);
      expect(page.html).toContain(`>${name.split(' ')[1]}<`);
    }
    const anchors = [...page.html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    for (const anchor of anchors) expect(ids).toContain(anchor);
  });

  test('is a page of its own: language, title, one main heading, landmarks', () => {
    expect(page.html).toMatch(/^<!doctype html><html lang="en">/);
    expect(page.html.match(/<h1>/g)).toHaveLength(1);
    for (const part of ['<title>', '<main', '<nav aria-label=', 'name="viewport"']) expect(page.html).toContain(part);
  });
});
