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
}

/** Runs one command to its end. */
export async function stage(
  args: readonly string[],
  { env = {}, stdin = [], terminal = false }: Stage = {},
): Promise<Staged> {
  const stdout = keep(terminal);
  const stderr = keep(terminal);
  const slept: number[] = [];
  let now = 0;
  const exit = await runCli(args, {
    env,
    stdin: (async function* () {
      yield* stdin;
    })(),
    stdout: stdout.screen,
    stderr: stderr.screen,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text(), slept };
}

function keep(terminal: boolean) {
  let kept = '';
  const screen: Screen = {
    isTTY: terminal,
    write: (text) => {
      kept += text;
      return true;
    },
    once: () => undefined,
  };
  return { screen, text: () => kept };
}
