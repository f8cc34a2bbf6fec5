/** Owns the one way a program says that its configuration is wrong: all problems at once on stderr, exit 78. */

/** Exit code for a bad configuration (EX_CONFIG of sysexits.h). */
export const EXIT_CONFIG = 78;

/** One thing to repair: which setting, and what is wrong with it and what to do next. */
export interface ConfigProblem {
  readonly name: string;
  readonly problem: string;
}

/** Everything wrong with a configuration. The message has one line per problem and never contains a secret. */
export class ConfigProblems extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map((p) => `${p.name}: ${p.problem}`).join('\n'));
    this.name = 'ConfigProblems';
    this.problems = problems;
  }
}

/** What `loadOrExit` needs from the outside; the real process unless a test says otherwise. */
export interface ExitDoor {
  readonly print: (text: string) => void;
  readonly exit: (code: number) => never;
}

const processDoor: ExitDoor = {
  print: (text) => process.stderr.write(text),
  exit: (code) => process.exit(code),
};

/** Prints the problems to stderr and ends the program with exit code 78. */
export function exitWithProblems(problems: ConfigProblems, door: ExitDoor = processDoor): never {
  const count = problems.problems.length;
  door.print(`configuration: ${count} ${count === 1 ? 'problem' : 'problems'}\n${problems.message}\n`);
  return door.exit(EXIT_CONFIG);
}

/**
 * Runs `load`; ConfigProblems are printed and end the program with exit code 78.
 * Anything else is a bug and is thrown on.
 */
export function loadOrExit<T>(load: () => T, door: ExitDoor = processDoor): T {
  try {
    return load();
  } catch (thrown) {
    if (thrown instanceof ConfigProblems) return exitWithProblems(thrown, door);
    throw thrown;
  }
}
