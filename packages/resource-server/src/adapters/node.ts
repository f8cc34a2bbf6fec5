/** `requireAccess` for plain `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResourceServer } from '../resource-server.ts';
import type { Denied, Verified } from '../verdict.ts';
import { bodyOf, headersOf, remember } from './answer.ts';
import { needsOf, type OnDenied, type RouteNeed } from './route-need.ts';

export { accessOf } from './answer.ts';
export type { OnDenied, RouteNeed } from './route-need.ts';

/** Who calls; undefined: nobody who may, and the answer is sent. */
export type Guard = (req: IncomingMessage, res: ServerResponse) => Promise<Verified | undefined>;

/** @returns `requireAccess`: `if ((await requireAccess({ scopes })(req, res)) === undefined) return;` */
export function makeRequireAccess(
  server: ResourceServer,
  onDenied: OnDenied<IncomingMessage> = () => {},
): (need: RouteNeed<IncomingMessage>) => Guard {
  return (need) => {
    const needOf = needsOf(need);
    return async (req, res) => {
      const verdict = await server.verify(req, needOf(req));
      if (!verdict.ok) {
        onDenied(verdict, req);
        sendDenied(res, verdict);
        return undefined;
      }
      remember(req, verdict);
      return verdict;
    };
  };
}

/** Ends a response with a denial. */
export function sendDenied(res: ServerResponse, denied: Denied): void {
  res.writeHead(denied.status, headersOf(denied)).end(bodyOf(denied));
}
