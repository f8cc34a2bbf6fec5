/** Installs the packages when they are missing or older than the lockfile. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, ROOT } from './paths.mjs';
import { lastLines, run } from './run.mjs';
import { EXIT, Stop } from './stop.mjs';

const PNPM = 'pnpm@12.21.0';
const NODE_MIN = [20, 19];
const STAMP = inRoot('node_modules', '.sallyport-installed');
const COMPILER = inRoot('node_modules', '.bin', 'tsc');
const LOCKED = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];
const LOG_LINES = 15;

/** Stops on a Node that is too old, before anything else runs. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new Stop(
    `Sallyport needs Node ${NODE_MIN.join('.')} or later; this is ${process.versions.node}.`,
    EXIT.configuration,
  );
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of LOCKED) hash.update(readFileSync(inRoot(file)));
  return hash.digest('hex');
}

/** Whether node_modules is what the lockfile says, as far as our own stamp tells. */
export function isInstalled() {
  return existsSync(COMPILER) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
}

/** Installs if needed. CI=1: pnpm asks no questions. Its output goes to the log; what npm or pnpm print is never parsed. */
export async function install(say, logs) {
  if (isInstalled()) return;
  const log = path.join(logs, 'install.log');
  await say.step('Installing packages (once; about a minute on a cold cache)', async () => {
    const wanted = fingerprint();
    const { code, output, error } = await run('npx', ['-y', PNPM, 'install', '--frozen-lockfile'], {
      cwd: ROOT,
      env: { ...process.env, CI: '1', NODE_ENV: 'development' },
      log,
    });
    if (code !== 0) throw new Stop(failure(error ? String(error.message) : output, log));
    writeFileSync(STAMP, wanted);
  });
}

const failure = (output, log) =>
  `Installing the packages failed. Is the npm registry reachable from here? The last lines were:\n\n${lastLines(output, LOG_LINES)}\n\nAll of it: ${log}`;
