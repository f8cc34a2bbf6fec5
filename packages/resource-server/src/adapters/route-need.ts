/** What a route says it needs, with its predicate over the details of one request. */
import { checkedNeed, type Need } from '../need.ts';
import type { AuthorizationDetail, Denied } from '../verdict.ts';

export interface RouteNeed<Request> {
  /** All of these. */
  readonly scopes?: readonly string[] | undefined;
  /** Whether the `authorization_details` that were approved cover this request; false: 403. Empty unless asked for. */
  readonly details?: ((details: readonly AuthorizationDetail[], request: Request) => boolean) | undefined;
}

/** Hears of every denial, for your log: `because` says more than the caller is told. */
export type OnDenied<Request> = (denied: Denied, request: Request) => void;

/**
 * The need of a route, request by request; checked at once, so that a mistake shows when the service starts.
 * @throws TypeError when the route asks for nothing, or for what is no scope
 */
export function needsOf<Request>({ scopes = [], details }: RouteNeed<Request>): (request: Request) => Need {
  checkedNeed({ scopes, details: details === undefined ? undefined : () => false });
  if (details === undefined) return () => ({ scopes });
  return (request) => ({ scopes, details: (approved) => details(approved, request) });
}
