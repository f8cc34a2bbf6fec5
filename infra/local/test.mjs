/** `npm test`: everything that proves the product, on real stores; the last line counts. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.mjs';
import { requireNode } from './install.mjs';
import { GROUPS, groupArgs, runJest } from './jest-run.mjs';
import { takeLock } from './lock.mjs';
import { inRoot, makeStateDir, ROOT, stateDirOf, stateFiles } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { endLeftovers, makeProcesses } from './processes.mjs';
import { run } from './run.mjs';
import { makeSay } from './say.mjs';
import { makeShutdown } from './shutdown.mjs';
import { EXIT, explain, Stop } from './stop.mjs';
import { removeFolder } from './stores/home.mjs';
import { startStores } from './stores/stores.mjs';

const WORKERS = 2;
const LEFTOVER_MS = 10_000;
const EXIT_INTERRUPTED = 130;
/** Throwaway data: what a power failure would do to it is nobody's business, and tests commit often. */
const THROWAWAY = { fsync: 'off', full_page_writes: 'off', max_connections: 400 };
const SUFFIX = '-test';
const OURS = /^(SALLYPORT_|SLACK_|DATABASE_URL|REDIS_URL|TEST_)/;

/** What was asked for: `--fast`, `--only it|e2e`, and after `--` what Jest gets. */
function readArguments(argv) {
  const cut = argv.indexOf('--');
  const [own, forJest] = cut < 0 ? [argv, []] : [argv.slice(0, cut), argv.slice(cut + 1)];
  const { values, positionals } = parseArgs({
    args: own,
    allowPositionals: true,
    options: { fast: { type: 'boolean' }, only: { type: 'string' } },
  });
  if (values.only !== undefined && !['it', 'e2e'].includes(values.only))
    throw new Stop('--only takes it or e2e.', EXIT.failed);
  return { fast: values.fast ?? false, only: values.only, forJest: [...positionals, ...forJest] };
}

/** Which parts a run has. */
function planOf({ fast, only }) {
  if (fast) return { checks: true, groups: ['fast'], stores: false, browser: false };
  if (only === 'it') return { checks: false, groups: ['it'], stores: true, browser: false };
  if (only === 'e2e') return { checks: false, groups: ['e2e'], stores: true, browser: true };
  return { checks: true, groups: ['all', 'e2e'], stores: true, browser: true };
}

/** A checker: one passed or one failed; its output is shown when it failed. */
async function check(say, label, command, args) {
  try {
    await say.step(label, async () => {
      const { code, output, error } = await run(inRoot('node_modules', '.bin', command), args, { cwd: ROOT });
      if (code !== 0) throw new Stop(error?.message ?? output.trimEnd());
    });
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    explain(error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const sum = (all) =>
  all.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });

/** What the tests are told, and nothing of what the caller's shell has for a house. */
function environmentFor({ stores, chromium }) {
  const kept = ([name]) => name === 'TEST_SCREENSHOTS' || !OURS.test(name);
  const others = Object.fromEntries(Object.entries(process.env).filter(kept));
  return {
    ...others,
    ...(stores ? { TEST_DATABASE_URL: stores.databaseUrl, TEST_REDIS_URL: stores.redisUrl } : {}),
    ...(chromium ? { TEST_CHROMIUM: chromium } : {}),
  };
}

const withDatabase = (url, name) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();

async function findStores({ say, base, files, processes }) {
  const { TEST_DATABASE_URL, TEST_REDIS_URL, DATABASE_URL, REDIS_URL } = process.env;
  const stores = await startStores({
    say,
    files,
    processes,
    shared: base,
    suffix: SUFFIX,
    database: 'sallyport',
    settings: THROWAWAY,
    fresh: true,
    databaseUrl: TEST_DATABASE_URL || DATABASE_URL,
    redisUrl: TEST_REDIS_URL || REDIS_URL,
  });
  const ours = !TEST_DATABASE_URL && !DATABASE_URL;
  return { ...stores, databaseUrl: ours ? withDatabase(stores.databaseUrl, 'postgres') : stores.databaseUrl };
}

async function findBrowser(say, files) {
  const log = path.join(files.logs, 'chromium.log');
  const chromium = await say.step('Finding Chromium', (note) => findChromium(log, note));
  if (chromium === undefined)
    say.warn('No Chromium here: the browser tests are skipped. Install one so that chromium is on PATH.');
  return chromium;
}

async function runAll({ asked, plan, say, base, files, processes, keepFolder }) {
  const results = [];
  await prepare(say, base);
  if (plan.checks) {
    results.push(await check(say, 'Lint and format (biome)', 'biome', ['check', '.']));
    results.push(await check(say, 'Types (tsc)', 'tsc', ['-p', 'tsconfig.check.json']));
  }
  const stores = plan.stores ? await findStores({ say, base, files, processes }) : undefined;
  keepFolder(stores?.folder);
  const chromium = plan.browser ? await findBrowser(say, files) : undefined;
  const env = environmentFor({ stores, chromium });
  for (const group of plan.groups) {
    const args = [...asked.forJest, ...groupArgs(GROUPS[group], WORKERS)]; // paths first: lists of patterns swallow what follows
    results.push(await runJest({ args, env, report: path.join(files.dir, `${group}.json`) }));
  }
  return sum(results);
}

/** The last line, and the exit code that goes with it. */
function conclude(say, { passed, failed, skipped }) {
  const strict = process.env.CI === 'true' && skipped > 0;
  if (strict) say.warn('CI=true: a skipped test is a failure.');
  say.line(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || strict ? EXIT.failed : 0;
}

async function main() {
  requireNode();
  const asked = readArguments(process.argv.slice(2));
  const base = stateFiles(stateDirOf(process.env));
  const files = stateFiles(path.join(base.dir, 'test'));
  makeStateDir(base);
  makeStateDir(files);
  const release = takeLock(files.lock, (pid) => `Tests already run in this folder (process ${pid}).`);
  const say = makeSay(process.stdout);
  const processes = makeProcesses(files.processes);
  let storesFolder;
  const cleanUp = () => {
    for (const name of ['postgres', 'redis']) if (storesFolder) removeFolder(path.join(storesFolder, name + SUFFIX));
    release();
  };
  const shutdown = makeShutdown({ processes, say, last: cleanUp, signalExit: EXIT_INTERRUPTED });
  try {
    await endLeftovers(files.processes, LEFTOVER_MS);
    const keepFolder = (folder) => {
      storesFolder = folder;
    };
    const counts = await runAll({ asked, plan: planOf(asked), say, base, files, processes, keepFolder });
    if (shutdown.begun()) return;
    await processes.stopAll();
    cleanUp();
    process.exit(conclude(say, counts));
  } catch (error) {
    if (!shutdown.begun()) await shutdown(explain(error) || EXIT.failed);
  }
}

main().catch((error) => process.exit(explain(error)));
