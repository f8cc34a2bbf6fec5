/** Owns what a person may ask for, for themselves or a workload they own, by the policy in memory. */
import {
  type Duration,
  evaluate,
  isInForce,
  type PersonId,
  type Policy,
  type Principal,
  person,
  type Resource,
  type Role,
  rolesWithin,
  type Verdict,
  workload,
  workloadsOwnedBy,
} from '@sallyport/core';

/** A resource and the roles of it that this person may ask for, for some subject. */
export interface Requestable {
  readonly resource: Resource;
  readonly roles: readonly Role[];
}

/** The person, then the workloads they own that are in force. */
export function subjectsOf(policy: Policy, id: PersonId): readonly Principal[] {
  const owned = workloadsOwnedBy(policy, id).map((entry) => workload(entry.id));
  return [person(id), ...owned].filter((subject) => isInForce(policy, subject));
}

/** Everything this person may ask for, in the policy's order. */
export function requestables(policy: Policy, id: PersonId): readonly Requestable[] {
  const subjects = subjectsOf(policy, id);
  return policy.resources.flatMap((resource) => {
    const roles = rolesFor(policy, subjects, resource);
    return roles.length === 0 ? [] : [{ resource, roles }];
  });
}

/** The roles of a resource that some of these subjects may have. */
export function rolesFor(policy: Policy, subjects: readonly Principal[], resource: Resource): readonly Role[] {
  const allowed = new Set(subjects.flatMap((subject) => rolesWithin(policy, subject, resource).map((role) => role.id)));
  return resource.roles.filter((role) => allowed.has(role.id));
}

/** The longest any of these roles may be asked for. */
export function longest(roles: readonly Role[]): Duration | undefined {
  return roles.map((role) => role.maxDuration).toSorted((a, b) => b - a)[0];
}

/** The evaluation that will decide, once resource, role and subject are known. */
export function outlook(
  policy: Policy,
  requester: PersonId,
  ask: { readonly resource: Resource; readonly role: Role; readonly subject: Principal },
): Verdict {
  const { resource, role, subject } = ask;
  return evaluate(policy, { requester: person(requester), subject, resource: resource.id, role: role.id });
}

/** Requestable resources whose id or name contains the typed text. */
export function matching(all: readonly Requestable[], typed: string, limitMax: number): readonly Requestable[] {
  const wanted = typed.trim().toLowerCase();
  const found = all.filter(
    ({ resource }) => resource.id.toLowerCase().includes(wanted) || resource.name.toLowerCase().includes(wanted),
  );
  return found.slice(0, limitMax);
}

/** The requestable resource whose id is nearest to a mistyped one, if any is near. */
export function nearest(all: readonly Requestable[], typed: string): string | undefined {
  const ranked = all
    .map(({ resource }) => ({ id: resource.id, far: distance(typed.toLowerCase(), resource.id.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= Math.max(3, Math.ceil(typed.length * 0.7)) ? best.id : undefined;
}

/** Levenshtein distance of two short texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
