/** Runs the command line in the test's own process: what it prints is kept, its clock moves only when it sleeps. */
import { runCli } from '../cli.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Screen } from '../surroundings.ts';

export interface Staged {
  readonly exit: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  /** Every pause it made, in ms. */
  readonly slept: readonly number[];
}

export interface Stage {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: readonly string[];
  /** Whether stdout and stderr are a terminal. */
  readonly terminal?: boolean;
  /** How wide it is. */
  readonly columns?: number;
  /** Where well-known files lie; nowhere unless said otherwise. */
  readonly root?: string;
  /** Somebody presses Ctrl-C when it is aborted. */
  readonly interrupt?: AbortController;
  /** Told at every pause, which is then over at once. */
  readonly onSleep?: (count: number) => void;
  /** The time of day it is told, in ms since the epoch; the real one unless said. */
  readonly clock?: () => number;
}

const NOWHERE = '/nowhere/at/all';
const SECOND_MS = 1_000;

/** Runs one command to its end. */
export async function stage(
  args: readonly string[],
  { env = {}, stdin = [], terminal = false, columns, root = NOWHERE, interrupt, onSleep, clock = Date.now }: Stage = {},
): Promise<Staged> {
  const stdout = keep(terminal, columns);
  const stderr = keep(terminal, columns);
  const slept: number[] = [];
  const ticking = new Set<{ readonly ms: number; readonly tick: () => void }>();
  let now = 0;
  const exit = await runCli(args, {
    env,
    stdin: (async function* () {
      yield* stdin;
    })(),
    stdout: stdout.screen,
    stderr: stderr.screen,
    root,
    clock,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      onSleep?.(slept.length);
      if (interrupt?.signal.aborted === true) return;
      for (const end = now + ms; now < end; ) {
        now += Math.min(SECOND_MS, end - now);
        for (const one of ticking) if (now % one.ms === 0) one.tick();
      }
    },
    every: (ms, tick) => {
      const one = { ms, tick };
      ticking.add(one);
      return () => ticking.delete(one);
    },
    interruption: () => (interrupt ?? new AbortController()).signal,
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text(), slept };
}

function keep(terminal: boolean, columns: number | undefined) {
  let kept = '';
  const screen: Screen = {
    isTTY: terminal,
    columns,
    write: (text) => {
      kept += text;
      return true;
    },
    once: () => undefined,
  };
  return { screen, text: () => kept };
}
