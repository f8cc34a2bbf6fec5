/** `requireAccess` for Express 5: a middleware. Written against `node:http`, whose objects Express's own are. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResourceServer } from '../resource-server.ts';
import { remember } from './answer.ts';
import { sendDenied } from './node.ts';
import { needsOf, type RouteNeed } from './route-need.ts';

export { accessOf } from './answer.ts';
export type { RouteNeed } from './route-need.ts';

export type Middleware<Request> = (req: Request, res: ServerResponse, next: (problem?: unknown) => void) => void;

export type RequireAccess = <Request extends IncomingMessage = IncomingMessage>(
  need: RouteNeed<Request>,
) => Middleware<Request>;

/** @returns `requireAccess`: `app.get('/orders', requireAccess({ scopes: ['orders:read'] }), handler)` */
export function makeRequireAccess(server: ResourceServer): RequireAccess {
  return (need) => {
    const needOf = needsOf(need);
    return (req, res, next) => {
      server.verify(req, needOf(req)).then((verdict) => {
        if (!verdict.ok) return sendDenied(res, verdict);
        remember(req, verdict);
        next();
      }, next);
    };
  };
}
