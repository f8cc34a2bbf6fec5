/** People: recognised by what stays theirs, and known as starters only where tokens say who started a run. */
import { PRESETS, presetOf } from '@sallyport/core';
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

type PersonItem = Joined['people'][number];

export function checkPeople(joined: Joined): readonly PolicyIssue[] {
  const starters = starterClaims(joined);
  return joined.people.flatMap((item) => [...subjectStays(item), ...starts(item, starters)]);
}

/** Addresses are given to somebody else when their owner leaves. */
function subjectStays(item: PersonItem): readonly PolicyIssue[] {
  if (!item.value.subject?.sub.includes('@')) return [];
  const message =
    'looks like an e-mail address, which somebody else may have tomorrow; use the id the issuer never reuses';
  return [item.issueAt('advice', ['subject', 'sub'], message)];
}

function starts(item: PersonItem, starters: ReadonlyMap<string, string | undefined>): readonly PolicyIssue[] {
  return (item.value.starts_as ?? []).flatMap(({ issuer, id }, index) => {
    if (!starters.has(issuer)) return [];
    const claim = starters.get(issuer);
    if (claim === undefined) {
      return [
        item.issueAt('warning', ['starts_as', index, 'issuer'], `tokens of ${issuer} do not say who started a run`),
      ];
    }
    if (/^\d+$/.test(id)) return [];
    const message = `${claim} is a number written as a text, such as "583231": a name never matches`;
    return [item.issueAt('warning', ['starts_as', index, 'id'], message)];
  });
}

/** By the names of issuers: the claim that says who started a run, if any. */
function starterClaims({ issuers }: Joined): ReadonlyMap<string, string | undefined> {
  return new Map(
    issuers.map(({ value }) => {
      const { starter } = PRESETS[value.preset ?? presetOf(value.issuer)];
      return [value.name, value.kind === 'workload' ? starter : undefined];
    }),
  );
}
