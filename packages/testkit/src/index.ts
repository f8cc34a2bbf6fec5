/** The whole testkit: what tests and the stand-ins are built from. Lighter doors: `./core`, `./contracts`, `./slack`, `./issuer`. */
export * from './core.ts';
export * from './issuer/index.ts';
export * from './postgres-harness.ts';
export * from './slack/index.ts';
