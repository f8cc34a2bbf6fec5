/** A Node process of a run: its output in a file, as in production it is in a pipe; started, awaited, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface RunningProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The last of what it wrote. */
  log(): string;
  end(): Promise<void>;
}

const END_MS = 15_000;
const LOG_CHARACTERS = 3_000;

/** A compiled file of this package, from its path below `bench`. */
export function benchFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** Starts a compiled program. `env` is its whole environment but for PATH. */
export function startProcess(options: {
  readonly main: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
}): RunningProcess {
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), options.main, ...(options.args ?? [])], {
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.main} could not be started`);
  return {
    pid,
    child,
    log: () => readFileSync(options.logFile, 'utf8').slice(-LOG_CHARACTERS),
    async end() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Whether it still runs. */
export function isRunning({ child }: RunningProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
