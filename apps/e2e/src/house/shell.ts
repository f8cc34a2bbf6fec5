/** Programs as a shell or a CI system runs them: a whole environment, stdout and stderr kept, signals. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export const CLI = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));
export const ACTION = fileURLToPath(new URL('../../../../action/dist/index.js', import.meta.url));

const RUN_MS = 120_000;
const SAYS_MS = 20_000;

export interface Running {
  stdout(): string;
  stderr(): string;
  /** Waits until it has said this, on either stream. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code. */
  end(): Promise<number | null>;
}

/** Starts a script; `env` is its whole environment besides PATH. */
export function start(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, ...env },
    timeout: RUN_MS,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    says: async (text) => {
      const said = (): string => stdout + stderr;
      await until(`it says ${text}`, SAYS_MS, () => said().includes(text), said);
    },
    signal: (name) => void child.kill(name),
    end: () => ended,
  };
}
