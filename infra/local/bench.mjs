/** `npm run bench`: sets up as `npm test` does, but with stores that keep what they were told, and runs the benchmarks. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { requireNode } from './install.mjs';
import { takeLock } from './lock.mjs';
import { inRoot, makeStateDir, stateDirOf, stateFiles } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { endLeftovers, makeProcesses } from './processes.mjs';
import { NODE_ARGS } from './programs.mjs';
import { makeSay } from './say.mjs';
import { makeShutdown } from './shutdown.mjs';
import { EXIT, explain } from './stop.mjs';
import { removeFolder } from './stores/home.mjs';
import { startStores } from './stores/stores.mjs';

/** What a bench without it would measure is not what anybody runs. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
const SUFFIX = '-bench';
const LEFTOVER_MS = 10_000;
const EXIT_INTERRUPTED = 130;
const OURS = /^(SALLYPORT_|SLACK_|DATABASE_URL|REDIS_URL|TEST_)/;

async function findStores({ say, base, files, processes }) {
  const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;
  return startStores({
    say,
    files,
    processes,
    shared: base,
    suffix: SUFFIX,
    database: 'sallyport',
    settings: DURABLE,
    fresh: true,
    databaseUrl: TEST_DATABASE_URL,
    redisUrl: TEST_REDIS_URL,
  });
}

/** Runs the compiled bench: its JSON lines are all that goes to stdout. */
function runBench(stores) {
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
  const main = inRoot('apps/e2e/dist/bench/main.js');
  const child = spawn(process.execPath, [main, `--node-args=${NODE_ARGS.join(' ')}`, ...process.argv.slice(2)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...others, TEST_DATABASE_URL: stores.databaseUrl, TEST_REDIS_URL: stores.redisUrl },
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? EXIT.failed)));
}

async function main() {
  requireNode();
  const base = stateFiles(stateDirOf(process.env));
  const files = stateFiles(path.join(base.dir, 'bench'));
  makeStateDir(base);
  makeStateDir(files);
  const release = takeLock(files.lock, (pid) => `A bench already runs in this folder (process ${pid}).`);
  const say = makeSay(process.stderr);
  const processes = makeProcesses(files.processes);
  let folder;
  const cleanUp = () => {
    for (const name of ['postgres', 'redis']) if (folder) removeFolder(path.join(folder, name + SUFFIX));
    release();
  };
  const shutdown = makeShutdown({ processes, say, last: cleanUp, signalExit: EXIT_INTERRUPTED });
  try {
    await endLeftovers(files.processes, LEFTOVER_MS);
    await prepare(say, base);
    const stores = await findStores({ say, base, files, processes });
    folder = stores.folder;
    const code = await runBench(stores);
    if (shutdown.begun()) return;
    await processes.stopAll();
    cleanUp();
    process.exit(code);
  } catch (error) {
    if (!shutdown.begun()) await shutdown(explain(error) || EXIT.failed);
  }
}

main().catch((error) => process.exit(explain(error)));
