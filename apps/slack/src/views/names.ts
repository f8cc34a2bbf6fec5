/** Owns what people, workloads, resources and lengths of time are called. Names come from the directory, never from Slack. */
import {
  type Access,
  type Detail,
  type Duration,
  inSeconds,
  type PersonId,
  type Policy,
  type Principal,
  type ResourceId,
  type Risk,
  type Role,
  scopeText,
  spellJson,
} from '@sallyport/core';
import { shown } from './limits.ts';
import { cut, oneLine } from './text.ts';

/** A person's name; the id where the directory no longer has them. */
export function personName(policy: Policy, id: PersonId): string {
  return short(policy.people.find((entry) => entry.id === id)?.name ?? id);
}

/** A person's name, or a workload's id. */
export function principalName(policy: Policy, principal: Principal): string {
  return principal.kind === 'person' ? personName(policy, principal.id) : short(principal.id);
}

/** "Alice Ahn (alice@acme.test)", "payments-deploy (workload)": for From and For, the only places with ids. */
export function principalWithId(policy: Policy, principal: Principal): string {
  if (principal.kind === 'workload') return `${short(principal.id)} (workload)`;
  const name = personName(policy, principal.id);
  return name === principal.id ? name : `${name} (${short(principal.id)})`;
}

/** A resource's name; the id where the policy no longer has it. */
export function resourceName(policy: Policy, id: ResourceId): string {
  return short(policy.resources.find((resource) => resource.id === id)?.name ?? id);
}

/** A resource's risk by the policy in force; what is no longer listed counts as high. */
export function riskOf(policy: Policy, id: ResourceId): Risk {
  return policy.resources.find((resource) => resource.id === id)?.risk ?? 'high';
}

/** "admin on Orders database (production)". */
export function what(policy: Policy, access: Access): string {
  return `${short(access.role)} on ${resourceName(policy, access.resource)}`;
}

/** What the role gives, in the policy's words; none where less than the whole role is asked: they would say too much. */
export function meaningOf(policy: Policy, access: Access): string | undefined {
  const role = roleIn(policy, access);
  if (role?.description === undefined || access.scopes.length < role.scopes.length) return undefined;
  return cut(oneLine(role.description), shown.detail);
}

/** " (only orders:read)" where the scopes are fewer than the role's; else empty. */
export function onlyText(policy: Policy, access: Access): string {
  const role = roleIn(policy, access);
  if (role === undefined || access.scopes.length >= role.scopes.length) return '';
  return ` (only ${cut(scopeText(access.scopes), shown.name)})`;
}

function roleIn(policy: Policy, { resource, role }: Access): Role | undefined {
  return policy.resources.find((one) => one.id === resource)?.roles.find((one) => one.id === role);
}

/** `orders {"tables":["orders"]}`: the type of a detail, and the rest as it was asked. */
export function detailText({ type, ...rest }: Detail): string {
  return `${type} ${spellJson(rest)}`;
}

export const RISK_TEXT: Readonly<Record<Risk, string>> = { low: 'Low risk', medium: 'Medium risk', high: 'High risk' };

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "30 minutes", "1 hour 30 minutes", "1 day". */
export function lengthText(length: Duration): string {
  let rest = inSeconds(length);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.join(' ') || '0 seconds';
}

/** "a", "a and b", "a, b and c". */
export function listText(items: readonly string[]): string {
  const last = items.at(-1);
  if (last === undefined) return '';
  return items.length === 1 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

function short(text: string): string {
  return cut(oneLine(text), shown.name);
}
