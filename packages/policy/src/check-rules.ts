/** Rules that give nobody anything: nothing to give, nobody to ask, nobody who could approve, never reached. */
import {
  evaluate,
  ownersOf,
  type Policy,
  type Principal,
  person,
  type Rule,
  resourceById,
  roleOf,
  workload,
} from '@sallyport/core';
import type { ItemOf } from './document.ts';
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

type RuleItem = Joined['rules'][number];

/** What a rule says by itself, whoever is in the directory. */
export function checkRuleShapes(joined: Joined): readonly PolicyIssue[] {
  const risks = new Map(joined.resources.map((item) => [item.value.id, item.value.risk ?? 'medium']));
  return [
    ...joined.rules.flatMap((item) => [...contradictions(item), ...gifts(item), ...risky(item, risks)]),
    ...unreached(joined.rules),
    ...joined.resources.flatMap(emptyRoles),
  ];
}

/** Which rules nobody could ever get approved, judged by the very function that judges requests. */
export function checkReach(joined: Joined, policy: Policy): readonly PolicyIssue[] {
  const budget = { questions: Math.ceil(STEPS_MAX / (policy.people.length + 1) ** 2) };
  return joined.rules.flatMap((item, index) => {
    const rule = policy.rules[index];
    if (rule === undefined || rule.effect === 'auto_approve' || rule.approvals.length === 0) return [];
    return isDead(policy, rule, budget)
      ? [item.issueAt('warning', ['approvals'], 'too few people: nobody who may ask could ever get this approved')]
      : [];
  });
}

function contradictions({ value, issueAt }: RuleItem): readonly PolicyIssue[] {
  const { effect, approvals = [] } = value;
  if (effect === 'auto_approve') {
    return approvals.length === 0
      ? []
      : [issueAt('error', ['approvals'], 'auto_approve asks nobody; remove one of the two')];
  }
  if (approvals.length === 0) {
    return [issueAt('warning', ['approvals'], 'no line: nobody may approve, so nobody gets anything by this rule')];
  }
  return approvals.flatMap((line, index) =>
    (line.from ?? []).length > 0 ? [] : [issueAt('warning', ['approvals', index], 'from nobody: this is never met')],
  );
}

function gifts({ value, issueAt }: RuleItem): readonly PolicyIssue[] {
  const found: PolicyIssue[] = [];
  if ((value.who ?? []).length === 0) found.push(issueAt('warning', ['who'], 'nobody may ask by this rule'));
  if ((value.roles ?? []).length === 0) found.push(issueAt('warning', ['roles'], 'no role: this rule gives nothing'));
  return found;
}

function risky({ value, issueAt }: RuleItem, risks: ReadonlyMap<string, string>): readonly PolicyIssue[] {
  if (value.effect !== 'auto_approve' || risks.get(value.resource) !== 'high') return [];
  return [issueAt('advice', ['effect'], `${value.resource} is high risk, and this rule asks nobody`)];
}

function emptyRoles({ value, issueAt }: Joined['resources'][number]): readonly PolicyIssue[] {
  return (value.roles ?? []).flatMap((role, index) =>
    (role.scopes ?? []).length > 0 ? [] : [issueAt('warning', ['roles', index], 'no scope: this role gives nothing')],
  );
}

/** A rule all of whose people and roles an earlier one takes. The first match decides. */
function unreached(rules: readonly RuleItem[]): readonly PolicyIssue[] {
  const byResource = new Map<string, RuleItem[]>();
  return rules.flatMap((item) => {
    const earlier = byResource.get(item.value.resource) ?? [];
    byResource.set(item.value.resource, [...earlier, item]);
    const taker = earlier.find((other) => takes(other.value, item.value));
    if (taker === undefined) return [];
    return [item.issueAt('warning', [], `never reached: rule ${taker.value.id} comes first and takes all of it`)];
  });
}

function takes(earlier: ItemOf<'rules'>, later: ItemOf<'rules'>): boolean {
  const { who = [], roles = [] } = later;
  const people = who.every((reference) => earlier.who?.includes('anyone') || earlier.who?.includes(reference));
  return who.length > 0 && roles.length > 0 && people && roles.every((role) => earlier.roles?.includes(role));
}

/** Judging one question compares everybody with everybody: the larger the directory, the fewer questions. */
const STEPS_MAX = 30_000_000;

/** Whether no question this rule decides could be approved. False also when there are too many to ask. */
function isDead(policy: Policy, rule: Rule, budget: { questions: number }): boolean {
  const resource = resourceById(policy, rule.resource);
  const role = rule.roles.find((one) => resource !== undefined && roleOf(resource, one) !== undefined);
  if (role === undefined) return false;
  const alone: Policy = { ...policy, rules: [rule] };
  let asked = false;
  for (const [subject, requester] of askers(policy)) {
    if (budget.questions <= 0) return false;
    const { kind } = evaluate(alone, { subject, requester, resource: rule.resource, role });
    if (kind === 'forbidden') continue;
    budget.questions -= 1;
    if (kind === 'needs_approval') return false;
    asked = true;
  }
  return asked;
}

function* askers(policy: Policy): Generator<readonly [Principal, Principal]> {
  for (const entry of policy.people) yield [person(entry.id), person(entry.id)];
  for (const entry of policy.workloads) {
    yield [workload(entry.id), workload(entry.id)];
    for (const owner of ownersOf(policy, entry.id)) yield [workload(entry.id), person(owner.id)];
  }
}
