/** What a route needs of a token: scopes, all of them, and what its `authorization_details` must say. */
import type { AuthorizationDetail } from './verdict.ts';

export interface Need {
  /** All of these. */
  readonly scopes: readonly string[];
  /** Whether what was approved covers this call. Undefined: the scopes say it all. */
  readonly details?: ((details: readonly AuthorizationDetail[]) => boolean) | undefined;
}

/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * A need that can be stated in a challenge.
 * @throws TypeError when it asks for nothing, which would let any token in, or a scope is not one (RFC 6749 section 3.3)
 */
export function checkedNeed(need: Need): Need {
  if (need.scopes.length === 0 && need.details === undefined)
    throw new TypeError('requireAccess needs a scope or a predicate over the details: without one any token would do');
  const wrong = need.scopes.find((scope) => !SCOPE.test(scope));
  if (wrong !== undefined) throw new TypeError(`requireAccess: ${JSON.stringify(wrong)} is not a scope`);
  return need;
}
