/** One start (or one test run) at a time per state folder. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isRunning } from './processes.mjs';
import { EXIT, Stop } from './stop.mjs';

const WAIT_MS = 600_000;
const LOOK_MS = 200;

function holderOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs `work` when nobody else holds the lock; waits for whoever does. */
export async function whileLocked(file, work) {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const release = tryLock(file);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (Date.now() > until) throw new Stop(`Another Sallyport command holds ${file} and does not end.`);
    await sleep(LOOK_MS);
  }
}

/** Takes the lock or stops with a message made from the holder's process number. Returns the release. */
export function takeLock(file, what) {
  const release = tryLock(file);
  if (release) return release;
  throw new Stop(what(holderOf(file)?.pid ?? 'unknown'), EXIT.configuration);
}

/** The release, or undefined when somebody alive holds it. A lock whose holder is dead is taken over. */
function tryLock(file) {
  const mine = JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) });
  const write = () => writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
  try {
    write();
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const holder = holderOf(file);
    if (holder === undefined || isRunning(holder)) return undefined;
    if (!takeOver(file)) return undefined;
    return tryLock(file);
  }
  return () => rmSync(file, { force: true });
}

/** Moves a dead holder's lock away; of two who try at once only one can. */
function takeOver(file) {
  const away = `${file}.${process.pid}`;
  try {
    renameSync(file, away);
    rmSync(away, { force: true });
    return true;
  } catch {
    return false;
  }
}
