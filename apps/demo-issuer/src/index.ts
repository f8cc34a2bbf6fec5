/** The demo issuer's face, for tests that run it in their own process. */
export { compose, type Program } from './compose.ts';
export { type Config, loadConfig } from './config.ts';
export { type DemoWorkload, demoWorkloads } from './workloads.ts';
