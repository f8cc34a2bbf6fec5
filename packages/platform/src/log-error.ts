/** Owns what of a thrown thing is written to the log: name, message, code, first cause, and the stack of a fault. */
import { logText } from './log-text.ts';
import { isError } from './thrown.ts';

const MESSAGE_CHARACTERS_MAX = 500;
const STACK_LINES_MAX = 12;
const STACK_LINE_CHARACTERS_MAX = 240;
const CAUSES_MAX = 2;

export interface LoggedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: readonly string[];
  readonly cause?: LoggedError;
}

/** Writes what was thrown, without any property but the named ones: errors of libraries carry requests, rows, headers. */
export function serializeError(thrown: unknown, withStack: boolean, causesLeft = CAUSES_MAX): LoggedError | undefined {
  if (thrown === undefined) return undefined;
  if (!isError(thrown)) return { name: 'NotAnError', message: typeof thrown };
  const shown = firstTold(thrown);
  const cause = isError(shown.cause) && causesLeft > 0 ? serializeError(shown.cause, false, causesLeft - 1) : undefined;
  const code = 'code' in shown && ['string', 'number'].includes(typeof shown.code) ? String(shown.code) : undefined;
  return {
    name: logText(shown.name, 80),
    message: logText(shown.message, MESSAGE_CHARACTERS_MAX),
    ...(code === undefined ? {} : { code: logText(code, 80) }),
    ...(withStack ? { stack: stackOf(shown) } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Node answers a refused connection with an AggregateError without a message; its first member has it. */
function firstTold(error: Error): Error {
  const first: unknown =
    'errors' in error && Array.isArray(error.errors) && error.message === '' ? error.errors[0] : undefined;
  return isError(first) ? first : error;
}

/** Frames only: the stack's head repeats the message. */
function stackOf(error: Error): string[] {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  return frames.slice(0, STACK_LINES_MAX).map((line) => logText(line.trim(), STACK_LINE_CHARACTERS_MAX));
}
