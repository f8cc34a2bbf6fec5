/** References that lead nowhere. Warnings: people, groups and resources leave, and a policy that says so must load. */
import type { LoginDocument, Section, SlackDocument } from './document.ts';
import type { Path, PolicyIssue } from './issue.ts';
import { type Item, type Joined, misfitKey } from './joined.ts';

/** Which kinds of reference mean somebody, by where they stand. */
const MEANT: Readonly<Record<'who' | 'from' | 'owners', readonly string[]>> = {
  who: ['anyone', 'group', 'person', 'workload'],
  from: ['anyone', 'group', 'person', 'manager'],
  owners: ['anyone', 'group', 'person'],
};

export function checkReferences(joined: Joined): readonly PolicyIssue[] {
  const look = makeLookup(joined);
  return [
    ...joined.clients.flatMap((item) =>
      (item.value.introspect ?? []).flatMap((id, index) => look.named(item, ['introspect', index], 'resources', id)),
    ),
    ...joined.people.flatMap((item) => ofPerson(item, look, joined)),
    ...joined.workloads.flatMap((item) => [
      ...look.named(item, ['issuer'], 'issuers', item.value.issuer),
      ...look.references(item, ['owners'], 'owners', item.value.owners),
    ]),
    ...joined.rules.flatMap((item) => ofRule(item, look, joined)),
    ...(joined.login === undefined ? [] : ofLogin(joined.login, look, joined)),
    ...(joined.slack === undefined ? [] : ofSlack(joined.slack, joined)),
  ];
}

type Lookup = ReturnType<typeof makeLookup>;

function ofPerson(item: Joined['people'][number], look: Lookup, { issuers }: Joined): readonly PolicyIssue[] {
  const { id, manager, subject, starts_as: starts = [] } = item.value;
  const found: PolicyIssue[] = [];
  if (manager === id) found.push(item.issueAt('warning', ['manager'], 'nobody is their own manager'));
  if (manager !== undefined) found.push(...look.named(item, ['manager'], 'people', manager));
  found.push(...starts.flatMap((one, n) => look.named(item, ['starts_as', n, 'issuer'], 'issuers', one.issuer)));
  if (subject === undefined) return found;
  found.push(...look.named(item, ['subject', 'issuer'], 'issuers', subject.issuer));
  const issuer = issuers.find((one) => one.value.name === subject.issuer);
  if (issuer?.value.kind !== 'workload') return found;
  const message = `${subject.issuer} speaks for workloads: no token of it is ever a person`;
  return [...found, item.issueAt('warning', ['subject', 'issuer'], message)];
}

/** Without its issuer there is no signing in, as without `login`. With one that speaks for workloads the policy means something else than it says. */
function ofLogin(item: Item<LoginDocument>, look: Lookup, { issuers }: Joined): readonly PolicyIssue[] {
  const { issuer: name } = item.value;
  const issuer = issuers.find((one) => one.value.name === name);
  if (issuer?.value.kind !== 'workload') return look.named(item, ['issuer'], 'issuers', name);
  return [item.issueAt('error', ['issuer'], `${name} speaks for workloads: people sign in at a workforce issuer`)];
}

/** Allowed, and of no use for these resources: their cards fall back to where they could not be posted. */
function ofSlack(item: Item<SlackDocument>, { resources }: Joined): readonly PolicyIssue[] {
  const { fallback_channel: fallback } = item.value;
  const own = resources.filter(({ value }) => value.slack?.channel === fallback).map(({ value }) => value.id);
  if (own.length === 0) return [];
  const message = `is the own channel of ${own.slice(0, 3).join(', ')}${own.length > 3 ? ', …' : ''}: no other is tried for them`;
  return [item.issueAt('advice', ['fallback_channel'], message)];
}

function ofRule(item: Joined['rules'][number], look: Lookup, { resources }: Joined): readonly PolicyIssue[] {
  const { who, resource, roles = [], approvals = [], escalate = [] } = item.value;
  const found = [
    ...look.references(item, ['who'], 'who', who),
    ...look.named(item, ['resource'], 'resources', resource),
    ...approvals.flatMap((line, index) => look.references(item, ['approvals', index, 'from'], 'from', line.from)),
    ...escalate.flatMap((one, index) => look.references(item, ['escalate', index, 'to'], 'from', one.to)),
  ];
  const target = resources.find((one) => one.value.id === resource);
  if (target === undefined) return found;
  const known = new Set(target.value.roles?.map((role) => role.id));
  const strays = roles.flatMap((role, index) =>
    known.has(role) ? [] : [item.issueAt('warning', ['roles', index], `${resource} has no role ${role}`)],
  );
  return [...found, ...strays];
}

function makeLookup(joined: Joined) {
  const { misfits, people } = joined;
  const names: Partial<Record<Section, ReadonlySet<string>>> = {
    issuers: new Set(joined.issuers.map((item) => item.value.name)),
    people: new Set(people.map((item) => item.value.id)),
    workloads: new Set(joined.workloads.map((item) => item.value.id)),
    resources: new Set(joined.resources.map((item) => item.value.id)),
  };
  const groups = new Set(people.flatMap((item) => item.value.groups ?? []));
  const somePersonMisfits = [...misfits].some((key) => key.startsWith('people '));

  function named<T>(item: Item<T>, at: Path, section: Section, name: string): readonly PolicyIssue[] {
    if (names[section]?.has(name) || misfits.has(misfitKey(section, name))) return [];
    return [item.issueAt('warning', at, `nothing in ${section} is called ${name}`)];
  }

  function reference<T>(item: Item<T>, at: Path, where: keyof typeof MEANT, text: string): readonly PolicyIssue[] {
    const [kind = '', name = ''] = text.split(/:(.*)/s);
    if (!MEANT[where].includes(kind)) return [item.issueAt('warning', at, `${text} means nobody here`)];
    if (kind === 'person') return named(item, at, 'people', name);
    if (kind === 'workload') return named(item, at, 'workloads', name);
    if (kind !== 'group' || groups.has(name) || somePersonMisfits) return [];
    return [item.issueAt('warning', at, `nobody is in group ${name}`)];
  }

  function references<T>(item: Item<T>, at: Path, where: keyof typeof MEANT, texts: readonly string[] = []) {
    return texts.flatMap((text, index) => reference(item, [...at, index], where, text));
  }

  return { named, references };
}
