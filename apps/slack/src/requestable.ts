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

/** Kept while a version of the policy is: a search is asked for with every key. */
const kept = new WeakMap<Policy, Map<PersonId, readonly Requestable[]>>();
const KEPT_PEOPLE_MAX = 200;

/** Everything this person may ask for, in the policy's order. */
export function requestables(policy: Policy, id: PersonId): readonly Requestable[] {
  const people = kept.get(policy) ?? new Map<PersonId, readonly Requestable[]>();
  const known = people.get(id);
  if (known !== undefined) return known;
  const found = computed(policy, id);
  if (people.size >= KEPT_PEOPLE_MAX) people.clear();
  kept.set(policy, people.set(id, found));
  return found;
}

function computed(policy: Policy, id: PersonId): readonly Requestable[] {
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

/** Requestable resources with every typed word in id, name or description; those that begin so first. */
export function matching(all: readonly Requestable[], typed: string, limitMax: number): readonly Requestable[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = all.filter(({ resource: { id, name, description = '' } }) => {
    const text = `${id}\n${name}\n${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = ({ resource }: Requestable): boolean =>
    [resource.id, resource.name].some((text) => text.toLowerCase().startsWith(words[0] ?? ''));
  return [...found.filter(begins), ...found.filter((one) => !begins(one))].slice(0, limitMax);
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
