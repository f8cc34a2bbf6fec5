/** One run of Jest, counted by the file it writes. */
import { readFileSync, rmSync } from 'node:fs';
import { inRoot, ROOT } from './paths.mjs';
import { run } from './run.mjs';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const BOUND_MS = 45 * 60_000;

/** A test that never started counts too: a file that could not be loaded is one failure. */
function countsIn(report, code) {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @returns {Promise<{passed: number, failed: number, skipped: number}>} a Jest that dies or does not end is one failure */
export async function runJest({ args, env, report }) {
  rmSync(report, { force: true });
  const command = [...JEST, '--json', `--outputFile=${report}`, '--passWithNoTests', ...args];
  const { code } = await run(process.execPath, command, { cwd: ROOT, env, inherit: true, timeoutMs: BOUND_MS });
  try {
    return countsIn(JSON.parse(readFileSync(report, 'utf8')), code);
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const below = (...parts) => `^${literally(inRoot(...parts))}/`;
const INTEGRATION = '\\.it\\.test\\.ts$';
const NOT_INTEGRATION = `^(?!.*${INTEGRATION})`;

/** What each run leaves out: patterns over whole paths. The rest of the command line is free to choose among the others. */
export const GROUPS = {
  /** Unit, property and law: no store, no process. */
  fast: { not: [INTEGRATION, below('apps', 'e2e')] },
  it: { not: [NOT_INTEGRATION, below('apps', 'e2e')] },
  all: { not: [below('apps', 'e2e')] },
  /** Whole programs and a browser: one after the other. */
  e2e: { not: [below('packages'), below('examples'), `${below('apps')}(?!e2e/)`], inBand: true },
};

/** Jest's arguments for a group. */
export function groupArgs({ not, inBand = false }, workers) {
  const ignored = ['/node_modules/', '/dist/', ...not];
  return [
    ...(inBand ? ['--runInBand'] : [`--maxWorkers=${workers}`]),
    ...ignored.map((pattern) => `--testPathIgnorePatterns=${pattern}`),
  ];
}
