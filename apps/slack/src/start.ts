/** Owns starting the program inside another process: a test, or one that runs all programs. */
import { type ComposeOptions, compose } from './compose.ts';
import type { Config } from './config.ts';

export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts the program.
 * @returns the port of its door, and how to stop it
 * @throws ConfigProblems when the port cannot be had or the Slack installation does not fit
 */
export async function start(config: Config, options: ComposeOptions = {}): Promise<Running> {
  const program = compose(config, options);
  await program.lifecycle.start();
  return { port: program.port(), stop: program.lifecycle.stop };
}
