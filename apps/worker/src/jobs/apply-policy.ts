/** Watches the policy files, compiles a change, and puts it in force; a bad one is refused, logged and counted, and the old one stays. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policy } from '@sallyport/core';
import type { Logger, Metrics } from '@sallyport/platform';
import { type CompileOptions, loadPolicy, type PolicyIssue } from '@sallyport/policy';

const FILES_MAX = 1_000;
const LOGGED_MAX = 20;

export interface ApplyPolicyDeps {
  readonly path: string;
  readonly options: CompileOptions;
  /** Stores a version and puts it in force; the same one again changes nothing. */
  readonly putInForce: (policy: Policy) => Promise<void>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Builds the look that the loop and SIGHUP run. It compiles only when the bytes of the files changed, or when `force` is set. */
export function makeApplyPolicy(deps: ApplyPolicyDeps): (force?: boolean) => Promise<void> {
  let applied: string | undefined;
  return async (force = false) => {
    const seen = await fingerprint(deps.path).catch(() => 'unreadable');
    if (seen === applied && !force) return;
    const loaded = await loadPolicy(deps.path, deps.options);
    if (loaded.ok) {
      await deps.putInForce(loaded.value.policy);
      deps.logger.info('policy.in_force', { version: loaded.value.policy.version });
      for (const issue of loaded.value.issues.slice(0, LOGGED_MAX)) {
        if (issue.severity === 'warning') deps.logger.warn('policy.warning', placeOf(issue));
      }
    } else {
      deps.metrics.policyReloadFailuresTotal.inc();
      for (const issue of loaded.error.filter(({ severity }) => severity === 'error').slice(0, LOGGED_MAX)) {
        deps.logger.error('policy.refused', {
          file: issue.file,
          line: issue.line,
          detail: `${issue.path}: ${issue.message}`,
        });
      }
    }
    // Only now: a store that was away is tried again at the next look.
    applied = seen;
  };
}

function placeOf({ file, line, path, message }: PolicyIssue) {
  return { file, line, detail: `${path}: ${message}` };
}

async function fingerprint(path: string): Promise<string> {
  const files = (await stat(path)).isDirectory()
    ? (await readdir(path))
        .filter((name) => /\.(ya?ml|json)$/.test(name))
        .sort()
        .slice(0, FILES_MAX)
        .map((name) => join(path, name))
    : [path];
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(await readFile(file));
  return hash.digest('hex');
}
