/** Evaluate: policy x question -> verdict with its tree of reasons. Starts from forbidden; a rule has to lift it. */
import type { ResourceId, RoleId } from './access.ts';
import {
  isInForce,
  owns,
  type Policy,
  type Reference,
  type Resource,
  type Role,
  type Rule,
  refersToPerson,
  resourceById,
  roleOf,
} from './policy.ts';
import { nameOf, type Principal, samePrincipal } from './principal.ts';
import { type Asking, candidates, satisfiable } from './quorum.ts';
import { allOf, anyOf, leaf, type Reason } from './reason.ts';

/** May this requester ask, for this subject, for this role of this resource? */
export interface Question extends Asking {
  readonly resource: ResourceId;
  readonly role: RoleId;
}

interface Lifted {
  readonly rule: Rule;
  readonly resource: Resource;
  readonly role: Role;
  readonly because: Reason;
}

export type Verdict =
  | { readonly kind: 'forbidden'; readonly because: Reason }
  /** A rule would let them ask, but its lines cannot be filled by distinct people who may decide. */
  | ({ readonly kind: 'nobody_can_approve' } & Lifted)
  | ({ readonly kind: 'needs_approval' } & Lifted)
  | ({ readonly kind: 'auto_approved' } & Lifted);

/** Judges a question by the first rule that matches. No rule: forbidden. Every verdict carries why. */
export function evaluate(policy: Policy, question: Question): Verdict {
  const resource = resourceById(policy, question.resource);
  const role = resource === undefined ? undefined : roleOf(resource, question.role);
  const standing = [
    leaf('subject_in_force', isInForce(policy, question.subject), nameOf(question.subject)),
    leaf('requester_in_force', isInForce(policy, question.requester), nameOf(question.requester)),
    leaf('requester_may_ask_for_subject', mayAskFor(policy, question), nameOf(question.subject)),
    ...(question.actor === undefined
      ? []
      : [leaf('actor_in_force', isInForce(policy, question.actor), nameOf(question.actor))]),
    leaf('resource_in_force', resource !== undefined, question.resource),
    leaf('role_exists', role !== undefined, question.role),
  ];
  const tried: Reason[] = [];
  const rule = firstMatching(policy, question, tried);
  const because = allOf('a_rule_matches', [...standing, anyOf('rule', tried)]);
  if (!because.met || rule === undefined || resource === undefined || role === undefined)
    return { kind: 'forbidden', because };
  const lifted = { rule, resource, role, because };
  // Step-up needs a person who signs in: where nobody is asked nobody could, so it is not given.
  if (rule.effect === 'auto_approve' && !wantsStepUp(rule, resource)) return { kind: 'auto_approved', ...lifted };
  const lines = lineReasons(policy, question, rule);
  const explained = { ...lifted, because: { ...because, parts: [...because.parts, lines] } };
  return { kind: lines.met ? 'needs_approval' : 'nobody_can_approve', ...explained };
}

/** Whether what this rule gives on this resource is approved only with a fresh sign-in. */
export function wantsStepUp(rule: Pick<Rule, 'stepUp'>, resource: Pick<Resource, 'stepUp'>): boolean {
  return rule.stepUp === true || resource.stepUp === true;
}

/** A principal may ask for itself; a person also for a workload they own. */
export function mayAskFor(policy: Policy, { requester, subject }: Pick<Question, 'requester' | 'subject'>): boolean {
  if (samePrincipal(requester, subject)) return true;
  return requester.kind === 'person' && subject.kind === 'workload' && owns(policy, requester.id, subject.id);
}

/** The first rule, in order, whose `who` includes the subject and that names resource and role. */
export function ruleFor(policy: Policy, subject: Principal, resource: ResourceId, role: RoleId): Rule | undefined {
  return policy.rules.find(
    (rule) => rule.resource === resource && rule.roles.includes(role) && includesSubject(policy, rule, subject),
  );
}

/** The enabled resource's roles that some rule gives this subject, in the resource's order. */
export function rolesWithin(policy: Policy, subject: Principal, resource: Resource): readonly Role[] {
  if (!resource.enabled || !isInForce(policy, subject)) return [];
  return resource.roles.filter((role) => ruleFor(policy, subject, resource.id, role.id) !== undefined);
}

function firstMatching(policy: Policy, question: Question, tried: Reason[]): Rule | undefined {
  for (const rule of policy.rules) {
    if (rule.resource !== question.resource) continue;
    const reason = allOf(
      'rule',
      [
        leaf('rule_names_role', rule.roles.includes(question.role), question.role),
        leaf('who_includes_subject', includesSubject(policy, rule, question.subject), nameOf(question.subject)),
      ],
      rule.id,
    );
    tried.push(reason);
    if (reason.met) return rule;
  }
  return undefined;
}

function includesSubject(policy: Policy, rule: Rule, subject: Principal): boolean {
  return rule.who.some((reference) => refersTo(policy, reference, subject));
}

function refersTo(policy: Policy, reference: Reference, principal: Principal): boolean {
  if (reference.kind === 'anyone') return isInForce(policy, principal);
  if (principal.kind === 'person') return refersToPerson(policy, reference, principal.id);
  return reference.kind === 'workload' && reference.id === principal.id;
}

function lineReasons(policy: Policy, question: Question, rule: Rule): Reason {
  const parts = rule.approvals.map((line, index) =>
    leaf('line_has_people', candidates(policy, question, line).length >= line.count, `${rule.id}#${index + 1}`),
  );
  return { ...allOf('lines_can_be_met', parts, rule.id), met: satisfiable(policy, question, rule.approvals) };
}
