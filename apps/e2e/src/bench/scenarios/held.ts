/** Held polls: thousands wait at one broker, people click at the other. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tokensIn } from '../issued.ts';
import type { Click } from '../load/plan.ts';
import { watchMemory } from '../meter.ts';
import { bodiesFile, FORM, pollForm } from '../stage/forms.ts';
import { approval, headersOf } from '../stage/people.ts';
import type { Stage } from '../stage/stage.ts';
import type { WaitingRun } from '../waiting.ts';

/** A handle may be polled five seconds after it was given; sooner would be told to slow down. */
const INTERVAL_MS = 5_100;
const SETTLE_MS = 3_000;
const PATIENCE_MS = 15_000;

export interface Held {
  readonly waiters: number;
  readonly clicks: number;
  /** From sending a click to the token of whoever waited for it. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly clickAnswerP50Ms: number;
  readonly clickAnswerP99Ms: number;
  readonly peakMib: number;
}

/** All wait, each for a click of its own; the first `clicks` of them are clicked, one after the other. */
export async function clickOneByOne(stage: Stage, runs: readonly WaitingRun[], clicks: number) {
  const dan = await headersOf(stage, 'dan');
  const clicked = runs.slice(0, clicks).map(({ requestId }, index) => approval(stage, requestId, dan, index));
  return held(stage, runs, clicked);
}

/** All wait for one request; one click lets all of them go. */
export async function clickForAll(stage: Stage, runs: readonly WaitingRun[]) {
  const requests = new Set(runs.map(({ requestId }) => requestId));
  const [only = '', ...others] = requests;
  if (others.length > 0) throw new Error('runs of one pipeline wait for one request');
  return held(stage, runs, [approval(stage, only, await headersOf(stage, 'dan'), 'all')]);
}

async function held(
  stage: Stage,
  runs: readonly WaitingRun[],
  clicks: readonly Click[],
): Promise<Held & { readonly tokens: readonly string[] }> {
  const [broker] = stage.brokers;
  const bodies = runs.map(({ code }) => pollForm(code));
  const answersFile = join(stage.folder, 'held.answers');
  await sleep(INTERVAL_MS);
  const memory = watchMemory(broker.pid);
  const { clickToTokenMs: spread, clickAnswerMs } = await stage.generator.run({
    kind: 'held',
    port: broker.port,
    path: broker.tokenPath,
    headers: FORM,
    bodiesFile: bodiesFile(stage, 'held', bodies),
    clicks,
    settleMs: SETTLE_MS,
    patienceMs: PATIENCE_MS,
    answersFile,
  });
  return {
    waiters: runs.length,
    clicks: clicks.length,
    p50Ms: spread.p50,
    p95Ms: spread.p95,
    p99Ms: spread.p99,
    maxMs: spread.max,
    clickAnswerP50Ms: clickAnswerMs.p50,
    clickAnswerP99Ms: clickAnswerMs.p99,
    peakMib: Math.round(memory.stop()),
    tokens: tokensIn(answersFile),
  };
}
