/** The credential of a Buildkite job: an OIDC token the agent asks for, a new one each time. */
import { execFile } from 'node:child_process';
import { err, ok, type Result } from '@sallyport/core';
import { type Environment, errorCode, isError, type Secret } from '@sallyport/platform';
import type { Trouble } from '../trouble.ts';
import { type Place, tokenIn, unusable } from './credential.ts';

const AGENT = 'buildkite-agent';
/** The id of the pipeline is in a token only when it is asked for; its name can be taken over. */
const ID_CLAIM = 'pipeline_id';
const AGENT_MS = 20_000;
const OUTPUT_BYTES_MAX = 65_536;

export const buildkite: Place = async ({ env, audience }) => {
  if (env.BUILDKITE !== 'true') return undefined;
  return ok({ source: 'Buildkite', token: () => ask(env, audience) });
};

/** What the agent says on stderr is in the job's log already if it wants to be; it is not repeated. */
function ask(env: Environment, audience: string): Promise<Result<Secret<string>, Trouble>> {
  const options = { env: { ...env }, timeout: AGENT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  return new Promise((resolve) => {
    execFile(
      AGENT,
      ['oidc', 'request-token', '--audience', audience, '--claim', ID_CLAIM],
      options,
      (failed, stdout) => {
        resolve(
          failed === null ? tokenIn(stdout, AGENT) : err(unusable(`${AGENT} gave no token (${reasonOf(failed)})`)),
        );
      },
    );
  });
}

function reasonOf(failed: Error & { readonly killed?: boolean }): string {
  if (failed.killed === true) return `none within ${AGENT_MS / 1_000} s`;
  const code = errorCode(failed);
  if (code === 'ENOENT') return 'there is no such program on PATH';
  const exit: unknown = isError(failed) && 'code' in failed ? failed.code : undefined;
  return typeof exit === 'number' ? `exit code ${exit}` : (code ?? 'it ended early');
}
