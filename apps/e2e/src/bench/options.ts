/** How long and how much: a run whose figures count, and a quick one that only shows that everything works. */

import type { Flood } from '../crowd/crowd.ts';

export interface BenchOptions {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  readonly connections: number;
  /** Live grants the exchanges spread over. */
  readonly grants: number;
  /** Subject tokens made for one second of a closed loop: more than any server here takes. */
  readonly tokensPerSecond: number;
  readonly open: { readonly exchangesPerSecond: number; readonly introspectionsPerSecond: number };
  readonly waiters: number;
  /** How many of the waiters are let go by a click of their own. */
  readonly singleClicks: number;
  readonly revocations: number;
  /** Those who ask in Slack, and within how long. */
  readonly crowd: Flood;
  /** Names of the scenarios to run; empty: all. */
  readonly only: readonly string[];
  /** A folder for CPU profiles of the first broker. */
  readonly profiles?: string;
  /** What Node is told for our programs, as where they ship. */
  readonly nodeArgs: readonly string[];
}

const FULL: BenchOptions = {
  rounds: 3,
  roundMs: 5_000,
  warmUpMs: 2_000,
  connections: 128,
  grants: 20,
  tokensPerSecond: 5_000,
  open: { exchangesPerSecond: 400, introspectionsPerSecond: 1_500 },
  waiters: 2_000,
  singleClicks: 200,
  revocations: 100,
  crowd: { people: 40, requests: 200, withinMs: 60_000 },
  only: [],
  nodeArgs: [],
};

const QUICK: BenchOptions = {
  ...FULL,
  rounds: 1,
  roundMs: 400,
  warmUpMs: 200,
  connections: 8,
  grants: 4,
  open: { exchangesPerSecond: 50, introspectionsPerSecond: 100 },
  waiters: 20,
  singleClicks: 5,
  revocations: 5,
  crowd: { people: 3, requests: 6, withinMs: 1_800 },
};

/** Reads the command line: `--quick`, `--rounds N`, `--round-ms N`, `--only a,b`, `--profiles FOLDER`, `--node-args 'A B'`. */
export function benchOptions(given: {
  readonly quick: boolean;
  readonly rounds?: string | undefined;
  readonly roundMs?: string | undefined;
  readonly only?: string | undefined;
  readonly profiles?: string | undefined;
  readonly nodeArgs?: string | undefined;
}): BenchOptions {
  const base = given.quick ? QUICK : FULL;
  return {
    ...base,
    rounds: given.rounds === undefined ? base.rounds : positive(given.rounds),
    roundMs: given.roundMs === undefined ? base.roundMs : positive(given.roundMs),
    only: given.only?.split(',') ?? [],
    nodeArgs: given.nodeArgs?.split(' ') ?? [],
    ...(given.profiles === undefined ? {} : { profiles: given.profiles }),
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`not a whole number from 1 on: ${text}`);
  return value;
}
