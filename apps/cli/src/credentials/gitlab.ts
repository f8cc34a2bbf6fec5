/** A GitLab CI job without a token: GitLab makes them before the job starts, and only where `id_tokens` asks for one. */
import { err } from '@sallyport/core';
import { type Place, unusable } from './credential.ts';

export const gitlab: Place = async ({ env, audience }) => {
  if (env.GITLAB_CI !== 'true') return undefined;
  return err(
    unusable(
      'this GitLab job has no token for Sallyport',
      `Add to the job: id_tokens: { SALLYPORT_TOKEN: { aud: ${audience} } }`,
    ),
  );
};
