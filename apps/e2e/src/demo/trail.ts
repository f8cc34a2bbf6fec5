/** The audit trail as the command line shows it: exported and verified by `sallyport audit`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Trail {
  /** One short line per row of a request, oldest first. */
  of(requestId: string): Promise<readonly string[]>;
  /** What `audit verify` says; throws when it found a problem. */
  verify(): Promise<string>;
}

const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** The trail of the house whose addresses are in `env`. */
export function cliTrail(env: NodeJS.ProcessEnv): Trail {
  const sallyport = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [CLI, ...args], { env, maxBuffer: OUTPUT_BYTES_MAX })).stdout.trim();
  return {
    of: async (requestId) =>
      (await sallyport('audit', 'export', '--request', requestId)).split('\n').flatMap(shortLine),
    verify: () => sallyport('audit', 'verify'),
  };
}

interface Row {
  readonly type: string;
  readonly at?: string;
  readonly actor?: string;
  readonly external?: string;
  readonly reason_code?: string;
  readonly attempted?: string;
  readonly verdict?: string;
}

/** `00:50:49  decision.made  person:bob@acme.test  approve`. The first line of an export only says what it holds. */
function shortLine(line: string): readonly string[] {
  const row = JSON.parse(line) as Row;
  if (row.at === undefined) return [];
  const who = row.actor ?? row.external ?? '';
  const what = [row.attempted, row.verdict, row.reason_code].filter((word) => word !== undefined).join(' ');
  return [`${row.at.slice(11, 19)}  ${row.type.padEnd(17)} ${who.padEnd(26)} ${what}`.trimEnd()];
}
