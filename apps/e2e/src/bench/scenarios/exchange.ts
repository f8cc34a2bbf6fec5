/** Exchanges: distinct subject tokens against live grants, the same bodies' shape at every competitor. */
import { join } from 'node:path';
import { tokensIn } from '../issued.ts';
import type { StreamPlan } from '../load/plan.ts';
import { type Measured, measured } from '../measured.ts';
import type { BenchOptions } from '../options.ts';
import { bodiesFile, exchangeForm, FORM } from '../stage/forms.ts';
import type { Server, Stage } from '../stage/stage.ts';

export interface Exchanged extends Measured {
  readonly tokens: readonly string[];
}

/** As many exchanges as a closed loop gets done in the time. */
export function exchangeClosed(stage: Stage, options: BenchOptions, server: Server, ms: number): Promise<Exchanged> {
  const count = Math.ceil((options.tokensPerSecond * ms) / 1_000);
  return exchange(stage, options, server, count, { kind: 'closed', connections: options.connections, durationMs: ms });
}

/** Exchanges at a rate, whatever the server makes of it. */
export function exchangeOpen(stage: Stage, options: BenchOptions, server: Server, ms: number): Promise<Exchanged> {
  const { exchangesPerSecond: ratePerSecond } = options.open;
  const count = Math.ceil((ratePerSecond * ms) / 1_000) + 1;
  return exchange(stage, options, server, count, { kind: 'open', connections: 256, durationMs: ms, ratePerSecond });
}

type Shape = Pick<StreamPlan, 'kind' | 'connections' | 'durationMs' | 'ratePerSecond'>;

async function exchange(
  stage: Stage,
  options: BenchOptions,
  server: Server,
  count: number,
  shape: Shape,
): Promise<Exchanged> {
  const bodies = Array.from({ length: count }, (_, index) => exchangeForm(stage.jobTokens.of(index % options.grants)));
  const answersFile = join(stage.folder, `exchange-${server.name}.answers`);
  const figures = await measured(stage, server, {
    ...shape,
    port: server.port,
    path: server.tokenPath,
    headers: FORM,
    bodiesFile: bodiesFile(stage, `exchange-${server.name}`, bodies),
    repeat: false,
    answersFile,
  });
  return { ...figures, tokens: tokensIn(answersFile) };
}
