/** Owns the face of the local workspace program. */
export { type Config, loadConfig } from './config.ts';
export { makePageRoutes, type PageRoutes } from './page/routes.ts';
export { type RunningProgram, start } from './server.ts';
