/** Owns what the command line gets from outside, so that tests can run it in their own process. */
import type { Environment } from '@sallyport/platform';

/** A stream to write to; `isTTY` when a person reads it. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  /** How wide a terminal is, in characters. */
  readonly columns?: number | undefined;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface Surroundings {
  readonly env: Environment;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** The time of day: milliseconds since the epoch, UTC. */
  readonly clock: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Ends early, without an error, when the signal says so. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `tick` again and again until told to stop. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** From now on Ctrl-C and SIGTERM do not end the program but abort this signal; a second one still ends it. */
  readonly interruption: () => AbortSignal;
  /** Where well-known files lie: `/`, or a folder of a test. */
  readonly root: string;
}
