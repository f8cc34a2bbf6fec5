/** The run: sets the stage, plays the scenarios that are wanted, checks the ledger, and says what was met. */
import { cpus, totalmem } from 'node:os';
import { checkLedger, jtiOf } from './issued.ts';
import { jobsFor } from './jobs.ts';
import type { BenchOptions } from './options.ts';
import { report, tell } from './output.ts';
import { makeRounds } from './rounds.ts';
import { playScenarios } from './scenarios/index.ts';
import { approveJobs } from './stage/people.ts';
import { type Stage, setStage } from './stage/stage.ts';
import { reportTargets } from './targets.ts';

/** Runs everything. Returns whether every issued token was found in the ledger. */
export async function runBench(options: BenchOptions, redisUrl: string): Promise<boolean> {
  tell('starting two brokers, a worker and the competitors');
  const jobs = jobsFor(options);
  const stage = await setStage(options, jobs, redisUrl);
  try {
    await sayMachine(stage);
    tell(`approving ${options.grants} pipelines`);
    await approveJobs(stage, 0, options.grants);
    return await play(stage, options, redisUrl);
  } finally {
    await stage.stop();
  }
}

async function sayMachine({ database }: Stage): Promise<void> {
  const [settings] = await database.sql(
    `select current_setting('server_version') as postgres, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as synchronous_commit`,
  );
  const [cpu] = cpus();
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  report({ kind: 'machine', cpu: cpu?.model, cpus: cpus().length, memoryGib, node: process.version, ...settings });
}

async function play(stage: Stage, options: BenchOptions, redisUrl: string): Promise<boolean> {
  const issued: string[] = [];
  const rounds = makeRounds(options);
  await playScenarios({
    stage,
    options,
    jobs: jobsFor(options),
    rounds,
    redisUrl,
    keep: (tokens) => {
      for (const token of tokens) issued.push(jtiOf(token));
    },
  });
  const check = await checkLedger(stage, issued);
  report({ kind: 'ledger', ...check });
  reportTargets(rounds.medians(), rounds.peakMib());
  return check.withoutRow === 0 && check.withoutAuditRow === 0 && check.distinct === check.issued;
}
