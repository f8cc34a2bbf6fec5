/** Runs that wait: each asks with `completion_mode=deferred` and gets a handle. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodiesFile, exchangeForm, FORM } from './stage/forms.ts';
import type { Stage } from './stage/stage.ts';

export interface WaitingRun {
  readonly code: string;
  readonly requestId: string;
}

const CONNECTIONS = 16;
const PATIENCE_MS = 120_000;

/** One waiting run per entry: the pipeline it is of. Pending asks of one pipeline are one request. In no particular order. */
export async function startWaiting(stage: Stage, jobs: readonly number[]): Promise<readonly WaitingRun[]> {
  const more = { completion_mode: 'deferred', reason: 'The bench waits for somebody to approve' };
  const bodies = jobs.map((job) => exchangeForm(stage.jobTokens.of(job), more));
  const answersFile = join(stage.folder, 'waiting.answers');
  await stage.generator.run({
    kind: 'closed',
    port: stage.brokers[0].port,
    path: stage.brokers[0].tokenPath,
    headers: FORM,
    bodiesFile: bodiesFile(stage, 'waiting', bodies),
    repeat: false,
    connections: CONNECTIONS,
    durationMs: PATIENCE_MS,
    answersFile,
  });
  const runs = readFileSync(answersFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return runs.map(waitingRun);
}

function waitingRun(line: string): WaitingRun {
  const { deferral_code: code, request_id: requestId } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || typeof requestId !== 'string') throw new Error(`a run does not wait: ${line}`);
  return { code, requestId };
}
