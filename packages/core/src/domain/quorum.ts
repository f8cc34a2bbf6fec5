/** Quorum: who may fill which approval line, and whether distinct people fill them all. */
import { type ApprovalLine, managersOf, type PersonEntry, type Policy, type Reference } from './policy.ts';
import { type PersonId, type Principal, person, samePrincipal } from './principal.ts';

/** For whom and by whom: the people of a request who never count as its approvers. */
export interface Asking {
  readonly subject: Principal;
  readonly requester: Principal;
  /** Who acts for the subject, if somebody does. */
  readonly actor?: Principal;
  /** Who started the run that asks, where its token names them. */
  readonly startedBy?: PersonId;
}

/** Somebody's approval, and the indexes of the lines they could fill when they clicked. */
export interface Approval {
  readonly person: PersonId;
  readonly lines: readonly number[];
}

export interface Tally {
  /** Places in all lines together. */
  readonly required: number;
  /** Places filled by distinct people. */
  readonly given: number;
  readonly met: boolean;
  /** Places still open, by line. */
  readonly open: readonly number[];
}

/** Whether a person is the requester, the subject, the actor, or started the run: they never decide their own request. */
export function isOwn({ subject, requester, actor, startedBy }: Asking, id: PersonId): boolean {
  const own = [subject, requester, ...(actor === undefined ? [] : [actor])];
  return startedBy === id || own.some((one) => samePrincipal(one, person(id)));
}

/**
 * The people who may fill a place of this line, by the policy in force: listed, enabled and not asking.
 * One pass over the directory, however large.
 */
export function candidates(policy: Policy, asking: Asking, line: ApprovalLine): readonly PersonId[] {
  const groups = new Set(line.from.flatMap((reference) => (reference.kind === 'group' ? [reference.name] : [])));
  const named = new Set(line.from.flatMap((reference) => namedBy(policy, asking, reference)));
  const anyone = line.from.some((reference) => reference.kind === 'anyone');
  const fits = (entry: PersonEntry): boolean =>
    anyone || named.has(entry.id) || entry.groups.some((group) => groups.has(group));
  return policy.people
    .filter((entry) => entry.enabled && fits(entry) && !isOwn(asking, entry.id))
    .map((entry) => entry.id);
}

function namedBy(policy: Policy, asking: Asking, reference: Reference): readonly PersonId[] {
  if (reference.kind === 'person') return [reference.id];
  if (reference.kind !== 'manager') return [];
  return managersOf(policy, asking.subject, asking.requester).map((manager) => manager.id);
}

/** The indexes of the lines a person may fill; empty: not an approver. */
export function eligibleLines(
  policy: Policy,
  asking: Asking,
  lines: readonly ApprovalLine[],
  id: PersonId,
): readonly number[] {
  return lines.flatMap((line, index) => (candidates(policy, asking, line).includes(id) ? [index] : []));
}

/** Everybody who could decide on these lines and which they could fill, in the directory's order. */
function everyApproval(policy: Policy, asking: Asking, lines: readonly ApprovalLine[]): readonly Approval[] {
  const byLine = lines.map((line) => new Set(candidates(policy, asking, line)));
  return policy.people.flatMap(({ id }) => {
    const fits = byLine.flatMap((people, index) => (people.has(id) ? [index] : []));
    return fits.length === 0 ? [] : [{ person: id, lines: fits }];
  });
}

/** Everybody who could decide on these lines, without duplicates, in the directory's order. */
export function approversOf(policy: Policy, asking: Asking, lines: readonly ApprovalLine[]): readonly PersonId[] {
  return everyApproval(policy, asking, lines).map((approval) => approval.person);
}

/** Whether distinct people could fill every place. No lines: nobody, so no. */
export function satisfiable(policy: Policy, asking: Asking, lines: readonly ApprovalLine[]): boolean {
  return tally(lines, everyApproval(policy, asking, lines)).met;
}

/**
 * Counts approvals against the lines. One person fills at most one place, whichever helps most
 * (a maximum matching of people and places), so the order of clicks never matters. No lines: never met.
 */
export function tally(lines: readonly ApprovalLine[], approvals: readonly Approval[]): Tally {
  const { places, holder } = seated(lines, approvals);
  const open = lines.map(
    (_, index) => places.filter((line, place) => line === index && holder[place] === undefined).length,
  );
  const given = holder.filter((who) => who !== undefined).length;
  return { required: places.length, given, met: places.length > 0 && given === places.length, open };
}

/** Who fills which line, by the same matching as `tally`: one list of people for each line. */
export function seating(
  lines: readonly ApprovalLine[],
  approvals: readonly Approval[],
): readonly (readonly PersonId[])[] {
  const { places, holder } = seated(lines, approvals);
  return lines.map((_, index) => places.flatMap((line, place) => (line === index ? (holder[place] ?? []) : [])));
}

/** Seats everybody who finds a place: the line of each place, and who holds it. */
function seated(lines: readonly ApprovalLine[], approvals: readonly Approval[]) {
  const places = lines.flatMap((line, index) => Array.from({ length: line.count }, () => index));
  const distinct = [...new Map(approvals.map((approval) => [approval.person, approval])).values()];
  const taken: (number | undefined)[] = places.map(() => undefined);
  distinct.forEach((_, who) => {
    seat(who, distinct, places, taken, new Set());
  });
  const holder = taken.map((who) => (who === undefined ? undefined : distinct[who]?.person));
  return { places, holder };
}

/** One augmenting path (Kuhn): seats `who`, moving others to places they also fit, or reports that nobody can move. */
function seat(
  who: number,
  people: readonly Approval[],
  places: readonly number[],
  holder: (number | undefined)[],
  tried: Set<number>,
): boolean {
  return places.some((line, place) => {
    if (tried.has(place) || !(people[who]?.lines.includes(line) ?? false)) return false;
    tried.add(place);
    const sitting = holder[place];
    if (sitting !== undefined && !seat(sitting, people, places, holder, tried)) return false;
    holder[place] = who;
    return true;
  });
}
