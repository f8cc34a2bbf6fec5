/** Workloads: of an issuer that speaks for workloads, recognised by claims one can trust, and by no more than one at a time. */
import { type Issuer, type Json, type JsonObject, matches } from '@sallyport/core';
import { canonicalJson } from './canonical.ts';
import { checkMatch } from './check-match.ts';
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';
import { toIssuer } from './to-policy.ts';

type WorkloadItem = Joined['workloads'][number];

export function checkWorkloads(joined: Joined): readonly PolicyIssue[] {
  const issuers = new Map(joined.issuers.map((item) => [item.value.name, toIssuer(item.value)]));
  const ofEach = joined.workloads.flatMap((item) => {
    const issuer = issuers.get(item.value.issuer);
    return issuer === undefined ? [] : [...wrongKind(item, issuer), ...checkMatch(item, issuer.preset)];
  });
  return [...ofEach, ...overlaps(joined.workloads)];
}

function wrongKind(item: WorkloadItem, issuer: Issuer): readonly PolicyIssue[] {
  if (issuer.kind === 'workload') return [];
  return [item.issueAt('warning', ['issuer'], `${issuer.name} speaks for people: no token of it is ever a workload`)];
}

/** A token that matches two workloads stands for nobody. Equal matches are errors elsewhere. */
function overlaps(workloads: readonly WorkloadItem[]): readonly PolicyIssue[] {
  const byMember = byRarestMember(workloads);
  return workloads.flatMap((narrow) => {
    const candidates = members(narrow).flatMap((key) => byMember.get(key) ?? []);
    const wide = candidates.find((other) => other !== narrow && isWithin(other, narrow));
    if (wide === undefined) return [];
    const message = `whatever matches this also matches ${wide.value.id}, and then stands for nobody`;
    return [narrow.issueAt('warning', ['match'], message)];
  });
}

/** Each under one of its members, the one fewest others have: whoever is within another has that member too. */
function byRarestMember(workloads: readonly WorkloadItem[]): ReadonlyMap<string, readonly WorkloadItem[]> {
  const counts = new Map<string, number>();
  for (const item of workloads) for (const key of members(item)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const found = new Map<string, WorkloadItem[]>();
  for (const item of workloads) {
    const [rarest] = members(item).sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
    if (rarest === undefined) continue;
    const others = found.get(rarest);
    if (others === undefined) found.set(rarest, [item]);
    else others.push(item);
  }
  return found;
}

function isWithin(wide: WorkloadItem, narrow: WorkloadItem): boolean {
  const [a, b] = [wide.value, narrow.value];
  return a.issuer === b.issuer && matches(a.match as JsonObject, b.match) && !matches(b.match as JsonObject, a.match);
}

function members({ value }: WorkloadItem): string[] {
  return Object.entries(value.match).map(
    ([claim, wanted]) =>
      `${value.issuer}\0${claim}\0${typeof wanted === 'object' ? '' : canonicalJson(wanted as Json)}`,
  );
}
