/** The GitHub Action: gets a token in the step, masks it, hands it on; gives it back in the post step, at the end of the job. */
import { ConfigProblems, isError } from '@sallyport/platform';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { makeOutput } from '../output.ts';
import type { Surroundings } from '../surroundings.ts';
import { giveBack } from './give-back.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { step } from './step.ts';
import { makeWorkflow } from './workflow.ts';

/** What of the job's environment the code below sees: a SALLYPORT_… of the workflow's own is none of its settings. */
const SEEN = /^(?:CI$|NO_COLOR$|GITHUB_|ACTIONS_|STATE_)/;

/**
 * Runs the step or, when its own state says so, the post step. Everything is written to stdout, where GitHub keeps the order.
 * @returns the exit code of the command line for the same ending; the post step never fails a job
 */
export async function runAction(outside: Surroundings): Promise<ExitCode> {
  const workflow = makeWorkflow(outside.env, outside.stdout);
  const isPost = outside.env.STATE_phase === 'post';
  try {
    // First of all, so that a step that fails is not run a second time as its own post step.
    if (!isPost) await workflow.state('phase', 'post');
    const inputs = readInputs(outside.env);
    const surroundings = { ...outside, stderr: outside.stdout, env: settingsOf(outside, inputs) };
    const shell = { ...surroundings, out: makeOutput(surroundings, false) };
    return isPost ? await giveBack(inputs, shell, workflow) : await step(inputs, shell, workflow);
  } catch (thrown) {
    const isSetting = thrown instanceof ConfigProblems;
    const said = isError(thrown) ? thrown.message : String(thrown);
    workflow.error(isSetting ? said : `this is a bug: ${said}`);
    return isSetting ? EXIT.configuration : EXIT.bug;
  }
}

/** Tokens never cross a network unencrypted here, hence `production`. */
function settingsOf({ env }: Surroundings, inputs: Inputs): Surroundings['env'] {
  const seen = Object.entries(env).filter(([name]) => SEEN.test(name));
  return {
    ...Object.fromEntries(seen),
    SALLYPORT_ENV: 'production',
    SALLYPORT_ISSUER: inputs.issuer,
    SALLYPORT_CLIENT_ID: inputs['client-id'],
  };
}
