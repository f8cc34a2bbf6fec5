/** What Buildkite says of a job. There is no `jti`; the UUIDs are there only if the job asks for them by `--claim`. */
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type Framing, framed, type TokenAsk } from './framing.ts';

export interface BuildkiteAsk extends TokenAsk {
  readonly pipelineId?: string;
  readonly branch?: string;
  readonly buildSource?: string;
}

const COMMIT = '9f3182061f1e2cca4702c368cbc039b7dc9d4485';

/** A build of a branch: a fresh job each time. */
export function buildkiteClaims(ask: BuildkiteAsk, framing: Framing): JWTPayload {
  const branch = ask.branch ?? 'main';
  const own = {
    sub: `organization:acme:pipeline:payments:ref:refs/heads/${branch}:commit:${COMMIT}:step:deploy`,
    organization_slug: 'acme',
    organization_id: '0184990a-477b-4fa8-9968-496074483c77',
    pipeline_slug: 'payments',
    pipeline_id: ask.pipelineId ?? '0184990a-4782-42b5-afc1-16715b10b1a0',
    build_number: 1_042,
    build_branch: branch,
    build_commit: COMMIT,
    build_source: ask.buildSource ?? 'webhook',
    step_key: null,
    job_id: randomUUID(),
    agent_id: '0184990a-4782-42b5-afc1-16715b10b8ff',
    runner_environment: 'buildkite-hosted',
  };
  return framed(ask, framing, { ttlSeconds: 300 }, own);
}
