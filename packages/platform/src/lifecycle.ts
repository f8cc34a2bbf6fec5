/** Owns the life of a program: parts start in order, stop in reverse with deadlines, and a signal drains. */
import { ConfigProblems, exitWithProblems } from './config-problems.ts';
import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';

/** Exit code for a bug (EX_SOFTWARE of sysexits.h). */
export const EXIT_BUG = 70;

const DRAIN_MS = 10_000;
const PART_MS = 8_000;
/** Kept back from the whole, so that the last log line and the exit fit into it. */
const RESERVE_MS = 500;
const PART_MS_MIN = 100;

/** Something that runs as long as the program. Both functions may be absent. */
export interface Part {
  readonly start?: () => void | Promise<void>;
  readonly stop?: () => void | Promise<void>;
  /** Milliseconds this part may take to stop; 8,000 unless said, and never more than is left of the whole. */
  readonly stopMs?: number;
}

/** The process as the lifecycle needs it. */
export interface HostProcess {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): never;
}

export interface Lifecycle {
  /** Adds a part; parts start in this order and stop in reverse. What says "not ready" first is added last. */
  add(name: string, part: Part): Lifecycle;
  /** Starts all parts. If one fails, those already started are stopped and the failure is thrown. */
  start(): Promise<void>;
  /** Stops what was started, in reverse, within 10 s in all. Never throws; may be called twice. */
  stop(): Promise<void>;
  /**
   * Starts all parts, waits for SIGTERM or SIGINT, drains, exits 0. Further signals are ignored while it drains (a terminal's
   * Ctrl-C reaches every process of the group, and the parent's SIGTERM follows). A part that says its configuration is wrong
   * ends the program with 78, an unhandled rejection, an uncaught exception or a failed start with 70.
   */
  runUntilSignal(): Promise<void>;
}

/** Makes the lifecycle of one program. */
export function createLifecycle(logger: Logger, host: HostProcess = process as HostProcess): Lifecycle {
  const parts: (Part & { readonly name: string })[] = [];
  const running: (Part & { readonly name: string })[] = [];
  let stopping: Promise<void> | undefined;

  async function start(): Promise<void> {
    for (const part of parts) {
      if (stopping !== undefined) return;
      running.push(part);
      try {
        await part.start?.();
      } catch (thrown) {
        await stop();
        throw thrown;
      }
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopAll(running.reverse(), logger);
    return stopping;
  }

  const lifecycle: Lifecycle = {
    add(name, part) {
      parts.push({ ...part, name });
      return lifecycle;
    },
    start,
    stop,
    runUntilSignal: () => runUntilSignal({ start, stop, logger, host }),
  };
  return lifecycle;
}

async function stopAll(parts: readonly (Part & { readonly name: string })[], logger: Logger): Promise<void> {
  const end = performance.now() + DRAIN_MS - RESERVE_MS;
  for (const part of parts) {
    const left = Math.max(PART_MS_MIN, end - performance.now());
    try {
      await withDeadline(
        (async () => part.stop?.())(),
        Math.min(part.stopMs ?? PART_MS, left),
        `stopping ${part.name}`,
      );
    } catch (err) {
      logger.error('program.part_not_stopped', { part: part.name, err });
    }
  }
}

interface Run {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly logger: Logger;
  readonly host: HostProcess;
}

async function runUntilSignal({ start, stop, logger, host }: Run): Promise<void> {
  const fault = (event: string) => (err: unknown) => {
    logger.error(event, { err });
    host.exit(EXIT_BUG);
  };
  const signalled = new Promise<string>((resolve) => {
    host.on('SIGTERM', () => resolve('SIGTERM'));
    host.on('SIGINT', () => resolve('SIGINT'));
  });
  host.on('unhandledRejection', fault('program.unhandled_rejection'));
  host.on('uncaughtException', fault('program.uncaught_exception'));

  try {
    await Promise.race([start(), signalled]);
  } catch (thrown) {
    return failedStart(thrown, logger, host);
  }
  const signal = await signalled;
  logger.info('program.draining', { signal });
  await stop();
  logger.info('program.stopped', { signal });
  host.exit(0);
}

function failedStart(thrown: unknown, logger: Logger, host: HostProcess): void {
  if (thrown instanceof ConfigProblems) {
    exitWithProblems(thrown, { print: (text) => process.stderr.write(text), exit: (code) => host.exit(code) });
  }
  logger.error('program.start_failed', { err: thrown });
  host.exit(EXIT_BUG);
}
