/** What GitHub Actions says of a job. All values are texts, ids as well. */
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type Framing, framed, runNumber, type TokenAsk } from './framing.ts';

export interface GithubAsk extends TokenAsk {
  readonly repository?: string;
  readonly repositoryId?: string;
  readonly repositoryOwnerId?: string;
  readonly ref?: string;
  readonly eventName?: string;
  /** `sub` of names alone, as for older repositories, or with the ids in it, as for newer ones. */
  readonly subForm?: 'names' | 'names_and_ids';
}

const SHA = '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d';

/** A push to a branch: fresh `jti` and run each time. */
export function githubClaims(ask: GithubAsk, framing: Framing): JWTPayload {
  const repository = ask.repository ?? 'acme/payments';
  const [owner = '', name = ''] = repository.split('/');
  const [repositoryId, ownerId] = [ask.repositoryId ?? '123', ask.repositoryOwnerId ?? '42'];
  const ref = ask.ref ?? 'refs/heads/main';
  const workflow = `${repository}/.github/workflows/deploy.yml@${ref}`;
  const whole = ask.subForm === 'names_and_ids' ? `${owner}@${ownerId}/${name}@${repositoryId}` : repository;
  const own = {
    jti: randomUUID(),
    sub: `repo:${whole}:ref:${ref}`,
    repository,
    repository_id: repositoryId,
    repository_owner: owner,
    repository_owner_id: ownerId,
    repository_visibility: 'private',
    actor: 'octocat',
    actor_id: '583231',
    ref,
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: 'true',
    sha: SHA,
    base_ref: '',
    head_ref: '',
    event_name: ask.eventName ?? 'push',
    workflow: 'deploy',
    workflow_ref: workflow,
    workflow_sha: SHA,
    job_workflow_ref: workflow,
    job_workflow_sha: SHA,
    run_id: String(runNumber()),
    run_number: '17',
    run_attempt: '1',
    runner_environment: 'github-hosted',
  };
  return framed(ask, framing, { ttlSeconds: 300, validBeforeSeconds: 300 }, own);
}
