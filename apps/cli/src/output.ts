/** Owns what is printed: results on stdout, everything else on stderr, lines for people or JSON for machines. */
import { printableJson, visibleText } from '@sallyport/platform';
import type { ExitCode } from './exit-codes.ts';
import { isCi } from './settings.ts';
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
  /** A line beside the result that nobody misses when all goes well. */
  aside(text: string): void;
  /**
   * Where a wait stands. On a terminal one line, rewritten in place; else, and in CI, a line when `what` changes and one
   * each minute, so that nobody takes the job for dead. `detail` may change all the time.
   */
  progress(what: string, detail: string): void;
  /** Says what is in the way and what to do next. @returns its exit code */
  fail(trouble: Trouble): ExitCode;
}

const CLEAR_LINE = '\r\u001b[2K';
const SEPARATOR = ' · ';
const STILL_MS = 60_000;

/** An output on these streams. */
export function makeOutput({ env, stdout, stderr, now }: Surroundings, json: boolean): Output {
  const onStdout = painter(stdout, env.NO_COLOR);
  const onStderr = painter(stderr, env.NO_COLOR);
  const isLive = stderr.isTTY === true && !isCi(env);
  const progress = isLive ? liveProgress(stderr, onStderr('2')) : plainProgress(stderr, now);
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
    aside: note,
    result: (value, lines) => (json ? line(printableJson(value)) : lines.forEach(line)),
    chunk: async (text) => {
      if (!stdout.write(text)) await new Promise<void>((resolve) => stdout.once('drain', resolve));
    },
    progress: progress.show,
    fail: (trouble) => {
      const { exit, code, message, next } = trouble;
      if (json) note(printableJson({ exit, code, message, ...(next === undefined ? {} : { next }) }));
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

interface ProgressLine {
  show(what: string, detail: string): void;
  clear(): void;
}

function liveProgress(screen: Screen, dim: Paint): ProgressLine {
  let open = false;
  return {
    show: (what, detail) => {
      const room = (screen.columns ?? Number.POSITIVE_INFINITY) - 1 - detail.length - SEPARATOR.length;
      const text = what.length > room ? `${what.slice(0, Math.max(0, room - 1))}…` : what;
      screen.write(`${CLEAR_LINE}${text}${dim(`${SEPARATOR}${detail}`)}`);
      open = true;
    },
    clear: () => {
      if (open) screen.write(CLEAR_LINE);
      open = false;
    },
  };
}

function plainProgress(screen: Screen, now: () => number): ProgressLine {
  let shown = '';
  let shownAtMs = 0;
  return {
    show: (what, detail) => {
      if (what === shown && now() - shownAtMs < STILL_MS) return;
      screen.write(what === shown ? `${what}${SEPARATOR}${detail}\n` : `${what}\n`);
      shown = what;
      shownAtMs = now();
    },
    clear: () => undefined,
  };
}

/**
 * Text from elsewhere made safe for one line of a terminal: no escape sequences, no new lines, nothing that reorders or
 * hides. A justification must not be able to repaint what an approver reads.
 */
export function plain(text: string): string {
  return visibleText(text.replace(/[\t\n\r\u2028\u2029]+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd'));
}
