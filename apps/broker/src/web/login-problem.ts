/** Why nobody was signed in: what `openid-client` throws, as a value with a code for the log. */
import { err, ok, type Result } from '@sallyport/core';
import { IssuerUnreachable } from '@sallyport/tokens';
import * as client from 'openid-client';

export interface LoginProblem {
  readonly kind: 'declined' | 'refused' | 'unreachable';
  /** One stable word, for the log. */
  readonly detail: string;
}

/** What the library calls an answer that is none. */
const NO_ANSWER = new Set(['OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_TIMEOUT']);

/** Whatever the library throws, the issuer or the browser brought it about: no code of ours is wrong because of it. */
export async function orProblem<T>(work: () => Promise<T>): Promise<Result<T, LoginProblem>> {
  try {
    return ok(await work());
  } catch (thrown) {
    return err(problemOf(thrown));
  }
}

function problemOf(thrown: unknown): LoginProblem {
  if (!(thrown instanceof Error)) return { kind: 'refused', detail: 'unknown' };
  if (thrown instanceof client.AuthorizationResponseError)
    return { kind: thrown.error === 'access_denied' ? 'declined' : 'refused', detail: word(thrown.error) };
  if (thrown instanceof client.ResponseBodyError) return { kind: 'refused', detail: word(thrown.error) };
  if (thrown.cause instanceof IssuerUnreachable) return { kind: 'unreachable', detail: thrown.cause.problem };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  return { kind: NO_ANSWER.has(code) ? 'unreachable' : 'refused', detail: word(code) };
}

/** A code somebody else chose, as a log line can hold it. */
function word(code: string): string {
  return code.replaceAll(/[^\w.-]/g, '_').slice(0, 60);
}
