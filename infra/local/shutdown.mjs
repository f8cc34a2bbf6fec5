/** One way out: signals and failures end everything this script started, in order, and only then the script itself. */
import { readFileSync } from 'node:fs';
import { endRuns } from './run.mjs';
import { explain } from './stop.mjs';

/** npm passes on the Ctrl-C the terminal already sent: within this time two are one. */
const SAME_CTRL_C_MS = 700;
const PARENT_LOOK_MS = 1_000;
const EXIT_KILLED = 130;

/**
 * @param {{processes: {stopAll: Function, killAll: Function}, say: object, last: () => void, signalExit?: number}} house `last`: runs just before the end; `signalExit`: the exit code after Ctrl-C
 * @returns {(exitCode: number) => Promise<never>} ends everything; the first call's exit code counts
 */
export function makeShutdown({ processes, say, last, signalExit = 0 }) {
  let begun;

  async function end(exitCode) {
    await say.step(
      'Stopping',
      async (note) => {
        await endRuns();
        await processes.stopAll(note);
      },
      'Stopped',
    );
    last();
    process.exit(exitCode);
  }

  async function endHard() {
    say.warn('Ending everything hard.');
    await Promise.all([endRuns('SIGKILL'), processes.killAll()]);
    last();
    process.exit(EXIT_KILLED);
  }

  function shutdown(exitCode) {
    begun ??= { atMs: Date.now(), done: end(exitCode) };
    return begun.done;
  }

  function onSignal() {
    if (begun === undefined) void shutdown(signalExit);
    else if (Date.now() - begun.atMs > SAME_CTRL_C_MS) void endHard();
  }

  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, onSignal);
  for (const name of ['uncaughtException', 'unhandledRejection'])
    process.on(name, (error) => void shutdown(explain(error)));
  process.stdout.on('error', () => undefined); // the terminal is gone: go on and end in order
  process.stderr.on('error', () => undefined);
  watchParent(onSignal);
  return Object.assign(shutdown, { begun: () => begun !== undefined });
}

/** Started by npm, which was killed since: nobody could end us any more. Between npm and us there may be a shell. */
function watchParent(gone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const family = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const before = family();
  const timer = setInterval(() => {
    if (family() === before) return;
    clearInterval(timer);
    gone();
  }, PARENT_LOOK_MS);
  timer.unref();
}

/** The parent of a process, where /proc tells. */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  } catch {
    return undefined;
  }
}
