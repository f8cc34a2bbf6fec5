#!/usr/bin/env node
/** `npx sallyport …` from a clone: makes it runnable if it is not, knows the house that runs, then is the CLI. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { mainOf } from './build.mjs';
import { requireNode } from './install.mjs';
import { makeStateDir, stateDirOf, stateFiles } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { endRuns } from './run.mjs';
import { readRuntime, withDefaults } from './runtime.mjs';
import { makeSay } from './say.mjs';
import { explain } from './stop.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Nothing runs: still, the keys of this state folder are the ones meant. */
function keptPaths(files) {
  return {
    ...(existsSync(files.signingKeys) ? { SALLYPORT_SIGNING_KEYS: files.signingKeys } : {}),
    ...(existsSync(files.auditKey) ? { SALLYPORT_AUDIT_KEY_FILE: files.auditKey } : {}),
  };
}

/** Becomes the CLI: same arguments, same terminal, same folder, its exit code or signal. */
function become(args, env) {
  const child = spawn(process.execPath, [mainOf('cli'), ...args], { stdio: 'inherit', env });
  for (const name of SIGNALS) {
    process.removeAllListeners(name);
    process.on(name, () => child.kill(name));
  }
  child.once('error', (error) => process.exit(explain(error)));
  child.once('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

async function main() {
  requireNode();
  const files = stateFiles(stateDirOf(process.env));
  makeStateDir(files);
  for (const name of SIGNALS) {
    process.on(name, async () => {
      await endRuns();
      process.exit(128 + constants.signals[name]);
    });
  }
  await prepare(makeSay(process.stderr), files);
  const defaults = readRuntime(files.runtime)?.env ?? keptPaths(files);
  become(process.argv.slice(2), withDefaults(process.env, defaults));
}

main().catch((error) => process.exit(explain(error)));
