/** Owns one call to a token endpoint: the form out, the answer read. */
import type { Result } from '@sallyport/core';
import type { Trouble } from '../trouble.ts';
import type { Forms, Params } from './forms.ts';
import { readTokenAnswer, type TokenAnswer } from './token-answer.ts';

/** @param holdSeconds for polls: how long the answer may be held */
export async function requestToken(
  { broker, post }: Forms,
  endpoint: string,
  params: Params,
  holdSeconds?: number,
): Promise<Result<TokenAnswer, Trouble>> {
  const answered = await post(endpoint, params, holdSeconds);
  return answered.ok ? readTokenAnswer(broker.issuer, answered.value) : answered;
}
