/** One of the three programs as a real process: started, awaited, killed; its log kept for assertions. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export type ProgramName = 'broker' | 'slack' | 'worker';

export interface Program {
  readonly name: ProgramName;
  readonly url: string;
  /** Everything it wrote, stdout and stderr. */
  log(): string;
  start(): Promise<void>;
  /** Starts it without waiting for /readyz. */
  launch(): void;
  ready(): Promise<void>;
  /** Sends a signal and waits for the end. Returns the exit code, or null when a signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  running(): boolean;
}

const READY_MS = 30_000;
const END_MS = 15_000;
const LOG_CHARACTERS_MAX = 5_000_000;

/** Prepares a program; `env` is its whole environment. */
export function makeProgram(name: ProgramName, port: number, env: Readonly<Record<string, string>>): Program {
  const main = fileURLToPath(new URL(`../../../${name}/dist/main.js`, import.meta.url));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let log = '';

  const program: Program = {
    name,
    url,
    log: () => log,
    running: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    launch() {
      const started = spawn(process.execPath, [main], {
        env: { PATH: process.env.PATH, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const keep = (chunk: Buffer): void => {
        log = (log + chunk.toString('utf8')).slice(-LOG_CHARACTERS_MAX);
      };
      started.stdout.on('data', keep);
      started.stderr.on('data', keep);
      child = started;
    },
    async ready() {
      await until(
        `${name} is ready`,
        READY_MS,
        async () => {
          if (!program.running()) throw new Error(`${name} ended:\n${log.slice(-3_000)}`);
          const answer = await fetch(`${url}/readyz`).catch(() => undefined);
          return answer?.status === 200;
        },
        () => log.slice(-3_000),
      );
    },
    async start() {
      program.launch();
      await program.ready();
    },
    async end(signal) {
      const ending = child;
      if (ending === undefined || !program.running()) return ending?.exitCode ?? null;
      const ended = new Promise<number | null>((resolve) => ending.once('exit', (code) => resolve(code)));
      ending.kill(signal);
      const late = setTimeout(() => ending.kill('SIGKILL'), END_MS);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
  };
  return program;
}
