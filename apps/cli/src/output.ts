/** Owns what is printed: results on stdout, everything else on stderr, lines for people or JSON for machines. */
import type { ExitCode } from './exit-codes.ts';
import type { Screen, Surroundings } from './surroundings.ts';
import type { Trouble } from './trouble.ts';

type Paint = (text: string) => string;

export interface Output {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  /** A line of the result. */
  line(text: string): void;
  /** Lines of the result when people read, the value as JSON when machines do. */
  result(value: unknown, lines: readonly string[]): void;
  /** A piece of a long result; resolves when there is room for more. */
  chunk(text: string): Promise<void>;
  /** A line beside the result. */
  note(text: string): void;
  /** Where a wait stands: rewritten in place on a terminal, else a line when `what` changes. `detail` is for terminals only. */
  progress(what: string, detail?: string): void;
  /** Says what is in the way and what to do next. @returns its exit code */
  fail(trouble: Trouble): ExitCode;
}

const CLEAR_LINE = '\r\u001b[2K';

/** An output on these streams. */
export function makeOutput({ env, stdout, stderr }: Surroundings, json: boolean): Output {
  const onStdout = painter(stdout, env.NO_COLOR);
  const onStderr = painter(stderr, env.NO_COLOR);
  const progress = makeProgress(stderr, onStderr('2'));
  const note = (text: string): void => {
    progress.clear();
    stderr.write(`${text}\n`);
  };
  const line = (text: string): void => {
    progress.clear();
    stdout.write(`${text}\n`);
  };
  return {
    bold: onStdout('1'),
    dim: onStdout('2'),
    good: onStdout('32'),
    bad: onStdout('31'),
    warn: onStdout('33'),
    line,
    note,
    result: (value, lines) => (json ? line(JSON.stringify(value)) : lines.forEach(line)),
    chunk: async (text) => {
      if (!stdout.write(text)) await new Promise<void>((resolve) => stdout.once('drain', resolve));
    },
    progress: progress.show,
    fail: (trouble) => {
      const { exit, code, message, next } = trouble;
      if (json) note(JSON.stringify({ exit, code, message, ...(next === undefined ? {} : { next }) }));
      else {
        note(`${onStderr('31')('sallyport:')} ${plain(message)}`);
        if (next !== undefined) note(plain(next));
      }
      return exit;
    },
  };
}

function painter(screen: Screen, noColor: string | undefined): (code: string) => Paint {
  const colour = screen.isTTY === true && (noColor === undefined || noColor === '');
  return (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}

function makeProgress(screen: Screen, dim: Paint) {
  let shown = '';
  let open = false;
  return {
    show: (what: string, detail?: string): void => {
      if (screen.isTTY === true) {
        screen.write(`${CLEAR_LINE}${what}${detail === undefined ? '' : ` ${dim(detail)}`}`);
        open = true;
      } else if (what !== shown) screen.write(`${what}\n`);
      shown = what;
    },
    clear: (): void => {
      if (open) screen.write(CLEAR_LINE);
      open = false;
    },
  };
}

/**
 * Text from elsewhere made safe for one line of a terminal: no escape sequences, no new lines, nothing that reorders or
 * hides. A justification must not be able to repaint what an approver reads.
 */
export function plain(text: string): string {
  return text.replace(/[\t\n\r\u2028\u2029]+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
