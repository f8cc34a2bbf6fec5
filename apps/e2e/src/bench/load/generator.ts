/** The load generator's process as the bench sees it. */
import { benchFile, type RunningProcess, startProcess } from '../stage/process.ts';
import type {
  HeldPlan,
  HeldResult,
  Plan,
  PlanResult,
  Reported,
  RevokePlan,
  RevokeResult,
  StreamPlan,
  StreamResult,
} from './plan.ts';

export interface Generator {
  readonly pid: number;
  run(plan: StreamPlan): Promise<StreamResult>;
  run(plan: HeldPlan): Promise<HeldResult>;
  run(plan: RevokePlan): Promise<RevokeResult>;
  end(): Promise<void>;
}

/** Starts it and waits until it listens. */
export async function startGenerator(logFile: string): Promise<Generator> {
  const running = startProcess({ main: benchFile('load/main.js'), logFile });
  await nextMessage(running);
  return {
    pid: running.pid,
    run: (async (plan: Plan) => {
      const answer = nextMessage(running);
      running.child.send(plan);
      return resultOf(await answer);
    }) as Generator['run'],
    end: running.end,
  };
}

function nextMessage(running: RunningProcess): Promise<Reported> {
  const { child } = running;
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error(`the load generator ended:\n${running.log()}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as Reported);
    });
  });
}

function resultOf(message: Reported): PlanResult {
  if (message.kind === 'done') return message.result;
  throw new Error(message.kind === 'failed' ? message.why : 'the load generator said nothing of use');
}
