/** `requireAccess` for Express 5: a middleware. Written against `node:http`, whose objects Express's own are. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResourceServer } from '../resource-server.ts';
import type { Denied, Verified } from '../verdict.ts';
import { remember } from './answer.ts';
import { sendDenied } from './node.ts';
import { needsOf, type OnDenied, type RouteNeed } from './route-need.ts';

export { accessOf } from './answer.ts';
export type { OnDenied, RouteNeed } from './route-need.ts';

export type Middleware<Request> = (req: Request, res: ServerResponse, next: (problem?: unknown) => void) => void;

/** The request is as the predicate has it, whatever the route would like. */
export type RequireAccess = <Request extends IncomingMessage = IncomingMessage>(
  need: RouteNeed<Request>,
) => Middleware<NoInfer<Request>>;

/** @returns `requireAccess`: `app.get('/orders', requireAccess({ scopes: ['orders:read'] }), handler)` */
export function makeRequireAccess(
  server: ResourceServer,
  onDenied: OnDenied<IncomingMessage> = () => {},
): RequireAccess {
  return (need) => {
    const needOf = needsOf(need);
    return (req, res, next) => {
      const pass = (verdict: Verified | Denied): void => {
        if (verdict.ok) {
          remember(req, verdict);
          next();
        } else {
          onDenied(verdict, req);
          sendDenied(res, verdict);
        }
      };
      server.verify(req, needOf(req)).then(pass).catch(next);
    };
  };
}
