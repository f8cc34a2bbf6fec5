/** Owns how this program meets the process it runs in: streams, clock, signals. `main.ts` and the bundles hand theirs in. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';

/** As a shell reports a program that a closed pipe ended: 128 + SIGPIPE. */
const CLOSED_PIPE = 141;
/** One Ctrl-C may arrive twice, from the terminal and from npm: only a later one is a second one. */
const SAME_SIGNAL_MS = 1_000;

export type Host = Pick<NodeJS.Process, 'env' | 'stdin' | 'stdout' | 'stderr' | 'on' | 'exit'>;

/** The surroundings of a process. A reader that went away ends it quietly. */
export function surroundingsOf(host: Host): Surroundings {
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      host.exit(CLOSED_PIPE);
    });
  }
  return {
    env: host.env,
    stdin: host.stdin,
    stdout: host.stdout,
    stderr: host.stderr,
    root: '/',
    clock: Date.now,
    now: () => performance.now(),
    sleep,
    every: (ms, tick) => {
      const timer = setInterval(tick, ms);
      return () => clearInterval(timer);
    },
    interruption: () => interruptionOf(host),
  };
}

/** A pause that was ended early is no error. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  } catch (thrown) {
    if (signal?.aborted !== true) throw thrown;
  }
}

function interruptionOf(host: Host): AbortSignal {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    host.on(name, () => {
      firstAtMs ??= performance.now();
      if (performance.now() - firstAtMs > SAME_SIGNAL_MS) host.exit(EXIT.interrupted);
      controller.abort();
    });
  }
  return controller.signal;
}
