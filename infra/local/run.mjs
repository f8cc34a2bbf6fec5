/** Runs one command to its end, its output kept in a log or in memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createWriteStream } from 'node:fs';
import { Stop } from './stop.mjs';

const KEEP_BYTES = 200_000;
const HARD_MS = 5_000;
const live = new Set();
let ended = false;

/** Ends every command that still runs, with all it started, and refuses new ones: for Ctrl-C in the middle of a long step. */
export async function endRuns(signal = 'SIGTERM') {
  ended = true;
  const all = [...live];
  for (const child of all) kill(child, signal);
  const hard = setTimeout(() => {
    for (const child of all) kill(child, 'SIGKILL');
  }, HARD_MS);
  await Promise.all(all.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  clearTimeout(hard);
}

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, log?: string, user?: {uid: number, gid: number}, timeoutMs?: number, inherit?: boolean}} options
 * @returns {Promise<{code: number | null, output: string, stdout: string, error?: Error}>} `error` when it could not start; rejects only once everything is being ended
 */
export function run(command, args, { cwd, env, log, user, timeoutMs, inherit } = {}) {
  if (ended) return Promise.reject(new Stop('Stopping.'));
  return new Promise((resolve) => {
    if (log) appendFileSync(log, `\n$ ${command} ${args.join(' ')}\n`, { mode: 0o600 });
    const file = log ? createWriteStream(log, { flags: 'a' }) : undefined;
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
    if (child.pid !== undefined) live.add(child);
    let output = '';
    let stdout = '';
    const keep = (text) => (text.length > KEEP_BYTES ? text.slice(-KEEP_BYTES) : text);
    child.stdout?.on('data', (chunk) => {
      stdout = keep(stdout + chunk);
      output = keep(output + chunk);
      file?.write(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      output = keep(output + chunk);
      file?.write(chunk);
    });
    const timer = timeoutMs ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined;
    const done = (result) => {
      clearTimeout(timer);
      live.delete(child);
      file?.end();
      resolve({ ...result, output, stdout });
    };
    child.once('error', (error) => done({ code: null, error }));
    child.once('close', (code) => done({ code }));
  });
}

/** The last lines of some output, for a message. */
export const lastLines = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');
