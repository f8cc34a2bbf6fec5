/** Owns one call to a token endpoint: the form out, the answer read. */
import { err, type Result } from '@sallyport/core';
import { EXIT } from '../exit-codes.ts';
import type { Trouble } from '../trouble.ts';
import type { Forms, Params } from './forms.ts';
import { TOKEN_TYPE } from './names.ts';
import { readTokenAnswer, type TokenAnswer } from './token-answer.ts';

/** @param holdSeconds for polls: how long the answer may be held */
export async function requestToken(
  { broker, post }: Forms,
  endpoint: string,
  params: Params,
  holdSeconds?: number,
): Promise<Result<TokenAnswer, Trouble>> {
  const answered = await post(endpoint, params, holdSeconds);
  if (!answered.ok) return answered;
  const kind = params.requested_token_type === TOKEN_TYPE.jwt ? 'federation' : 'access';
  const read = readTokenAnswer(broker.issuer, answered.value, kind);
  return read.ok || holdSeconds === undefined ? read : err(saidNo(read.error));
}

/** A bare `access_denied` to a poll is somebody's no (RFC 8628 section 3.5, CIBA Core section 11), in whatever words. */
function saidNo(trouble: Trouble): Trouble {
  return trouble.code === 'access_denied' ? { ...trouble, exit: EXIT.denied } : trouble;
}
