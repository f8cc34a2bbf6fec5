/** stillAllowed: whether the policy in force still lets this access be had. It may narrow what was approved, never widen. */
import { coversScopes } from './access.ts';
import { evaluate, mayAskFor, ruleFor, wantsStepUp } from './evaluate.ts';
import { isInForce, type Policy, type Resource, type Role, resourceById, roleOf } from './policy.ts';
import { nameOf } from './principal.ts';
import { leaf, type Reason } from './reason.ts';
import type { Refusal } from './refusal.ts';
import type { AccessRequest } from './request.ts';
import { err, ok, type Result } from './result.ts';

export interface Allowance {
  readonly resource: Resource;
  readonly role: Role;
}

/**
 * Looked at again at each decision and each exchange: subject, requester and actor in force, the requester still entitled to
 * ask for the subject, resource and role there with the same audience, the role still has the scopes, a rule still
 * lets the subject ask, and, where no person approved, still without asking. Refusal: policy_forbids, with the first thing that no longer holds.
 */
export function stillAllowed(policy: Policy, request: AccessRequest): Result<Allowance, Refusal> {
  const { subject, requester, actor, access } = request;
  const resource = resourceById(policy, access.resource);
  const role = resource === undefined ? undefined : roleOf(resource, access.role);
  if (resource === undefined || resource.audience !== access.audience)
    return no(leaf('resource_in_force', false, access.resource));
  if (role === undefined) return no(leaf('role_exists', false, access.role));
  if (!coversScopes(role.scopes, access.scopes)) return no(leaf('scopes_in_role', false, access.role));
  if (!isInForce(policy, subject)) return no(leaf('subject_in_force', false, nameOf(subject)));
  if (!isInForce(policy, requester)) return no(leaf('requester_in_force', false, nameOf(requester)));
  if (actor !== undefined && !isInForce(policy, actor)) return no(leaf('actor_in_force', false, nameOf(actor)));
  if (!mayAskFor(policy, request)) return no(leaf('requester_may_ask_for_subject', false, nameOf(subject)));
  const rule = ruleFor(policy, subject, access.resource, access.role);
  if (rule === undefined) {
    return no(evaluate(policy, { subject, requester, resource: access.resource, role: access.role }).because);
  }
  // What no person approved holds only while a rule still gives it without asking.
  const asksNobody = rule.effect === 'auto_approve' && !wantsStepUp(rule, resource);
  if (request.effect === 'auto_approve' && !asksNobody) return no(leaf('rule_still_auto_approves', false, rule.id));
  return ok({ resource, role });
}

function no(because: Reason): Result<never, Refusal> {
  return err({ code: 'policy_forbids', because });
}
