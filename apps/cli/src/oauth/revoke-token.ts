/** Owns the giving back (RFC 7009): a token, or the handle somebody waits with. */
import { err, ok, type Result } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import type { Trouble } from '../trouble.ts';
import type { Forms } from './forms.ts';
import { readRefusal } from './token-answer.ts';

/** Revokes. Repeating it changes nothing; what is unknown is fine as well. @param hint which kind of token it is */
export async function revokeToken(
  { broker, post }: Forms,
  token: Secret<string>,
  hint?: string,
): Promise<Result<void, Trouble>> {
  const answered = await post(`${broker.issuer}/oauth/revoke`, { token: token.reveal(), token_type_hint: hint });
  if (!answered.ok) return answered;
  return answered.value.status === 200 ? ok(undefined) : err(readRefusal(broker.issuer, answered.value));
}
