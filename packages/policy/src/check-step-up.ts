/** Step-up is not served yet: a policy that asks for a second proof must not load and be quietly given without it. */
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

const NOT_SERVED =
  'step-up is not served yet, and access must not be given without the proof you ask for; remove step_up';

/** An error for every resource and rule with `step_up: true`. */
export function checkStepUp(joined: Joined): readonly PolicyIssue[] {
  return [...joined.resources, ...joined.rules].flatMap(({ value, issueAt }) =>
    value.step_up === true ? [issueAt('error', ['step_up'], NOT_SERVED)] : [],
  );
}
