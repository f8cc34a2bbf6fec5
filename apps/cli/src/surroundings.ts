/** Owns what the command line gets from outside, so that tests can run it in their own process. */
import type { Environment } from '@sallyport/platform';

/** A stream to write to; `isTTY` when a person reads it. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface Surroundings {
  readonly env: Environment;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}
