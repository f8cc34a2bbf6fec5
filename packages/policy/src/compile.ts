/** Compiles policy files to one immutable Policy, or says everything that is wrong with them. Pure. */
import { err, ok, type Policy, type Result } from '@sallyport/core';
import { checkClients } from './check-clients.ts';
import { checkDelegations } from './check-delegations.ts';
import { checkDetails } from './check-details.ts';
import { checkIssuers, checkTokenLife } from './check-issuers.ts';
import { checkNames } from './check-names.ts';
import { checkPeople } from './check-people.ts';
import { checkReferences } from './check-references.ts';
import { checkReach, checkRuleShapes } from './check-rules.ts';
import { checkStepUp } from './check-step-up.ts';
import { checkWorkloads } from './check-workloads.ts';
import { withVersion } from './compiled.ts';
import { hasErrors, type PolicyIssue, sortIssues } from './issue.ts';
import { type Item, type Joined, joinSources } from './joined.ts';
import { type PolicySource, readSource } from './source.ts';
import { toContent } from './to-policy.ts';

export interface CompileOptions {
  /** Accept issuers on http loopback addresses: SALLYPORT_ALLOW_HTTP_ISSUERS. */
  readonly allowHttpIssuers: boolean;
}

export interface CompiledPolicy {
  readonly policy: Policy;
  /** Warnings and advice, sorted. */
  readonly issues: readonly PolicyIssue[];
}

/**
 * Compiles files, joined in the given order.
 * @returns the policy, or all issues, sorted, of which at least one is an error. Never throws on what a text says.
 */
export function compilePolicy(
  sources: readonly PolicySource[],
  options: CompileOptions,
): Result<CompiledPolicy, readonly PolicyIssue[]> {
  const joined = joinSources(sources.map(readSource));
  const issues = [...joined.issues, ...checkAll(joined, options)];
  if (hasErrors(issues)) return err(sortIssues(issues));
  const policy = withVersion(toContent(valuesOf(joined)));
  return ok({ policy, issues: sortIssues([...issues, ...checkReach(joined, policy)]) });
}

function checkAll(joined: Joined, options: CompileOptions): readonly PolicyIssue[] {
  return [
    ...checkNames(joined),
    ...checkIssuers(joined, options.allowHttpIssuers),
    ...checkTokenLife(joined),
    ...checkClients(joined),
    ...checkDetails(joined),
    ...checkPeople(joined),
    ...checkDelegations(joined),
    ...checkWorkloads(joined),
    ...checkReferences(joined),
    ...checkRuleShapes(joined),
    ...checkStepUp(joined),
  ];
}

function valuesOf(joined: Joined) {
  const values = <T>(items: readonly Item<T>[]) => items.map((item) => item.value);
  return {
    issuers: values(joined.issuers),
    clients: values(joined.clients),
    people: values(joined.people),
    workloads: values(joined.workloads),
    resources: values(joined.resources),
    rules: values(joined.rules),
    delegations: values(joined.delegations),
    ...(joined.login === undefined ? {} : { login: joined.login.value }),
    ...(joined.slack === undefined ? {} : { slack: joined.slack.value }),
  };
}
