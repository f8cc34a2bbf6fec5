/** Who is calling the REST door: set once the bearer token is verified, read by the routes. */
import type { Attribution, VerifiedSubject } from '@sallyport/core';
import type { FastifyRequest } from 'fastify';

export interface Caller {
  readonly subject: VerifiedSubject;
  readonly by: Attribution;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers who is calling, for as long as the request lives. */
export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Who is calling, if that is known by now: an error may come before. */
export function knownCaller(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Who is calling. Throws outside the authenticated scope: a bug. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('a route outside the authenticated scope asked for its caller');
  return caller;
}
