/** Owns the model-based test: sequences of commands against a store, each checked by the model; any store that keeps the contracts. */
import fc from 'fast-check';
import type { MakeStoreWorld } from '../contracts/store-world.ts';
import {
  approve,
  cancel,
  click,
  create,
  decideByRest,
  type ModelCommand,
  narrow,
  replayLastDelivery,
} from './asking-commands.ts';
import { checkTrail } from './check-invariants.ts';
import { makeHouse } from './house.ts';
import { newModel } from './model.ts';
import { asPolicy, START } from './small-policy.ts';
import {
  exchange,
  exchangeGranted,
  introspect,
  parallelExchange,
  poll,
  revokeGrant,
  revokeHandle,
  revokeToken,
} from './token-commands.ts';
import { advance, delegate, moveGroup, reloadPolicy, removePerson, restore, sweep } from './world-commands.ts';

const COMMANDS_MAX = 100;

export interface ModelRun {
  readonly runs: number;
  /** The same seed gives the same sequences. */
  readonly seed: number;
  /** fast-check's path of a counterexample, to replay just that one. */
  readonly path?: string;
}

export interface ModelReport extends ModelRun {
  /** How many commands were run, by name. */
  readonly commands: Readonly<Record<string, number>>;
  readonly tokens: number;
  readonly grants: number;
}

/** `MODEL_RUNS` (or what is said), `MODEL_SEED` (else by the clock) and `MODEL_PATH`. */
export function modelRun(env: Readonly<Record<string, string | undefined>>, runs: number): ModelRun {
  const seed = Number(env.MODEL_SEED ?? Date.now() % 1_000_000_007);
  const path = env.MODEL_PATH === undefined ? {} : { path: env.MODEL_PATH };
  return { runs: Number(env.MODEL_RUNS ?? runs), seed, ...path };
}

/** Each kind as often as it makes a story. */
const commands: fc.Arbitrary<ModelCommand>[] = [
  ...Array.from({ length: 4 }, () => create),
  ...Array.from({ length: 6 }, () => approve),
  ...Array.from({ length: 5 }, () => click),
  ...Array.from({ length: 3 }, () => decideByRest),
  ...Array.from({ length: 2 }, () => narrow),
  ...Array.from({ length: 5 }, () => exchangeGranted),
  ...Array.from({ length: 4 }, () => exchange),
  ...Array.from({ length: 2 }, () => parallelExchange),
  ...Array.from({ length: 5 }, () => poll),
  ...Array.from({ length: 4 }, () => advance),
  ...Array.from({ length: 3 }, () => restore),
  reloadPolicy,
  cancel,
  replayLastDelivery,
  introspect,
  revokeToken,
  revokeHandle,
  revokeGrant,
  removePerson,
  moveGroup,
  delegate,
  sweep,
];

/**
 * Runs so many sequences of commands, each on a store of its own. Throws with seed, path and the shrunk sequence when the
 * product and the model differ or an invariant breaks.
 */
export async function runModel(make: MakeStoreWorld, run: ModelRun): Promise<ModelReport> {
  const report = { ...run, commands: {} as Record<string, number>, tokens: 0, grants: 0 };
  let count = 0;
  const property = fc.asyncProperty(
    fc.commands(commands, { maxCommands: COMMANDS_MAX, size: 'max' }),
    async (sequence) => {
      count += 1;
      const world = await make(asPolicy(START));
      const model = newModel();
      try {
        const house = makeHouse(world, asPolicy(START), `${run.seed}:${count}`);
        await fc.asyncModelRun(() => ({ model, real: house }), sequence);
        await checkTrail(model, house);
      } finally {
        await world.close();
      }
      for (const one of sequence) {
        if (!hasRun(one)) continue;
        const name = String(one).split('(')[0] ?? '';
        report.commands[name] = (report.commands[name] ?? 0) + 1;
      }
      report.tokens += model.tokens.length;
      report.grants += model.requests.filter((r) => r.grant !== undefined).length;
    },
  );
  await fc.assert(property, {
    numRuns: run.runs,
    seed: run.seed,
    ...(run.path === undefined ? {} : { path: run.path }),
    endOnFailure: false,
  });
  return report;
}

/** fast-check wraps each command and knows whether it was run. */
function hasRun(one: unknown): boolean {
  return typeof one === 'object' && one !== null && 'hasRan' in one && one.hasRan === true;
}
