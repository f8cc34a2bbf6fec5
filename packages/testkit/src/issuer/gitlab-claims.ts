/** What GitLab says of a job. Nearly all values are texts, also `"true"`; `runner_id` is a number. */
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type Framing, framed, runNumber, type TokenAsk } from './framing.ts';

export interface GitlabAsk extends TokenAsk {
  /** The project the pipeline's code comes from: in a merge request from a fork, the fork. */
  readonly project?: GitlabProject;
  /** The project the job runs in; the same unless said. */
  readonly jobProject?: GitlabProject;
  readonly ref?: string;
  readonly pipelineSource?: string;
}

export interface GitlabProject {
  readonly id: string;
  readonly path: string;
  readonly namespaceId: string;
}

const PAYMENTS: GitlabProject = { id: '20', path: 'acme/payments', namespaceId: '72' };

/** A push to a branch: a fresh `jti`, pipeline and job each time. */
export function gitlabClaims(ask: GitlabAsk, framing: Framing): JWTPayload {
  const project = ask.project ?? PAYMENTS;
  const jobProject = ask.jobProject ?? project;
  const ref = ask.ref ?? 'main';
  const run = String(runNumber());
  const own = {
    jti: randomUUID(),
    sub: `project_path:${project.path}:ref_type:branch:ref:${ref}`,
    ...projectClaims('', project),
    ...projectClaims('job_', jobProject),
    user_id: '1',
    user_login: 'sample-user',
    user_email: 'sample-user@acme.test',
    user_access_level: 'maintainer',
    pipeline_id: run,
    pipeline_source: ask.pipelineSource ?? 'push',
    job_id: run,
    ref,
    ref_type: 'branch',
    ref_path: `refs/heads/${ref}`,
    ref_protected: 'true',
    environment: 'production',
    environment_protected: 'true',
    deployment_tier: 'production',
    environment_action: 'start',
    runner_id: 1,
    runner_environment: 'self-hosted',
    sha: '714a629c0b401fdce83e847fc9589983fc6f46bc',
    project_visibility: 'private',
    ci_config_ref_uri: `gitlab.acme.test/${jobProject.path}//.gitlab-ci.yml@refs/heads/${ref}`,
    ci_config_sha: '714a629c0b401fdce83e847fc9589983fc6f46bc',
  };
  return framed(ask, framing, { ttlSeconds: 3_600, validBeforeSeconds: 5 }, own);
}

function projectClaims(
  prefix: '' | 'job_',
  { id, path, namespaceId }: GitlabProject,
): Readonly<Record<string, string>> {
  return {
    [`${prefix}namespace_id`]: namespaceId,
    [`${prefix}namespace_path`]: path.split('/').slice(0, -1).join('/'),
    [`${prefix}project_id`]: id,
    [`${prefix}project_path`]: path,
  };
}
