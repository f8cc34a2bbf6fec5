/** Names that must be one thing: ids, and everything somebody or something is recognised by. */
import type { Json } from '@sallyport/core';
import { canonicalJson } from './canonical.ts';
import type { Path, PolicyIssue } from './issue.ts';
import type { Item, Joined } from './joined.ts';

/** Errors, for two that look alike would be told apart by their order in a file. */
export function checkNames(joined: Joined): readonly PolicyIssue[] {
  const { issuers, clients, people, workloads, resources, rules } = joined;
  return [
    ...twice(issuers, ['name'], (issuer) => issuer.name),
    ...twice(issuers, ['issuer'], (issuer) => issuer.issuer),
    ...twice(clients, ['id'], (client) => client.id),
    ...twice(people, ['id'], (person) => person.id),
    ...twice(people, ['subject'], ({ subject }) => subject && pair(subject.issuer, subject.sub)),
    ...twice(people, ['slack'], ({ slack }) => slack && pair(slack.team, slack.user)),
    ...twice(people.flatMap(startersOf), [], ({ issuer, id }) => pair(issuer, id)),
    ...twice(workloads, ['id'], (workload) => workload.id),
    ...twice(workloads, ['match'], (workload) => pair(workload.issuer, canonicalJson(workload.match as Json))),
    ...twice(resources, ['id'], (resource) => resource.id),
    ...twice(resources, ['audience'], (resource) => resource.audience),
    ...twice(rules, ['id'], (rule) => rule.id),
    ...resources.flatMap(rolesTwice),
  ];
}

/** Each of a person's ids at CI systems, as an item of its own. */
function startersOf(
  person: Joined['people'][number],
): readonly Item<{ readonly issuer: string; readonly id: string }>[] {
  return (person.value.starts_as ?? []).map((value, index) => ({
    value,
    issueAt: (severity, path, message) => person.issueAt(severity, ['starts_as', index, ...path], message),
  }));
}

function rolesTwice(resource: Joined['resources'][number]): readonly PolicyIssue[] {
  const seen = new Set<string>();
  return (resource.value.roles ?? []).flatMap((role, index) => {
    if (!seen.has(role.id)) {
      seen.add(role.id);
      return [];
    }
    return [resource.issueAt('error', ['roles', index, 'id'], `the role ${role.id} is here twice`)];
  });
}

function twice<T>(items: readonly Item<T>[], at: Path, nameOf: (value: T) => string | undefined) {
  const first = new Map<string, Item<T>>();
  return items.flatMap((item) => {
    const name = nameOf(item.value);
    const earlier = name === undefined ? undefined : first.get(name);
    if (name !== undefined && earlier === undefined) first.set(name, item);
    if (earlier === undefined) return [];
    const where = earlier.issueAt('error', at, '');
    return [item.issueAt('error', at, `the same as ${where.path} (${where.file}:${where.line})`)];
  });
}

/** Two texts as one key: neither can hold the separator. */
function pair(a: string, b: string): string {
  return `${a}\0${b}`;
}
