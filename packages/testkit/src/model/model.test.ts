/** Runs the model against the in-memory house. `MODEL_RUNS` and `MODEL_SEED` set how often and from where. */
import { expect, test } from '@jest/globals';
import type { MakeStoreWorld } from '../contracts/store-world.ts';
import { asStoreWorld } from '../memory-house.ts';
import { memoryWorld } from '../memory-world.ts';
import { modelRun, runModel } from './run-model.ts';

const make: MakeStoreWorld = async (policy) => asStoreWorld(memoryWorld({ policy }));

const run = modelRun(process.env, 2_000);

test(`I-1 to I-18, I-22: ${run.runs} stories from seed ${run.seed} break no invariant`, async () => {
  const report = await runModel(make, run);
  process.stdout.write(`model: ${JSON.stringify(report)}\n`);
  if (run.runs < 500) return;
  expect(report.tokens).toBeGreaterThan(run.runs / 2);
  expect(report.grants).toBeGreaterThan(run.runs / 2);
}, 600_000);
