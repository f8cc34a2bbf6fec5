/** The light face of the testkit: the core's ports in memory, clock, builders, arbitraries, the model. No foreign tongue. */
export * from './arbitraries.ts';
export * from './builders.ts';
export * from './fixed-clock.ts';
export * from './memory-devices.ts';
export * from './memory-handles.ts';
export * from './memory-house.ts';
export * from './memory-issuances.ts';
export * from './memory-ledger.ts';
export * from './memory-replay-guard.ts';
export * from './memory-sessions.ts';
export * from './memory-store.ts';
export * from './memory-tokens.ts';
export * from './memory-world.ts';
export { type ModelReport, type ModelRun, modelRun, runModel } from './model/run-model.ts';
export * from './play.ts';
export * from './story.ts';
