/** `requireAccess` for Fastify 5: a hook. Written against the few members it uses, so that nothing of Fastify is imported. */
import type { IncomingCall } from '../credentials.ts';
import type { ResourceServer } from '../resource-server.ts';
import { bodyOf, headersOf, remember } from './answer.ts';
import { needsOf, type OnDenied, type RouteNeed } from './route-need.ts';

export { accessOf } from './answer.ts';
export type { OnDenied, RouteNeed } from './route-need.ts';

/** What is used of a FastifyRequest. */
export interface RequestLike extends IncomingCall {
  readonly raw: { readonly rawHeaders?: readonly string[] };
}

/** What is used of a FastifyReply. */
export interface ReplyLike {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(payload: string): unknown;
}

export type Hook<Request> = (request: Request, reply: ReplyLike) => Promise<unknown>;

/** The request is as the predicate has it, whatever the route would like. */
export type RequireAccess = <Request extends RequestLike = RequestLike>(
  need: RouteNeed<Request>,
) => Hook<NoInfer<Request>>;

/**
 * @returns `requireAccess`: `app.get('/orders', { onRequest: requireAccess({ scopes: ['orders:read'] }) }, handler)`.
 * As `onRequest` it refuses before a body is read; a predicate that looks at the body belongs into `preHandler`
 */
export function makeRequireAccess(server: ResourceServer, onDenied: OnDenied<RequestLike> = () => {}): RequireAccess {
  return (need) => {
    const needOf = needsOf(need);
    return async (request, reply) => {
      const verdict = await server.verify(callOf(request), needOf(request));
      if (verdict.ok) {
        remember(request, verdict);
        return undefined;
      }
      onDenied(verdict, request);
      reply.code(verdict.status);
      reply.headers({ ...headersOf(verdict) });
      reply.send(bodyOf(verdict));
      // An async hook that has answered says so by returning the reply.
      return reply;
    };
  };
}

/** Fastify's request shows headers as Node parsed them; the raw ones tell of doubled fields. */
function callOf({ method, url, originalUrl, headers, raw }: RequestLike): IncomingCall {
  return { method, url, originalUrl, headers, rawHeaders: raw.rawHeaders };
}
