/** Owns the log: JSON lines on stdout, a stable event name each, and only fields that are on the list. */
import { type DestinationStream, pino } from 'pino';
import type { LogLevel } from './env-fragments.ts';
import { type LogFields, writeFields } from './log-fields.ts';
import { openLogSink } from './log-sink.ts';
import { logText } from './log-text.ts';

const EVENT_CHARACTERS_MAX = 80;

/** What goes with every line of a child logger. */
export type LogContext = Pick<
  LogFields,
  'traceId' | 'requestId' | 'grantId' | 'part' | 'queue' | 'job' | 'lane' | 'instance'
>;

/** A log. `event` is a stable name like `policy.reload_failed`; what varies goes into the fields. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** An alarm: somebody should look. */
  error(event: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  child(context: LogContext): Logger;
}

export interface LoggerOptions {
  /** The program's name, on every line. */
  readonly name: string;
  readonly level: LogLevel;
  /** Where lines go; stdout, once a turn of the event loop and at once after an error, unless said otherwise. */
  readonly destination?: DestinationStream;
}

/** Opens a log. Lines have `level`, `time` (RFC 3339 UTC), `name`, `event` and the allowed fields; each at most 8 kB. */
export function createLogger(options: LoggerOptions): Logger {
  const sink: DestinationStream & { readonly flush?: () => void } = options.destination ?? openLogSink();
  const lines = pino(
    {
      level: options.level,
      base: { name: options.name },
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // writeFields has serialised already; pino's own way with errors would flatten it again.
      serializers: { err: (written: unknown) => written },
    },
    sink,
  );
  return withContext(lines, {}, sink.flush ?? (() => undefined));
}

type Level = 'debug' | 'info' | 'warn' | 'error';

function withContext(lines: pino.Logger, context: LogContext, flush: () => void): Logger {
  const say = (level: Level) => (event: string, fields?: LogFields) => {
    if (!lines.isLevelEnabled(level)) return;
    lines[level](writeFields({ ...context, ...fields }, level === 'error'), logText(event, EVENT_CHARACTERS_MAX));
    if (level === 'error') flush();
  };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (more) => withContext(lines, { ...context, ...more }, flush),
  };
}
