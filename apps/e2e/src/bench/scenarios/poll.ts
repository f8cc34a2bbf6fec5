/** Polls that are answered at once: with a handle, and by repeating the exchange. Each waiter asks once a round, in time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, measured } from '../measured.ts';
import type { BenchOptions } from '../options.ts';
import { bodiesFile, exchangeForm, FORM, pollForm } from '../stage/forms.ts';
import type { Stage } from '../stage/stage.ts';
import type { WaitingRun } from '../waiting.ts';

/** The first interval is five seconds; a little more, so that nobody is told to slow down. */
const INTERVAL_MS = 5_100;
const PATIENCE_MS = 60_000;

/** All of them poll with their handle and are told to go on waiting. */
export async function pollHandles(stage: Stage, options: BenchOptions, runs: readonly WaitingRun[]): Promise<Measured> {
  await sleep(INTERVAL_MS);
  const bodies = runs.map(({ code }) => pollForm(code));
  return poll(stage, options, 'poll', bodies, { ...FORM, prefer: 'wait=0' });
}

/** Pipelines without a handle point at their request and are told to go on waiting. */
export function repeatExchanges(stage: Stage, options: BenchOptions, jobs: readonly number[]): Promise<Measured> {
  const bodies = jobs.map((job) => exchangeForm(stage.jobTokens.of(job)));
  return poll(stage, options, 'repeat', bodies, FORM);
}

function poll(
  stage: Stage,
  options: BenchOptions,
  name: string,
  bodies: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<Measured> {
  const [broker] = stage.brokers;
  return measured(
    stage,
    broker,
    {
      kind: 'closed',
      port: broker.port,
      path: broker.tokenPath,
      headers,
      bodiesFile: bodiesFile(stage, name, bodies),
      repeat: false,
      connections: options.connections,
      durationMs: PATIENCE_MS,
    },
    '400',
  );
}
