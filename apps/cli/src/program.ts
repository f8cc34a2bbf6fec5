/** Owns one run of the command line: how commands are put together, and what every way to end means as an exit code. */
import { ConfigProblems, isError } from '@sallyport/platform';
import { Command, CommanderError } from 'commander';
import { type Run, UsageProblem } from './define.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { plain } from './output.ts';
import { showsStacks } from './settings.ts';
import type { Surroundings } from './surroundings.ts';
import { VERSION } from './version.ts';

/** Adds one command, or a few that belong together. */
export type AddCommands = (parent: Command, run: Run) => void;

const DESCRIPTION =
  'One person asks, another opens: just-in-time access with short-lived tokens.\n\n' +
  'Reads SALLYPORT_ISSUER (the broker, http://localhost:8080), SALLYPORT_TOKEN or SALLYPORT_TOKEN_FILE (your token) ' +
  'and SALLYPORT_CLIENT_ID (ci); audit and migrate read DATABASE_URL.';
const EXIT_CODES = `
Exit codes:
  0 done   1 a check found a problem   2 usage   3 pending   4 denied   5 expired   6 nobody could approve it
  7 not allowed   69 broker unreachable   70 bug   78 configuration   130 stopped

Examples:
  sallyport policy check infra/policies/example
  sallyport request --resource orders-db --role read --duration 1h --justification "Looking into order 4711"
  TOKEN=$(sallyport token --audience https://orders-db.acme.test --scope orders:read)
  sallyport audit verify
`;

/**
 * Runs one of these commands.
 * @param args what was typed after the program's name
 * @returns the exit code; never throws
 */
export async function runProgram(
  args: readonly string[],
  surroundings: Surroundings,
  commands: readonly AddCommands[],
): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const finish = (code: ExitCode): void => {
    exit = code;
  };
  try {
    await makeProgram({ surroundings, finish }, commands).parseAsync(args, { from: 'user' });
    return exit;
  } catch (thrown) {
    return explain(thrown, surroundings);
  }
}

function makeProgram(run: Run, commands: readonly AddCommands[]): Command {
  const { stdout, stderr } = run.surroundings;
  const program = new Command('sallyport')
    .description(DESCRIPTION)
    .version(VERSION)
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    .showHelpAfterError('(--help shows how)');
  for (const add of commands) add(program, run);
  return program.addHelpText('after', EXIT_CODES);
}

/** Says on stderr why a run ends early; returns its exit code. */
function explain(thrown: unknown, { env, stderr }: Surroundings): ExitCode {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (thrown instanceof UsageProblem) {
    for (const problem of thrown.message.split('\n')) stderr.write(`error: ${plain(problem)}\n`);
    stderr.write(`(${thrown.command} --help shows how)\n`);
    return EXIT.usage;
  }
  if (thrown instanceof ConfigProblems) {
    const count = thrown.problems.length;
    stderr.write(`configuration: ${count} ${count === 1 ? 'problem' : 'problems'}\n${thrown.message}\n`);
    return EXIT.configuration;
  }
  stderr.write(`sallyport: this is a bug: ${plain(isError(thrown) ? thrown.message : String(thrown))}\n`);
  if (!showsStacks(env)) stderr.write('LOG_LEVEL=debug shows where.\n');
  else if (isError(thrown) && thrown.stack !== undefined) stderr.write(`${thrown.stack}\n`);
  return EXIT.bug;
}
