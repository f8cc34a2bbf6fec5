/** The face of the worker for tests that run all programs in one process. */
export { compose, type Program } from './compose.ts';
export { type Config, loadConfig } from './config.ts';
