/** The credential in SALLYPORT_TOKEN, or in the file SALLYPORT_TOKEN_FILE names: where GitLab's `id_tokens` can put it. */
import { err, ok, type Result } from '@sallyport/core';
import { ConfigProblems, type Environment, type Secret } from '@sallyport/platform';
import { tokenOf } from '../settings.ts';
import type { Trouble } from '../trouble.ts';
import { isSet, type Place, unusable } from './credential.ts';

export const environment: Place = async ({ env }) => {
  const name = ['SALLYPORT_TOKEN', 'SALLYPORT_TOKEN_FILE'].find((one) => isSet(env, one));
  if (name === undefined) return undefined;
  const source = env.GITLAB_CI === 'true' ? `${name} of GitLab CI` : name;
  const first = read(env);
  return first.ok ? ok({ source, token: async () => read(env) }) : first;
};

function read(env: Environment): Result<Secret<string>, Trouble> {
  try {
    return ok(tokenOf(env));
  } catch (thrown) {
    if (!(thrown instanceof ConfigProblems)) throw thrown;
    return err(unusable(thrown.problems.map(({ name, problem }) => `${name} ${problem}`).join('; ')));
  }
}
