/** The load generator: a process of its own, so that what it costs is nobody else's CPU. Takes plans, answers results. */
import { runHeld } from './held.ts';
import type { Plan, PlanResult, Reported } from './plan.ts';
import { runRevoke } from './revoke.ts';
import { runStream } from './stream.ts';

function run(plan: Plan): Promise<PlanResult> {
  switch (plan.kind) {
    case 'closed':
    case 'open':
      return runStream(plan);
    case 'held':
      return runHeld(plan);
    case 'revoke':
      return runRevoke(plan);
  }
}

const say = (message: Reported): void => void process.send?.(message);

process.on('message', (plan: Plan) => {
  run(plan).then(
    (result) => say({ kind: 'done', result }),
    (thrown: unknown) => say({ kind: 'failed', why: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});
process.on('disconnect', () => process.exit(0));
say({ kind: 'ready' });
