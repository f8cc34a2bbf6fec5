/** The broker's server: limits, correlation id, headers, routes, and what a fault looks like from outside. */
import swagger from '@fastify/swagger';
import { httpLimits, randomToken, securityHeaders } from '@sallyport/platform';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { accessRequestRoutes } from './api/access-requests.ts';
import { requireCaller } from './api/api-auth.ts';
import { challenges } from './api/challenge.ts';
import { decisionRoutes } from './api/decisions.ts';
import { docsRoutes } from './api/docs.ts';
import { requireReader } from './api/feed-auth.ts';
import { grantRoutes } from './api/grants.ts';
import { jsonBodies } from './api/json-body.ts';
import { openapiInfo } from './api/openapi.ts';
import { apiErrors, notFound, sendUnreadable } from './api/problem.ts';
import { revocationRoutes } from './api/revocations.ts';
import type { BrokerDeps } from './deps.ts';
import { backchannelRoute } from './oauth/backchannel.ts';
import { deviceAuthorizationRoute } from './oauth/device-authorization.ts';
import { introspectRoute } from './oauth/introspect.ts';
import { metadataRoutes } from './oauth/metadata.ts';
import { oauthErrors, oauthNotFound } from './oauth/oauth-error.ts';
import { bearerChallenge } from './oauth/protected-resource.ts';
import { revokeRoute } from './oauth/revoke.ts';
import { statusListRoute } from './oauth/status-list.ts';
import { tokenRoute } from './oauth/token.ts';
import { hostProblem, refuseExpectation, refuseUnparsed } from './unparsed.ts';
import { webRoutes } from './web/routes.ts';

const BODY_BYTES_MAX = 64 * 1024;
const OPS = new Set(['/healthz', '/readyz', '/metrics']);

/** Builds the server, not yet listening. */
export async function buildServer(deps: BrokerDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: httpLimits.requestTimeout,
    keepAliveTimeout: httpLimits.keepAliveTimeout,
    http: {
      headersTimeout: httpLimits.headersTimeout,
      maxHeaderSize: httpLimits.maxHeaderSize,
      connectionsCheckingInterval: httpLimits.connectionsCheckingInterval,
      requireHostHeader: false, // we do, with the headers every answer has
    },
    clientErrorHandler: refuseUnparsed(deps.logger),
    genReqId: () => randomToken(16),
    trustProxy: false,
    // A request that still comes in on an open connection while we drain is answered, and the connection closed.
    return503OnClosing: false,
    frameworkErrors: (thrown, request, reply) => {
      setHeaders(deps, request, reply);
      sendUnreadable(reply, thrown.statusCode ?? 400);
    },
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true, maxParamLength: httpLimits.maxHeaderSize },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.on('checkExpectation', refuseExpectation);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // Plain callbacks: these run with every request, and a promise each would cost more than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(deps, request, reply);
    done(hostProblem(request));
  });
  // Said with the answer, not the question: a poll may have been held since before we began to drain.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (deps.draining.aborted) reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    logAnswer(deps, request, reply);
    done();
  });
  await app.register(swagger, { openapi: openapiInfo(deps.issuer), transform: jsonSchemaTransform });
  app.setNotFoundHandler((request, reply) =>
    request.url.startsWith('/oauth/') ? oauthNotFound(reply) : notFound(reply),
  );
  // Before the scopes: they take over what is set when they are made.
  apiErrors(app, deps);
  opsRoutes(app, deps);
  await app.register(async (scope) => {
    oauthErrors(scope, deps);
    metadataRoutes(scope, deps);
  });
  await app.register(async (scope) => docsRoutes(scope));
  await app.register(async (scope) => {
    oauthErrors(scope, deps);
    tokenRoute(scope, deps);
    backchannelRoute(scope, deps);
    deviceAuthorizationRoute(scope, deps);
    introspectRoute(scope, deps);
    revokeRoute(scope, deps);
    statusListRoute(scope, deps);
  });
  await app.register(async (scope) => webRoutes(scope, deps));
  await app.register(async (scope) => {
    apiErrors(scope, deps);
    jsonBodies(scope);
    challenges(scope, bearerChallenge(deps.issuer));
    requireCaller(scope, deps);
    accessRequestRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps);
    decisionRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps);
    grantRoutes(scope.withTypeProvider<ZodTypeProvider>(), deps);
  });
  await app.register(async (scope) => {
    apiErrors(scope, deps);
    requireReader(scope, deps);
    revocationRoutes(scope, deps);
  });
  await app.ready();
  return app;
}

/** One line for each answer; who asks whether we live is not worth one. */
function logAnswer({ logger }: BrokerDeps, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'unknown';
  if (OPS.has(route)) return;
  logger.info('http.answered', {
    traceId: request.id,
    method: request.method,
    route,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
  });
}

/** What every answer carries, also those of the framework itself. */
function setHeaders(deps: BrokerDeps, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ ...securityHeaders, 'x-correlation-id': request.id });
  if (deps.issuer.startsWith('https:'))
    reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
}

function opsRoutes(app: FastifyInstance, { ops }: BrokerDeps): void {
  for (const url of OPS) {
    app.all(url, { schema: { hide: true } }, async (request, reply) => {
      reply.hijack();
      await ops.handle(request.raw, reply.raw);
    });
  }
}
