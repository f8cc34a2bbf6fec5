/** Who decides in whose place, and who is told when nobody decides: people there are, times that pass, no circles. */
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

type DelegationItem = Joined['delegations'][number];
const DAY_MS = 24 * 60 * 60_000;
const LONGEST_DAYS = 90;

export function checkDelegations({ delegations, people }: Joined): readonly PolicyIssue[] {
  const known = new Set(people.map((item) => item.value.id));
  return delegations.flatMap((item) => [...ofPeople(item, known), ...inTime(item)]);
}

function ofPeople(item: DelegationItem, known: ReadonlySet<string>): readonly PolicyIssue[] {
  const { from, to } = item.value;
  if (from === to) return [item.issueAt('error', ['to'], 'nobody stands in for themselves')];
  return (['from', 'to'] as const).flatMap((member) =>
    known.has(item.value[member])
      ? []
      : [item.issueAt('warning', [member], `nothing in people is called ${item.value[member]}`)],
  );
}

/** Standing in for somebody for ever is a change of the policy, not of a calendar. */
function inTime(item: DelegationItem): readonly PolicyIssue[] {
  const { starts, ends } = item.value;
  const length = Date.parse(ends) - Date.parse(starts);
  if (length <= 0) return [item.issueAt('error', ['ends'], 'ends before it starts')];
  if (length <= LONGEST_DAYS * DAY_MS) return [];
  return [item.issueAt('warning', ['ends'], `longer than ${LONGEST_DAYS} days: change the approval lines instead`)];
}
