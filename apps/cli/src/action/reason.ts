/** Owns the reason approvers read when a workflow gives none: which run of what, at which commit, started by whom. */
import type { Environment } from '@sallyport/platform';
import { plain } from '../output.ts';

const PART_LENGTH_MAX = 200;
const COMMIT_LENGTH = 12;

/** `Deploy: run 42 (attempt 1) of acme/payments at 1a2b3c4d5e6f on refs/heads/main, started by alice` */
export function defaultReason(env: Environment): string {
  const part = (name: string): string => plain(env[name] ?? '').slice(0, PART_LENGTH_MAX) || 'unknown';
  const run = `run ${part('GITHUB_RUN_NUMBER')} (attempt ${part('GITHUB_RUN_ATTEMPT')}) of ${part('GITHUB_REPOSITORY')}`;
  const commit = part('GITHUB_SHA').slice(0, COMMIT_LENGTH);
  return `${part('GITHUB_WORKFLOW')}: ${run} at ${commit} on ${part('GITHUB_REF')}, started by ${part('GITHUB_ACTOR')}`;
}
