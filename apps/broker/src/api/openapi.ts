/** The OpenAPI document: its head, and the finish: media types, examples and words the routes themselves cannot say. */
import { GRANT_TYPE, TOKEN_TYPE } from '../oauth/names.ts';

export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly type?: string | readonly string[];
  readonly description?: string;
}

export interface Example {
  readonly summary: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Body {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, Example>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

export interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, Body>>;
}

export interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Body>> };
  readonly responses?: Readonly<Record<string, Answer>>;
}

export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The head of the document, for @fastify/swagger. */
export function openapiInfo(issuer: string) {
  return {
    openapi: '3.1.0' as const,
    info: {
      title: 'Sallyport broker',
      version: '1',
      description:
        'Just-in-time access: ask for a narrow access for a short time, get it approved, exchange it for a short-lived OAuth 2.0 token. Errors under /v1 are application/problem+json with a stable `code`; under /oauth they are OAuth errors.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: issuer }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http' as const,
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            "A token of a trusted issuer for the audience configured for it: an engineer's ID token or a CI job's OIDC token. Never one of Sallyport's own.",
        },
        client: {
          type: 'http' as const,
          scheme: 'basic',
          description: 'An OAuth client with a secret (RFC 6749 section 2.3.1).',
        },
      },
    },
    tags: [
      { name: 'Access requests', description: 'Ask for an access, follow it, decide on those of others.' },
      { name: 'Grants', description: 'What approved requests gave, and ending it early.' },
      { name: 'Revocations', description: 'What ended before its time, for those who only verify tokens.' },
      { name: 'OAuth', description: 'From an approved access to a token, and whether that token is good.' },
      { name: 'Metadata', description: 'What clients and resource servers read.' },
    ],
  };
}

const EXCHANGE = {
  grant_type: GRANT_TYPE.tokenExchange,
  client_id: 'ci',
  subject_token: '$JOB_TOKEN',
  subject_token_type: TOKEN_TYPE.idToken,
  audience: 'https://orders-db.acme.test',
  scope: 'orders:read',
};
const EXAMPLES: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  '/oauth/token': {
    exchange: { summary: 'Exchange for an access that was approved', value: EXCHANGE },
    wait: {
      summary: 'Ask for it in the same call, and get a handle to wait with',
      value: { ...EXCHANGE, completion_mode: 'deferred', reason: 'Backfill of the orders that failed' },
    },
    poll: {
      summary: 'Poll with the handle, no sooner than `interval` seconds',
      value: { grant_type: GRANT_TYPE.deferred, client_id: 'ci', deferral_code: '$DEFERRAL_CODE' },
    },
  },
  '/oauth/bc-authorize': {
    start: {
      summary: 'Ask for whom a token names, and get what to poll with',
      value: {
        client_id: 'ci',
        login_hint_token: '$JOB_TOKEN',
        audience: 'https://orders-db.acme.test',
        scope: 'orders:read',
        binding_message: 'deploy 4711',
      },
    },
  },
  '/oauth/device_authorization': {
    start: {
      summary: 'Begin, and show the user code to the person at the device',
      value: { client_id: 'psql', scope: 'orders:read', reason: 'Look at the orders that failed' },
    },
  },
  '/oauth/introspect': { introspect: { summary: 'Ask as a resource server', value: { token: '$ACCESS_TOKEN' } } },
  '/oauth/revoke': {
    revoke: { summary: 'Give a token back', value: { client_id: 'ci', token: '$ACCESS_TOKEN' } },
  },
  '/v1/access-requests': {
    workload: {
      summary: 'For a pipeline you own',
      value: {
        resource: 'orders-db',
        role: 'admin',
        duration: '30m',
        justification: 'Backfill of the orders that failed',
        subject: { workload: 'payments-deploy' },
      },
    },
  },
  '/v1/access-requests/{id}/decisions': {
    approve: { summary: 'Approve', value: { verdict: 'approve', revision: 1 } },
    narrow: { summary: 'Approve for less', value: { verdict: 'approve', revision: 1, narrow: { duration: '15m' } } },
    deny: { summary: 'Deny', value: { verdict: 'deny', revision: 1, reason: 'Please wait for the freeze to end' } },
  },
};
const UNCHANGED: Answer = { description: 'Nothing changed since If-None-Match, also not while the answer was held' };

/** The document as it is published: what the generator made of the routes, tidied and with examples. */
export function finishDocument(made: object): OpenApiDocument {
  const document = tidy(made) as OpenApiDocument;
  const paths = Object.entries(document.paths ?? {}).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [method, finishOperation(path, method, operation)]),
    ),
  ]);
  return { ...document, paths: Object.fromEntries(paths) };
}

function finishOperation(path: string, method: string, { requestBody, ...operation }: Operation): Operation {
  const responses = Object.entries(operation.responses ?? {}).map(([status, answer]) => [
    status,
    finishAnswer(path, Number(status), answer),
  ]);
  const unchanged = path === '/v1/access-requests/{id}' ? { 304: UNCHANGED } : {};
  return {
    operationId: operationId(method, path),
    ...operation,
    ...(requestBody === undefined || takesNoBody(requestBody) ? {} : { requestBody: withExamples(path, requestBody) }),
    responses: { ...Object.fromEntries(responses), ...unchanged },
  };
}

/** `postV1AccessRequestsIdCancel`: what client generators call it. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function finishAnswer(path: string, status: number, { content, description, ...answer }: Answer): Answer {
  const words = description === 'Default Response' ? 'The document' : description;
  if (content === undefined || path === '/oauth/revoke') {
    return status === 200 || content === undefined
      ? { ...answer, description: words }
      : { ...answer, description: words, content };
  }
  const [body] = Object.values(content);
  const named = mediaOf(path, status).map((media) => [media, mediaBody(media, body)]);
  return { ...answer, description: words, content: Object.fromEntries(named) };
}

/** What else than JSON an operation answers. */
const OTHER_MEDIA: Readonly<Record<string, readonly string[]>> = {
  '/v1/revocations': ['application/json', 'text/event-stream'],
  '/oauth/introspect': ['application/json', 'application/token-introspection+jwt'],
  '/oauth/status-lists/{id}': ['application/statuslist+jwt'],
};

function mediaOf(path: string, status: number): readonly string[] {
  if (path.startsWith('/v1/') && status >= 400) return ['application/problem+json'];
  return (status === 200 ? OTHER_MEDIA[path] : undefined) ?? ['application/json'];
}

/** The schema is that of the JSON; what is a text otherwise is described by its media type. */
function mediaBody(media: string, body: Body | undefined): Body {
  return media.endsWith('json') && body !== undefined ? body : { schema: { type: 'string' } };
}

/** Cancel and revoke forgive an empty body; that is nothing to advertise. */
function takesNoBody({ content }: NonNullable<Operation['requestBody']>): boolean {
  return Object.values(content).every(
    ({ schema }) => schema !== undefined && schema.type === undefined && schema.properties === undefined,
  );
}

function withExamples(
  path: string,
  body: NonNullable<Operation['requestBody']>,
): NonNullable<Operation['requestBody']> {
  const examples = EXAMPLES[path];
  if (examples === undefined) return body;
  const content = Object.entries(body.content).map(([media, one]) => [media, { ...one, examples }]);
  return { ...body, content: Object.fromEntries(content) };
}

/** Drops what says nothing: the bounds of JavaScript's own integers, the type of names. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, member]) =>
      !(name === 'minimum' && member === Number.MIN_SAFE_INTEGER) &&
      !(name === 'maximum' && member === Number.MAX_SAFE_INTEGER) &&
      name !== 'propertyNames',
  );
  return Object.fromEntries(kept.map(([name, member]) => [name, tidy(member)]));
}
