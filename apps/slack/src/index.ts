/** The face of the Slack program, for whoever runs it inside another process. */
export type { ComposeOptions } from './compose.ts';
export { type Config, environmentSchema, loadConfig, type SlackMode } from './config.ts';
export { type Running, start } from './start.ts';
