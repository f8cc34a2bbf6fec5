/** What every adapter does alike: headers and body of a denial, and remembering who a call turned out to be. */
import type { Denied, Verified } from '../verdict.ts';

/** What is sent with a denial beside its headers: the standard code, if there is one. */
export function bodyOf({ error }: Denied): string {
  return JSON.stringify(error === undefined ? {} : { error });
}

/** All headers of a denial. */
export function headersOf({ headers }: Denied): Readonly<Record<string, string>> {
  return { ...headers, 'content-type': 'application/json' };
}

const known = new WeakMap<object, Verified>();

/** Remembers for as long as the request is there. */
export function remember(request: object, verified: Verified): void {
  known.set(request, verified);
}

/**
 * Who calls: what `requireAccess` found out about this request.
 * @throws Error when no `requireAccess` let this request pass: a route without one is a bug
 */
export function accessOf(request: object): Verified {
  const verified = known.get(request);
  if (verified === undefined) throw new Error('accessOf: no requireAccess stands before this handler');
  return verified;
}
