/** The expected ways to stop: a message for a person and an exit code, without a stack. */

export const EXIT = { failed: 1, unreachable: 69, bug: 70, configuration: 78 };

/** Thrown when something a person can mend is in the way. The message is shown as it is. */
export class Stop extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = EXIT.failed) {
    super(message);
    this.name = 'Stop';
    this.exitCode = exitCode;
  }
}

/** Says on stderr why a script ends; returns its exit code. Whatever is not a Stop is a bug and shows its stack. */
export function explain(error) {
  if (error instanceof Stop) {
    process.stderr.write(`\n${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`\nThis is a bug in Sallyport's start scripts:\n${error?.stack ?? error}\n`);
  return EXIT.bug;
}
