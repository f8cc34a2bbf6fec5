/** One of our programs, as it ships, started and ready. */
import { fileURLToPath } from 'node:url';
import { until } from '../../house/until.ts';
import { isRunning, type RunningProcess, startProcess } from './process.ts';

const READY_MS = 30_000;

/** Starts a program and waits for its /readyz. `profiles`: a folder that gets its CPU profile when it ends. */
export async function startProgram(options: {
  readonly name: 'broker' | 'worker';
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly nodeArgs: readonly string[];
  readonly profiles?: string | undefined;
}): Promise<RunningProcess> {
  const { name, port, env, logFile, profiles } = options;
  const main = fileURLToPath(new URL(`../../../../${name}/dist/main.js`, import.meta.url));
  const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const running = startProcess({ main, env, logFile, nodeArgs: [...options.nodeArgs, ...profiling] });
  await until(
    `${name} is ready`,
    READY_MS,
    async () => {
      if (!isRunning(running)) throw new Error(`${name} ended:\n${running.log()}`);
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      return answer?.status === 200;
    },
    running.log,
  );
  return running;
}
