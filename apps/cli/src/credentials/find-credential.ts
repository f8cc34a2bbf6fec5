/** Owns the order in which credentials are looked for. The first place that applies is taken, and no other tried after it. */
import { err, type Result } from '@sallyport/core';
import { EXIT } from '../exit-codes.ts';
import type { Trouble } from '../trouble.ts';
import { buildkite } from './buildkite.ts';
import type { Credential, Look, Place } from './credential.ts';
import { environment } from './environment.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { KUBERNETES_TOKEN, kubernetes } from './kubernetes.ts';
import { said } from './said.ts';

/** What somebody chose, then the job, then the machine the job runs on: a CI job on a Kubernetes runner is the job. */
const PLACES: readonly Place[] = [said, environment, github, gitlab, buildkite, kubernetes];

/** The credential of whoever runs this. Trouble `no_credential`: there is none anywhere. */
export async function findCredential(look: Look): Promise<Result<Credential, Trouble>> {
  for (const place of PLACES) {
    const found = await place(look);
    if (found !== undefined) return found;
  }
  return err(NONE);
}

const NONE: Trouble = {
  exit: EXIT.configuration,
  code: 'no_credential',
  message: `no credential: SALLYPORT_TOKEN is missing, this is no job of GitHub, GitLab or Buildkite, and there is no ${KUBERNETES_TOKEN}`,
  next: 'Set SALLYPORT_TOKEN or SALLYPORT_TOKEN_FILE to a token of a trusted issuer, or sign in with --via device.',
};
