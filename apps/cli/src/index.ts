/** The face of the command line, for tests that run it in their own process. */
export { runCli } from './cli.ts';
export { EXIT, type ExitCode } from './exit-codes.ts';
export type { Screen, Surroundings } from './surroundings.ts';
