/** Starts processes, writes down which ones, ends them, and finds those a killed start left behind. */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stop } from './stop.mjs';

const LOOK_MS = 50;
const STOP_MS = 12_000;
const HARD_MS = 3_000;
const LOG_BYTES_MAX = 20_000_000;

/**
 * What tells a process from a later one with the same number: its start time. Undefined when it is gone (a zombie is gone).
 * @param {number} pid
 */
export function identityOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${bootId()}/${fields[19]}`;
  } catch (error) {
    if (process.platform === 'linux' && error.code !== 'EACCES') return undefined;
    return identityByPs(pid);
  }
}

function bootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'boot';
  }
}

function identityByPs(pid) {
  try {
    const out = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    return out.toString().trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether exactly this process still runs. */
export const isRunning = ({ pid, identity }) => identity !== undefined && identityOf(pid) === identity;

/** Sends a signal to a process's whole group if it leads one, else to it alone. False when it is gone. */
function signal(pid, name) {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, name);
      return true;
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  return false;
}

/** Ends a process: politely, then hard. Returns when it is gone, or after the bound. */
export async function endProcess(record, politeMs) {
  const steps = [
    [record.stopSignal ?? 'SIGTERM', politeMs],
    ['SIGKILL', HARD_MS],
  ];
  for (const [name, boundMs] of steps) {
    if (!isRunning(record)) return;
    signal(record.pid, name);
    const until = Date.now() + boundMs;
    while (isRunning(record) && Date.now() < until) await sleep(LOOK_MS);
  }
}

/** Ends every process that runs from or in a folder (Linux), politely first. For a folder that is about to be removed. */
export async function endProcessesIn(folder, politeMs) {
  const within = (pid) =>
    ['exe', 'cwd'].some((link) => {
      try {
        return `${readlinkSync(`/proc/${pid}/${link}`)}/`.startsWith(`${folder}/`);
      } catch {
        return false;
      }
    });
  const pids = existsSync('/proc/self/exe') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  for (const pid of pids.map(Number).filter(within)) await endProcess({ pid, identity: identityOf(pid) }, politeMs);
}

function readRecords(file) {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** Ends what an earlier start that was killed left running, latest first; returns the names. Only processes it recorded, still the same ones. */
export async function endLeftovers(file, politeMs) {
  const left = readRecords(file).filter(isRunning).reverse();
  for (const record of left) await endProcess(record, politeMs);
  rmSync(file, { force: true });
  return left.map((record) => record.name);
}

function openLog(file) {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/**
 * Starts processes and keeps their record in `file`. Each leads a group of its own, so that Ctrl-C in a terminal reaches
 * only the script, which then ends them one after the other, the latest first.
 */
export function makeProcesses(file) {
  const running = new Map();
  let closed = false;

  /** Never throws: somebody may have removed the state folder, and what runs must still be ended. */
  const save = () => {
    const records = [...running.values()].map(({ record }) => record);
    try {
      writeFileSync(`${file}.new`, JSON.stringify(records, null, 1), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      if (error.code !== 'ENOENT') process.stderr.write(`${file} cannot be written: ${error.message}\n`);
    }
  };

  /**
   * @param {{name: string, command: string, args: string[], env: object, cwd: string, logFile: string, user?: {uid: number, gid: number},
   *   input?: string, stopSignal?: string, hardSignal?: string, stopMs?: number}} what
   * @returns {{name: string, logFile: string, logFrom: number, exited: Promise<{code, signal, error?}>, wanted: () => boolean}}
   *   `exited` never rejects; `wanted` turns false once we asked it to end
   */
  function start({ name, command, args, env, cwd, logFile, user, input, stopSignal, hardSignal, stopMs }) {
    if (closed) throw new Stop('Stopping.');
    const log = openLog(logFile);
    const logFrom = statSync(logFile).size;
    const child = spawn(command, args, {
      env,
      cwd,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', log, log],
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
    closeSync(log);
    const exited = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, by) => resolve({ code, signal: by }));
    });
    const { pid } = child;
    if (pid !== undefined) {
      const record = { name, pid, identity: identityOf(pid), ...(stopSignal ? { stopSignal } : {}) };
      running.set(pid, { record, hardSignal, stopMs });
      save();
      void exited.then(() => {
        running.delete(pid);
        save();
      });
    }
    child.stdin?.on('error', () => undefined); // it died before reading: `exited` tells
    child.stdin?.end(input);
    return { name, logFile, logFrom, exited, wanted: () => !closed };
  }

  /** Ends everything, the latest started first, each politely within its bound; nothing can be started any more. */
  async function stopAll(note = () => undefined) {
    closed = true;
    for (const { record, stopMs } of [...running.values()].reverse()) {
      note(record.name);
      await endProcess(record, stopMs ?? STOP_MS);
    }
    if (running.size === 0) rmSync(file, { force: true });
  }

  /** Ends everything at once and hard. A database gets its own hard signal first, for it has processes of its own to end. */
  async function killAll() {
    closed = true;
    const all = [...running.values()];
    for (const { record, hardSignal } of all) if (isRunning(record)) signal(record.pid, hardSignal ?? 'SIGKILL');
    await Promise.all(all.map(({ record }) => endProcess({ ...record, stopSignal: 'SIGCONT' }, HARD_MS)));
  }

  return { start, stopAll, killAll };
}
